#include "client/mixed.hpp"

#include "client/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace kith::bench {
namespace {

constexpr std::array<std::uint32_t, 8> circle_sizes{5, 8, 12, 20, 40, 80, 200, 500};
constexpr std::uint32_t neighbours = 8;  // whom one writes to

}  // namespace

Mixed::Mixed(Run& run, unsigned thread)
    : Scenario(run, thread),
      share_(Share::of(options().connections, thread, run.threads)),
      talk_(run, loop_, tally_),
      random_(thread + 1),
      is_away_(share_.count) {
  create(share_.count, share_.first);
  if (share_.count > 1) plan_circles();
}

void Mixed::plan_circles() {
  std::uint64_t places = 0;
  for (std::size_t i = 0; places < std::uint64_t{groups_each} * share_.count; ++i) {
    const std::uint32_t size = std::min(circle_sizes[i % circle_sizes.size()], share_.count);
    Circle circle;
    // Neighbours at a distance: `step` has no divisor in common with the number of users.
    std::uint32_t step = 1 + roll(share_.count - 1);
    while (std::gcd(step, share_.count) != 1)
      step = step % share_.count + 1;
    for (std::uint64_t at = roll(share_.count); circle.members.size() < size; at += step)
      circle.members.push_back(static_cast<std::uint32_t>(at % share_.count));
    circle.conversation = talk_.add_conversation(Audience::of(circle.members));
    circles_.push_back(std::move(circle));
    places += size;
  }
}

std::string Mixed::prepare() {
  std::vector<Group> groups(circles_.size());
  for (std::size_t i = 0; i < circles_.size(); ++i) {
    groups[i].external_id = circle_name(i);
    for (const std::uint32_t user : circles_[i].members)
      groups[i].members.push_back(user_name(user));
  }
  return make_groups(groups, false);
}

void Mixed::run() {
  if (!connect_all()) conductor().stop();
  returning_ = true;
  conductor().meet(loop_);
  const std::int64_t began = now_ns();
  const bool talks = share_.count > 1;
  const double rate = options().rate > 0 ? options().rate : 1;
  messages_ = Schedule(rate / run_.threads, began);
  departures_ = Schedule(std::max(1e-6, double(options().reconnects) / run_.threads), began);
  const auto next = [&] { return talks ? turn() : turn_ns; };
  go_on(began + to_ns(options().warmup_s), next);
  begin_measuring();
  go_on(now_ns() + to_ns(options().seconds), next);
  end_measuring();
  drain([this] { return away_ == 0 && talk_.settled(); });
  conductor().meet(loop_);
  ending_ = true;
  talk_.judge();
}

std::int64_t Mixed::turn() {
  const std::int64_t now = now_ns();
  for (; messages_.due_ns() <= now; messages_.next())
    say_something(messages_.due_ns());
  for (; options().reconnects > 0 && departures_.due_ns() <= now; departures_.next())
    go_away();
  return messages_.sleep_ns(now);
}

std::uint32_t Mixed::direct_stream(std::uint32_t user) {
  const std::uint32_t other =
      (user + 1 + roll(std::min(neighbours, share_.count - 1))) % share_.count;
  const auto both = std::minmax(user, other);
  auto [found, is_new] = direct_.try_emplace({both.first, both.second});
  if (is_new) found->second = talk_.add_conversation(Audience::of({user, other}));
  auto [stream, is_first] = streams_.try_emplace({found->second, user});
  if (is_first) stream->second = talk_.add_stream(found->second, user, to_user(other));
  return stream->second;
}

std::uint32_t Mixed::circle_stream(std::uint32_t& user) {
  const std::uint32_t i = roll(static_cast<std::uint32_t>(circles_.size()));
  const Circle& circle = circles_[i];
  user = circle.members[roll(static_cast<std::uint32_t>(circle.members.size()))];
  auto [stream, is_first] = streams_.try_emplace({circle.conversation, user});
  if (is_first)
    stream->second = talk_.add_stream(circle.conversation, user, to_group(circle_name(i)));
  return stream->second;
}

