#include "client/storm.hpp"

#include <fmt/format.h>

namespace kith::bench {

Storm::Storm(Run& run, unsigned thread)
    : Scenario(run, thread),
      share_(Share::of(options().connections, thread, run.threads)),
      crowd_{options().tag, share_.first, share_.count, options().size},
      talk_(run, loop_, tally_) {
  const bool writes = options().messages > 0 && options().reconnects > 0;
  create(share_.count, share_.first, writes ? 1 : 0);
  for (std::uint32_t layer = 0; writes && layer < options().memberships; ++layer) {
    for (std::uint32_t group = 0; group < groups_of_layer(crowd_); ++group) {
      const std::uint32_t conversation =
          talk_.add_conversation(Audience::of(layer_members(crowd_, layer, group)));
      const std::string target = to_group(layer_group_name(crowd_, layer, group));
      streams_.push_back(talk_.add_stream(conversation, share_.count, target));
    }
  }
}

std::string Storm::prepare() {
  std::vector<Group> groups = make_layers(crowd_, 0, options().memberships);
  if (!streams_.empty())
    for (Group& group : groups)
      group.members.insert(group.members.begin(), user_name(share_.count));
  return make_groups(groups, false);
}

void Storm::run() {
  if (!streams_.empty()) connect_some(share_.count, share_.count + 1);
  connect_first();
  for (std::uint32_t round = 0; round < options().reconnects && !conductor().stopped(); ++round)
    come_back();
  conductor().meet(loop_);
  ending_ = true;
  talk_.judge();
}

void Storm::connect_first() {
  begin_measuring();
  const std::int64_t began = now_ns();
  if (!connect_some(0, share_.count)) conductor().stop();
  tally_.connecting_s = static_cast<double>(now_ns() - began) / 1e9;
  go_on(now_ns() + to_ns(linger_s));
  end_measuring();
}

void Storm::write_missed() {
  to_send_ = std::uint64_t{options().messages} * streams_.size();
  const std::uint64_t wanted = talk_.acked() + to_send_;
  for (std::uint32_t i = 0; i < writer_window; ++i)
    send_next();
  wait(options().drain_s, [&] { return talk_.acked() >= wanted; });
}

void Storm::send_next() {
  if (to_send_ == 0) return;
  --to_send_;
  talk_.send(streams_[to_send_ % streams_.size()], now_ns());
}

void Storm::come_back() {
  go_on(now_ns() + to_ns(settle_s));
  returning_ = true;
  for (std::uint32_t i = 0; i < share_.count; ++i)
    loop_.cut(loop_.at(i));
  go_on(now_ns() + to_ns(linger_s));
  if (!streams_.empty()) write_missed();
  conductor().meet(loop_);
  const std::uint64_t again = talk_.verifier().again();
  const std::int64_t began = now_ns();
  Round round;
  connect_some(0, share_.count);
  round.online_s = static_cast<double>(now_ns() - began) / 1e9;
  drain([this] { return talk_.settled(); });
  round.complete_s = static_cast<double>(now_ns() - began) / 1e9;
  round.again = talk_.verifier().again() - again;
  tally_.rounds.push_back(round);
}

void Storm::on_event(Connection& connection, const Packet& packet, std::int64_t now) {
  if (packet.name != "message.new") return talk_.on_other(packet);
  talk_.on_message(connection, packet.body, now);
}

void Storm::on_ack(Connection& connection, const Packet& packet, std::int64_t now) {
  const auto asked = connection.pending.take(static_cast<std::uint32_t>(packet.ack));
  if (asked && talk_.on_ack(*asked, packet, now)) send_next();
}

std::string Storm::progress() const {
  return fmt::format("{} rounds, {} delivered", tally_.rounds.size(), talk_.delivered());
}

}  // namespace kith::bench
