#include "client/room.hpp"

#include <fmt/format.h>

namespace kith::bench {
namespace {

constexpr std::int64_t long_ns = 1'000'000'000;

}  // namespace

Room::Room(Run& run, unsigned thread) : Scenario(run, thread), tick_ns_(second_ns / options().hz) {
  const std::uint32_t all = static_cast<std::uint32_t>(connections_of(options()));
  const std::uint32_t size = options().size;
  share_ = Share::of((all + size - 1) / size, thread, run.threads);
  const std::uint32_t first = share_.first * size;
  players_ = std::min(share_.count * size, all - std::min(all, first));
  create(players_, first);
  order_ = tick_order(players_, size, options().apart);
  for (std::uint32_t room = 0; room < share_.count; ++room) {
    const std::uint32_t from = room * size;
    const std::uint32_t count = std::min(size, players_ - from);
    const std::uint32_t conversation = verifier_.add_conversation(Audience::range(from, count));
    for (std::uint32_t player = from; player < from + count; ++player)
      verifier_.add_stream(conversation, player, false);
    events_.push_back(fmt::format(
        "451-[\"room.send\",{{\"room\":\"{}\",\"data\":{{\"_placeholder\":true,\"num\":0}}}}]",
        room_of(from)));
  }
}

std::vector<std::uint32_t> tick_order(std::uint32_t players, std::uint32_t size, bool apart) {
  std::vector<std::uint32_t> order;
  const std::uint32_t step = apart ? size : 1;
  for (std::uint32_t first = 0; first < step; ++first)
    for (std::uint32_t player = first; player < players; player += step)
      order.push_back(player);
  return order;
}

std::string Room::room_of(std::uint32_t player) const {
  return fmt::format("{}r{}", options().tag, share_.first + player / options().size);
}

bool Room::join_all() {
  for (std::uint32_t player = 0; player < players_; ++player) {
    Connection& connection = loop_.at(player);
    if (!connection.is_ready()) continue;
    scratch_.clear();
    begin_event(scratch_, "room.join", connection.pending.push({}));
    scratch_ += fmt::format("{{\"room\":\"{}\"}}]", room_of(player));
    loop_.send_text(connection, scratch_);
  }
  return wait(options().connect_timeout_s, [this] { return joined_ >= loop_.ready_count(); });
}

void Room::run() {
  if (!connect_all() || !join_all()) conductor().stop();
  conductor().meet(loop_);
  const std::int64_t began = now_ns();
  if (players_ > 0) schedule_ = Schedule(double(players_) * options().hz, began);
  const auto turn = [this] { return players_ > 0 ? send_due() : long_ns; };
  go_on(began + to_ns(options().warmup_s), turn);
  begin_measuring();
  go_on(now_ns() + to_ns(options().seconds), turn);
  end_measuring();
  drain([this] { return verifier_.settled(); });
  conductor().meet(loop_);
  ending_ = true;
  tally_.sums.add(verifier_.judge({}));
}

std::int64_t Room::send_due() {
  const std::int64_t now = now_ns();
  for (; schedule_.due_ns() <= now; schedule_.next())
    send_tick(order_[schedule_.count() % players_], schedule_.due_ns());
  return schedule_.due_ns() - now;
}

void Room::send_tick(std::uint32_t player, std::int64_t due_ns) {
  Connection& connection = loop_.at(player);
  if (!connection.is_ready()) {
    ++tally_.not_sent;
    return;
  }
  loop_.send_text(connection, events_[player / options().size]);
  scratch_.clear();
  run_.marker.append_binary(
      scratch_, {due_ns, player, verifier_.next_number(player)}, options().payload);
  loop_.send_binary(connection, scratch_);
  if (!tally_.measuring) return;
  ++tally_.sent;
  tally_.late.add(now_ns() - due_ns);
  tally_.ticks_due += verifier_.fan_out(player);
}

void Room::on_attachment(Connection& connection,
                         std::string_view,
                         std::string_view bytes,
                         std::int64_t now) {
  const auto mark = run_.marker.read_binary(bytes);
  if (!mark) return;
  const auto seen =
      verifier_.received(mark->stream, connection.index, connection.session, mark->number);
  if (seen != Verifier::Seen::first && seen != Verifier::Seen::reordered) return;
  ++delivered_;
  if (!tally_.measuring) return;
  ++tally_.delivered;
  tally_.delivery.add(now - mark->due_ns);
  if (now - mark->due_ns > tick_ns_) ++tally_.ticks_late;
}

void Room::on_event(Connection&, const Packet& packet, std::int64_t) {
  Tally::note(tally_.others, packet.name);
}

void Room::on_ack(Connection& connection, const Packet& packet, std::int64_t) {
  if (!connection.pending.take(static_cast<std::uint32_t>(packet.ack))) return;
  ++joined_;
  if (!is_ok(packet.body)) Tally::note(tally_.errors, text_field(packet.body, "code"));
}

std::string Room::progress() const {
  return fmt::format("{} delivered", delivered_);
}

}  // namespace kith::bench
