#include "client/catchup.hpp"

#include <fmt/format.h>

namespace kith::bench {

Catchup::Catchup(Run& run, unsigned thread)
    : Scenario(run, thread),
      talk_(run, loop_, tally_),
      drive_(talk_, tally_, run.options),
      pairs_(Share::of(options().pairs, thread, run.threads)),
      devices_(Share::of(options().devices, thread, run.threads)),
      writer_(2 * pairs_.count) {
  create(2 * pairs_.count, 2 * pairs_.first, 1 + devices_.count);
  for (std::uint32_t user = 0; user < writer_; user += 2) {
    const std::uint32_t conversation = talk_.add_conversation(Audience::range(user, 2));
    drive_.add(talk_.add_stream(conversation, user, to_user(user + 1)));
  }
  if (devices_.count == 0) return;
  for (std::uint32_t i = 0; i * messages_each < options().messages; ++i) {
    const std::uint32_t conversation =
        talk_.add_conversation(Audience::range(device(0), devices_.count));
    streams_.push_back(talk_.add_stream(conversation, writer_, to_group(group_of(i)), false));
  }
}

std::string Catchup::prepare() {
  std::vector<Group> groups;
  for (std::uint32_t i = 0; i < streams_.size(); ++i) {
    Group group{group_of(i), {user_name(writer_)}};
    for (std::uint32_t d = 0; d < devices_.count; ++d)
      group.members.push_back(user_name(device(d)));
    groups.push_back(std::move(group));
  }
  return make_groups(groups, false);
}

void Catchup::write() {
  if (streams_.empty()) return;
  to_send_ = options().messages;
  for (std::uint32_t i = 0; i < writer_window; ++i)
    send_next();
  wait(options().connect_timeout_s, [this] { return talk_.acked() >= options().messages; });
}

void Catchup::send_next() {
  if (to_send_ == 0) return;
  --to_send_;
  talk_.send(streams_[to_send_ % streams_.size()], now_ns());
}

void Catchup::run() {
  if (!connect_some(0, writer_ + 1)) conductor().stop();
  write();
  conductor().meet(loop_);
  const std::int64_t began = now_ns();
  drive_.start(began, run_.threads);
  go_on(began + to_ns(options().warmup_s), [this] { return drive_.turn(); });
  begin_measuring();
  next_ = 0;
  give_to_next();
  const std::int64_t until_ns = now_ns() + to_ns(options().connect_timeout_s);
  while (next_ < devices_.count && now_ns() < until_ns && !conductor().stopped())
    go_on(now_ns() + turn_ns, [this] { return drive_.turn(); });
  end_measuring();
  drive_.stop();
  drain([this] { return talk_.settled(); });
  conductor().meet(loop_);
  ending_ = true;
  talk_.judge();
}

void Catchup::give_to_next() {
  given_ = 0;
  began_ns_ = now_ns();
  if (next_ < devices_.count) loop_.connect(device(next_));
}

void Catchup::on_event(Connection& connection, const Packet& packet, std::int64_t now) {
  if (packet.name != "message.new") return talk_.on_other(packet);
  const auto stream = talk_.on_message(connection, packet.body, now);
  if (!stream) return;
  if (connection.index <= writer_) return drive_.credit(*stream);
  if (connection.index != device(next_) || ++given_ < options().messages) return;
  tally_.catchup.add(now - began_ns_);
  ++next_;
  loop_.cut(connection);
  give_to_next();
}

void Catchup::on_ack(Connection& connection, const Packet& packet, std::int64_t now) {
  const auto asked = connection.pending.take(static_cast<std::uint32_t>(packet.ack));
  if (!asked || !talk_.on_ack(*asked, packet, now)) return;
  if (connection.index == writer_) return send_next();
  if (is_ok(packet.body)) {
    drive_.credit(asked->stream);
  } else {
    drive_.refused(asked->stream, now);
  }
}

std::string Catchup::progress() const {
  return fmt::format(
      "{} of {} devices have everything, {} delivered", next_, devices_.count, talk_.delivered());
}

}  // namespace kith::bench
