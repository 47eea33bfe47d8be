#include "client/history.hpp"

#include "client/json_text.hpp"

#include <fmt/format.h>

#include <charconv>

namespace kith::bench {
namespace {

constexpr std::int64_t long_ns = 1'000'000'000;

}  // namespace

bool is_history_page(std::string_view answer, std::int64_t after, std::uint32_t limit) {
  constexpr std::string_view key = "\"seq\":";
  std::uint32_t count = 0;
  for (std::size_t at = answer.find(key); at != std::string_view::npos; at = answer.find(key, at)) {
    at += key.size();
    std::int64_t seq = 0;
    const auto [end, error] =
        std::from_chars(answer.data() + at, answer.data() + answer.size(), seq);
    if (error != std::errc{} || seq <= after) return false;
    after = seq;
    ++count;
  }
  return count == limit;
}

History::History(Run& run, unsigned thread)
    : Scenario(run, thread),
      share_(Share::of(options().connections, thread, run.threads)),
      name_(fills() ? options().tag + "history" : options().conversation),
      talk_(run, loop_, tally_),
      random_(thread + 1) {
  const bool writes = fills() && thread == 0;
  create(share_.count, share_.first, writes ? 1 : 0);
  writer_ = share_.count;
  if (!writes) return;
  // The readers are not verified as receivers: of so many messages they are given the newest and a
  // gap.
  const std::uint32_t conversation = talk_.add_conversation(Audience::range(writer_, 1));
  talk_.add_stream(conversation, writer_, to_group(name_));
}

std::string History::prepare() {
  if (!fills() || thread_ != 0) return {};
  Group group{name_, {user_name(writer_)}};
  for (std::uint32_t i = 0; i < options().connections; ++i)
    group.members.push_back(options().tag + "u" + std::to_string(i));
  return make_groups({group}, false);
}

void History::fill() {
  connect_some(writer_, writer_ + 1);
  to_send_ = options().messages;
  const std::uint64_t wanted = to_send_;
  for (std::uint32_t i = 0; i < fill_window && to_send_ > 0; ++i, --to_send_)
    talk_.send(0, now_ns());
  wait(fill_s_max, [&] { return talk_.acked() >= wanted || loop_.ready_count() == 0; });
}

bool History::ask_head() {
  Connection& connection = loop_.at(0);
  if (!connection.is_ready()) return false;
  scratch_.clear();
  begin_event(scratch_, "message.history", connection.pending.push({}));
  scratch_ += fmt::format("{{{},\"limit\":1}}]", to_group(name_));
  loop_.send_text(connection, scratch_);
  return wait(options().drain_s, [this] { return head_ >= 0; });
}

void History::run() {
  if (fills() && thread_ == 0) fill();
  conductor().meet(loop_);
  if (share_.count > 0 && (!connect_some(0, share_.count) || !ask_head())) {
    tally_.note_problem("the conversation can not be read");
    conductor().stop();
  }
  conductor().meet(loop_);
  reading_ = true;
  const std::int64_t began = now_ns();
  const bool closed = options().rate <= 0;
  if (!closed) schedule_ = Schedule(options().rate / run_.threads, began);
  for (std::uint32_t i = 0; closed && i < share_.count; ++i)
    if (loop_.at(i).is_ready()) ask_page(loop_.at(i), began);
  const auto turn = [&] { return closed ? long_ns : ask_due(); };
  go_on(began + to_ns(options().warmup_s), turn);
  begin_measuring();
  go_on(now_ns() + to_ns(options().seconds), turn);
  end_measuring();
  reading_ = false;
  conductor().meet(loop_);
  ending_ = true;
  for (std::uint32_t i = 0; i < share_.count; ++i)
    loop_.at(i).pending.clear();
  talk_.judge();
}

std::int64_t History::ask_due() {
  const std::int64_t now = now_ns();
  for (; schedule_.due_ns() <= now && share_.count > 0; schedule_.next()) {
    Connection& connection = loop_.at(static_cast<std::uint32_t>(schedule_.count() % share_.count));
    if (connection.is_ready() && !connection.pending.full()) {
      ask_page(connection, schedule_.due_ns());
    } else {
      ++tally_.not_sent;
    }
  }
  return schedule_.due_ns() - now;
}

void History::ask_page(Connection& connection, std::int64_t due_ns) {
  const auto places =
      static_cast<std::uint64_t>(std::max<std::int64_t>(1, head_ - options().limit));
  const auto after = static_cast<std::uint32_t>(random_.next_u64() % places);
  scratch_.clear();
  begin_event(
      scratch_, "message.history", connection.pending.push({due_ns, 0, after, Asked::Kind::page}));
  scratch_ +=
      fmt::format("{{{},\"after\":{},\"limit\":{}}}]", to_group(name_), after, options().limit);
  loop_.send_text(connection, scratch_);
}

void History::on_page(const Asked& asked, const Packet& packet, std::int64_t now) {
  ++pages_;
  if (!is_ok(packet.body)) {
    Tally::note(tally_.errors, text_field(packet.body, "code"));
  } else if (!is_history_page(packet.body, asked.number, options().limit)) {
    ++tally_.wrong_pages;
  }
  if (!tally_.measuring) return;
  ++tally_.pages;
  tally_.page.add(now - asked.due_ns);
}

void History::on_ack(Connection& connection, const Packet& packet, std::int64_t now) {
  const auto asked = connection.pending.take(static_cast<std::uint32_t>(packet.ack));
  if (!asked) return;
  if (talk_.on_ack(*asked, packet, now)) {
    if (to_send_ == 0) return;
    --to_send_;
    talk_.send(0, now);
  } else if (asked->kind == Asked::Kind::page) {
    on_page(*asked, packet, now);
    if (reading_ && options().rate <= 0) ask_page(connection, now);
  } else {
    head_ = std::max<std::int64_t>(0, number_field(packet.body, "head"));
  }
}

void History::on_event(Connection&, const Packet& packet, std::int64_t) {
  Tally::note(tally_.others, packet.name);
}

std::string History::progress() const {
  return reading_ ? fmt::format("{} pages", pages_) : fmt::format("{} stored", talk_.acked());
}

}  // namespace kith::bench
