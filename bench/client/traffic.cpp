#include "client/traffic.hpp"

#include <fmt/format.h>

namespace kith::bench {

Traffic::Traffic(Run& run, unsigned thread)
    : Scenario(run, thread), talk_(run, loop_, tally_), drive_(talk_, tally_, run.options) {
  if (options().scenario == ScenarioName::pairs) {
    plan_pairs();
  } else {
    plan_groups();
  }
}

void Traffic::plan_pairs() {
  share_ = Share::of(options().pairs, thread_, run_.threads);
  create(2 * share_.count,
         2 * share_.first,
         Share::of(options().bystanders, thread_, run_.threads).count);
  for (std::uint32_t user = 0; user < 2 * share_.count; user += 2) {
    const std::uint32_t conversation = talk_.add_conversation(Audience::range(user, 2));
    drive_.add(talk_.add_stream(conversation, user, to_user(user + 1)));
    if (options().duplex) drive_.add(talk_.add_stream(conversation, user + 1, to_user(user)));
  }
}

void Traffic::plan_groups() {
  share_ = Share::of(options().groups, thread_, run_.threads);
  const std::uint32_t size = options().size;
  create(share_.count * size, share_.first * size);
  for (std::uint32_t group = 0; group < share_.count; ++group) {
    const std::uint32_t first = group * size;
    const std::uint32_t conversation = talk_.add_conversation(Audience::range(first, size));
    const std::string target = to_group(group_name(share_.first + group));
    for (std::uint32_t i = 0; i < options().senders; ++i)
      drive_.add(talk_.add_stream(conversation, first + i, target));
  }
}

std::string Traffic::prepare() {
  if (options().scenario == ScenarioName::pairs) return {};
  std::vector<Group> groups(share_.count);
  for (std::uint32_t g = 0; g < share_.count; ++g) {
    groups[g].external_id = group_name(share_.first + g);
    for (std::uint32_t i = 0; i < options().size; ++i)
      groups[g].members.push_back(user_name(g * options().size + i));
  }
  return make_groups(groups, false);
}

void Traffic::run() {
  if (!connect_all()) conductor().stop();
  conductor().meet(loop_);
  const std::int64_t began = now_ns();
  drive_.start(began, run_.threads);
  const auto turn = [this] { return drive_.turn(); };
  go_on(began + to_ns(options().warmup_s), turn);
  begin_measuring();
  go_on(now_ns() + to_ns(options().seconds), turn);
  end_measuring();
  drive_.stop();
  drain([this] { return talk_.settled() || loop_.ready_count() == 0; });
  conductor().meet(loop_);
  ending_ = true;
  talk_.judge();
}

void Traffic::on_event(Connection& connection, const Packet& packet, std::int64_t now) {
  if (packet.name != "message.new") return talk_.on_other(packet);
  if (const auto stream = talk_.on_message(connection, packet.body, now)) drive_.credit(*stream);
}

void Traffic::on_ack(Connection& connection, const Packet& packet, std::int64_t now) {
  const auto asked = connection.pending.take(static_cast<std::uint32_t>(packet.ack));
  if (!asked || !talk_.on_ack(*asked, packet, now)) return;
  if (is_ok(packet.body)) {
    drive_.credit(asked->stream);
  } else {
    drive_.refused(asked->stream, now);
  }
}

std::string Traffic::progress() const {
  return fmt::format(
      "{} sent, {} acked, {} delivered", talk_.sent(), talk_.acked(), talk_.delivered());
}

}  // namespace kith::bench
