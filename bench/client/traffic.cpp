#include "client/traffic.hpp"

#include <fmt/format.h>

namespace kith::bench {

Traffic::Traffic(Run& run, unsigned thread) : Scenario(run, thread), talk_(run, loop_, tally_) {
  if (options().scenario == ScenarioName::pairs) {
    plan_pairs();
  } else {
    plan_groups();
  }
  waiting_.resize(streams_);
}

void Traffic::add_sender(std::uint32_t conversation, std::uint32_t user, std::string_view target) {
  talk_.add_stream(conversation, user, target);
  ++streams_;
}

void Traffic::plan_pairs() {
  share_ = Share::of(options().pairs, thread_, run_.threads);
  create(2 * share_.count, 2 * share_.first);
  for (std::uint32_t user = 0; user < 2 * share_.count; user += 2) {
    const std::uint32_t conversation = talk_.add_conversation(Audience::range(user, 2));
    const auto to = [&](std::uint32_t other) {
      return fmt::format("\"to\":\"{}\"", user_name(first_user_ + other));
    };
    add_sender(conversation, user, to(user + 1));
    if (options().duplex) add_sender(conversation, user + 1, to(user));
  }
}

void Traffic::plan_groups() {
  share_ = Share::of(options().groups, thread_, run_.threads);
  const std::uint32_t size = options().size;
  create(share_.count * size, share_.first * size);
  for (std::uint32_t group = 0; group < share_.count; ++group) {
    const std::uint32_t first = group * size;
    const std::uint32_t conversation = talk_.add_conversation(Audience::range(first, size));
    const std::string target =
        fmt::format("\"external_id\":\"{}\"", group_name(share_.first + group));
    for (std::uint32_t i = 0; i < options().senders; ++i)
      add_sender(conversation, first + i, target);
  }
}

std::string Traffic::prepare() {
  if (options().scenario == ScenarioName::pairs) return {};
  std::vector<Group> groups(share_.count);
  for (std::uint32_t g = 0; g < share_.count; ++g) {
    groups[g].external_id = group_name(share_.first + g);
    for (std::uint32_t i = 0; i < options().size; ++i)
      groups[g].members.push_back(user_name(first_user_ + g * options().size + i));
  }
  return make_groups(groups, false);
}

void Traffic::run() {
  if (!connect_all()) conductor().stop();
  conductor().meet(loop_);
  const std::int64_t begin = now_ns();
  sending_ = true;
  if (closed_loop()) {
    for (std::uint32_t stream = 0; stream < streams_; ++stream)
      fill(stream);
  } else {
    schedule_ = Schedule(options().rate / run_.threads, begin);
  }
  const auto turn = [this] { return closed_loop() ? turn_ns : send_due(); };
  go_on(begin + static_cast<std::int64_t>(options().warmup_s * 1e9), turn);
  conductor().meet(loop_, [this] { conductor().begin(); });
  tally_.measuring = true;
  go_on(now_ns() + static_cast<std::int64_t>(options().seconds * 1e9), turn);
  tally_.measuring = false;
  conductor().meet(loop_, [this] { conductor().end(); });
  sending_ = false;
  tally_.not_sent += waiting_count_;
  wait(options().drain_s, [this] { return talk_.settled() || loop_.ready_count() == 0; });
  conductor().meet(loop_);
  ending_ = true;
  talk_.judge();
}

void Traffic::fill(std::uint32_t stream) {
  while (talk_.in_flight(stream) < options().window && talk_.send(stream, now_ns())) {
  }
}

std::int64_t Traffic::send_due() {
  const std::int64_t now = now_ns();
  for (; schedule_.due_ns() <= now; schedule_.next()) {
    if (waiting_count_ >= waiting_max) {
      ++tally_.not_sent;
      continue;
    }
    const auto stream = static_cast<std::uint32_t>(schedule_.count() % streams_);
    waiting_[stream].push_back(schedule_.due_ns());
    ++waiting_count_;
    send_waiting(stream);
  }
  return schedule_.due_ns() - now;
}

void Traffic::send_waiting(std::uint32_t stream) {
  std::deque<std::int64_t>& waiting = waiting_[stream];
  while (!waiting.empty() && talk_.in_flight(stream) < open_loop_window &&
         talk_.send(stream, waiting.front())) {
    waiting.pop_front();
    --waiting_count_;
  }
}

void Traffic::on_event(Connection& connection, const Packet& packet, std::int64_t now) {
  if (packet.name != "message.new") return talk_.on_other(packet);
  const auto stream = talk_.on_message(connection, packet.body, now);
  if (!stream || !sending_) return;
  if (closed_loop()) {
    fill(*stream);
  } else if (!waiting_[*stream].empty()) {
    send_waiting(*stream);
  }
}

void Traffic::on_ack(Connection& connection, const Packet& packet, std::int64_t now) {
  const auto asked = connection.pending.take(static_cast<std::uint32_t>(packet.ack));
  if (!asked || !talk_.on_ack(*asked, packet, now) || !sending_) return;
  if (closed_loop()) {
    fill(asked->stream);
  } else if (!waiting_[asked->stream].empty()) {
    send_waiting(asked->stream);
  }
}

std::string Traffic::progress() const {
  return fmt::format("{} sent, {} acked, {} delivered", talk_.sent, talk_.acked, talk_.delivered);
}

}  // namespace kith::bench