void Mixed::say_something(std::int64_t due_ns) {
  std::uint32_t user = roll(share_.count);
  // Whoever is away says nothing: the next one does.
  while (away_ < share_.count && !loop_.at(user).is_ready())
    user = (user + 1) % share_.count;
  const std::uint32_t stream =
      roll(100) < direct_percent ? direct_stream(user) : circle_stream(user);
  Connection& connection = loop_.at(user);
  if (roll(100) < typing_percent) talk_.type(stream);
  if (connection.pending.open() >= in_flight_max || !talk_.send(stream, due_ns)) {
    if (connection.is_ready()) ++tally_.not_sent;
  }
}

void Mixed::go_away() {
  Connection& connection = loop_.at(roll(share_.count));
  if (!connection.is_ready()) return;
  loop_.cut(connection);
  note_away(connection.index);
  loop_.connect(connection.index, away_ns);
}

void Mixed::note_away(std::uint32_t user) {
  if (is_away_[user]) return;
  is_away_[user] = true;
  ++away_;
}

void Mixed::ask(Connection& connection, std::string_view event, std::string_view body) {
  scratch_.clear();
  begin_event(scratch_, event, connection.pending.push({now_ns(), 0, 0, Asked::Kind::other}));
  scratch_ += body;
  scratch_ += ']';
  loop_.send_text(connection, scratch_);
}

void Mixed::receipt(Connection& connection, std::string_view message) {
  const std::string_view cid = text_field(message, "cid");
  const std::int64_t seq = number_field(message, "seq");
  if (cid.empty() || seq < 0 || connection.pending.open() >= in_flight_max) return;
  ask(connection,
      roll(2) == 0 ? "receipt.read" : "receipt.delivered",
      fmt::format("{{\"cursors\":[{{\"cid\":\"{}\",\"seq\":{}}}]}}", cid, seq));
}

void Mixed::on_ready(Connection& connection, std::int64_t now) {
  Scenario::on_ready(connection, now);
  if (is_away_[connection.index]) {
    is_away_[connection.index] = false;
    --away_;
    talk_.send_open_again(connection);
  }
  std::string users;
  for (std::uint32_t i = 1; i <= std::min(neighbours, share_.count - 1); ++i)
    users += (i > 1 ? "," : "") + json_quoted(user_name((connection.index + i) % share_.count));
  ask(connection, "presence.subscribe", "{\"users\":[" + users + "]}");
}

void Mixed::on_closed(Connection& connection, std::string_view reason) {
  if (!returning_ || ending_) return Scenario::on_closed(connection, reason);
  // Refused when coming back, or ended by the server: it comes back as any client does.
  if (connection.retry_after_s > 0) {
    ++tally_.paced;
  } else {
    ++tally_.closed_early;
    tally_.note_problem(reason);
  }
  note_away(connection.index);
  loop_.connect(connection.index, std::max(away_ns, connection.retry_after_s * second_ns));
}

void Mixed::on_event(Connection& connection, const Packet& packet, std::int64_t now) {
  if (packet.name != "message.new") return talk_.on_other(packet);
  if (talk_.on_message(connection, packet.body, now) && roll(100) < receipt_percent)
    receipt(connection, packet.body);
}

void Mixed::on_ack(Connection& connection, const Packet& packet, std::int64_t now) {
  const auto asked = connection.pending.take(static_cast<std::uint32_t>(packet.ack));
  if (!asked || talk_.on_ack(*asked, packet, now) || is_ok(packet.body)) return;
  const std::string_view code = text_field(packet.body, "code");
  if (code == "unknown_event") {
    ++tally_.not_offered;
  } else {
    Tally::note(tally_.errors, code.empty() ? "no code" : code);
  }
}

std::string Mixed::progress() const {
  return fmt::format("{} sent, {} acked, {} delivered, {} away",
                     talk_.sent(),
                     talk_.acked(),
                     talk_.delivered(),
                     away_);
}

}  // namespace kith::bench
