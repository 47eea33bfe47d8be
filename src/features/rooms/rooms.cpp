#include "features/rooms/rooms.hpp"

#include "base/assert.hpp"
#include "base/names.hpp"
#include "commands/arguments.hpp"
#include "wire/json/writer.hpp"
#include "wire/socketio/encode.hpp"

#include <algorithm>
#include <bit>

namespace kith::features::rooms {

using base::Errc;
using base::Fault;
using base::RoomKey;
using commands::Answer;
using commands::empty_answer;
using wire::engineio::OutMessage;
namespace limits = base::limits;

namespace {

// So many messages in so long are much: beyond, nearly each would be a turn of the reactor.
constexpr base::Duration sent_interval = std::chrono::milliseconds{8};
constexpr std::size_t sent_much = 16;
static_assert(ports::Reactor::pace_holds >= 2 * sent_interval);

constexpr Fault only_connected{Errc::validation_failed, "rooms are joined over a connection"};

base::Result<RoomKey> room_of(const commands::Caller& caller, commands::Value args) {
  const auto room = args.find("room");
  const auto text = room ? room->as_string() : std::nullopt;
  if (!text) return Fault{Errc::validation_failed, "`room` names the room: 1 to 128 bytes"};
  KITH_TRY(name, base::parse_room(*text));
  return RoomKey{caller.app, std::move(name)};
}

}  // namespace

Rooms::Rooms(delivery::Hub& hub, const RoomNetwork& network, RoomOptions options)
    : hub_(hub), network_(network), options_(options), local_(hub) {}

void Rooms::add_commands(commands::Table& table) {
  const auto bind = [this](auto method) {
    return [this, method](
               auto& /*context*/, const auto& caller, const auto& input, commands::Reply reply) {
      if (hub_.find_session(caller.origin.session) == nullptr) return reply(only_connected);
      (this->*method)(caller, input, std::move(reply));
    };
  };
  table.add("room.join", bind(&Rooms::join));
  table.add("room.leave", bind(&Rooms::leave));
  table.add("room.send", bind(&Rooms::send));
  table.take_attachments("room.send");
}

std::size_t Rooms::home_of(const RoomKey& key) const {
  return (base::KeyHash{}(key) >> 32) % network_.reactors.size();
}

bool Rooms::is_in(const RoomKey& key, std::uint64_t session) const {
  const auto it = sessions_.find(session);
  return it != sessions_.end() &&
         std::find(it->second.rooms.begin(), it->second.rooms.end(), key) != it->second.rooms.end();
}

// Its join is ahead of what it sends now, on the same way to the room's home.
bool Rooms::is_joining(const RoomKey& key, std::uint64_t session) const {
  const auto it = sessions_.find(session);
  return it != sessions_.end() &&
         std::any_of(it->second.joins.begin(), it->second.joins.end(), [&](const auto& join) {
           return join.wanted && join.room == key;
         });
}

// -----------------------------------------------------------------------------------------------------------------
// join

void Rooms::join(const commands::Caller& caller,
                 const commands::Input& input,
                 commands::Reply reply) {
  auto key = room_of(caller, input.args);
  if (key.has_error()) return reply(key.error());
  auto& membership = sessions_[caller.origin.session];
  const auto count = membership.rooms.size() + membership.joins.size();
  if (count >= limits::rooms_per_session_max && !is_in(*key, caller.origin.session))
    return reply(Fault{Errc::quota_exceeded, "a connection may be in 100 rooms: leave one first"});
  membership.joins.push_back({*key});
  const auto home = home_of(*key);
  Listener listener{caller.origin.session, caller.user};
  auto* there = network_.rooms[home];
  const auto here = hub_.reactor().index();
  if (home == here) return join_at_home(*key, listener, here, std::move(reply));
  network_.reactors[home]->post([there,
                                 key = std::move(*key),
                                 listener = std::move(listener),
                                 here,
                                 reply = std::move(reply)]() mutable {
    there->join_at_home(key, listener, here, std::move(reply));
  });
}

void Rooms::join_at_home(const RoomKey& key,
                         const Listener& listener,
                         std::size_t from,
                         commands::Reply reply) {
  auto joined = home_.join(key, listener.user, from);
  // The others are told before the new one hears anything: he has the roster.
  if (joined.has_value() && joined->first_of_user)
    fan_out(key, presence("room.joined", key, listener.user), {.sender = listener.session});
  auto* back = network_.rooms[from];
  auto finish =
      [back, key, listener, joined = std::move(joined), reply = std::move(reply)]() mutable {
        if (joined.has_error()) {
          back->end_join(key, listener.session);
          return reply(joined.error());
        }
        back->on_joined(key, listener, *joined, std::move(reply));
      };
  if (from == hub_.reactor().index()) return finish();
  network_.reactors[from]->post(std::move(finish));
}

Rooms::JoinEnd Rooms::end_join(const RoomKey& key, std::uint64_t session) {
  const auto membership = sessions_.find(session);
  if (membership == sessions_.end()) return JoinEnd::session_gone;
  auto& joins = membership->second.joins;
  const auto join = std::find_if(
      joins.begin(), joins.end(), [&](const auto& asked) { return asked.room == key; });
  KITH_ASSERT(join != joins.end());
  const bool wanted = join->wanted;
  joins.erase(join);
  return wanted && !is_in(key, session) ? JoinEnd::enter : JoinEnd::turn_back;
}

void Rooms::on_joined(const RoomKey& key,
                      const Listener& listener,
                      const RoomHome::Joined& joined,
                      commands::Reply reply) {
  const auto end = end_join(key, listener.session);
  if (end == JoinEnd::enter) {
    sessions_[listener.session].rooms.push_back(key);
    local_.enter(key, listener);
  } else {
    tell_home_left(key, listener.user);  // it counted him once too often
  }
  if (end == JoinEnd::session_gone)
    return reply(Fault{Errc::unavailable, "the connection has ended"});
  Answer answer;
  wire::json::Writer json{answer.data};
  json.begin_object().field("room", key.room.str()).key("users").begin_array();
  for (const auto& user : joined.roster)
    json.string(user.str());
  json.end_array().field("total", joined.total).end_object();
  reply(std::move(answer));
}

// ----------------------------------------------------------------------------------------------------------------
// leave

void Rooms::leave(const commands::Caller& caller,
                  const commands::Input& input,
                  commands::Reply reply) {
  const auto key = room_of(caller, input.args);
  if (key.has_error()) return reply(key.error());
  const auto membership = sessions_.find(caller.origin.session);
  bool left = false;
  if (membership != sessions_.end()) {
    for (auto& join : membership->second.joins)
      if (join.room == *key) left = std::exchange(join.wanted, false) || left;
    if (std::erase(membership->second.rooms, *key) > 0) {
      leave_here(*key, caller.origin.session);
      left = true;
    }
  }
  if (!left) return reply(Fault{Errc::not_member, "this connection is not in the room"});
  reply(empty_answer());
}

void Rooms::leave_here(const RoomKey& key, std::uint64_t session) {
  const auto user = local_.leave(key, session);
  KITH_ASSERT(user.has_value());
  tell_home_left(key, *user);
}

void Rooms::tell_home_left(const RoomKey& key, const base::UserId& user) {
  const auto home = home_of(key);
  auto* there = network_.rooms[home];
  const auto here = hub_.reactor().index();
  if (home == here) return leave_at_home(key, user, here);
  network_.reactors[home]->post(
      [there, key, user, here] { there->leave_at_home(key, user, here); });
}

void Rooms::leave_at_home(const RoomKey& key, const base::UserId& user, std::size_t from) {
  if (home_.leave(key, user, from)) fan_out(key, presence("room.left", key, user), {});
}

void Rooms::on_session_end(const commands::SessionInfo& session) {
  const auto membership = sessions_.find(session.id);
  if (membership == sessions_.end()) return;
  const auto rooms = std::move(membership->second.rooms);
  sessions_.erase(membership);
  for (const auto& key : rooms)
    leave_here(key, session.id);
}

// -----------------------------------------------------------------------------------------------------------------
// send

base::Result<Address> Rooms::address_of(const commands::Caller& caller, commands::Value args) {
  Address address{.sender = caller.origin.session};
  if (const auto echo = args.find("echo"); echo && !echo->is_null()) {
    if (!echo->is_bool()) return Fault{Errc::validation_failed, "`echo` is true or false"};
    address.echo = *echo->as_bool();
  }
  if (const auto to = args.find("to"); to && !to->is_null()) {
    KITH_TRY(user, base::parse_user(to->as_string().value_or("")));
    address.only = std::move(user);
  }
  return address;
}

base::Result<FramesPtr> Rooms::data_frames(const RoomKey& key,
                                           const base::UserId& from,
                                           const commands::Input& input) {
  const auto op = input.args.find("op");
  if (op && !op->is_null() && !op->is_number())
    return Fault{Errc::validation_failed, "`op` is a number"};
  OutMessage::Builder builder{OutMessage::Builder::Kind::text, 256};
  auto json = wire::socketio::begin_event(
      builder.buffer(), "room.data", {.attachments = input.attachments.size()});
  json.begin_object().field("room", key.room.str()).field("from", from.str());
  if (op && !op->is_null()) json.key("op").value(*op);
  json.key("data").value(input.args.find("data").value_or(commands::Value{}));
  json.end_object().end_array();
  auto frames = std::make_shared<Frames>();
  frames->add(std::move(builder).finish());
  for (const auto& attachment : input.attachments)
    frames->add(OutMessage::binary(attachment));
  return FramesPtr{std::move(frames)};
}

// A write to a socket, and being woken for a message, cost more than the message: those of a moment
// are read together, and what they bring to one socket is one write.
void Rooms::count_sent() {
  if (options_.gather == base::Duration::zero()) return;
  const auto now = hub_.reactor().clock().now();
  ++sent_;
  const auto since = now - sent_since_;
  if (since < sent_interval) return;
  const bool much = sent_ >= sent_much && since < 2 * sent_interval;
  sent_ = 0;
  sent_since_ = now;
  if (!much) return;
  hub_.reactor().pace(options_.gather);
  local_.gather(options_.gather, now + ports::Reactor::pace_holds);
}

void Rooms::send(const commands::Caller& caller,
                 const commands::Input& input,
                 commands::Reply reply) {
  const auto key = room_of(caller, input.args);
  if (key.has_error()) return reply(key.error());
  if (!is_in(*key, caller.origin.session) && !is_joining(*key, caller.origin.session))
    return reply(Fault{Errc::not_member, "join the room before you send to it"});
  count_sent();
  auto address = address_of(caller, input.args);
  if (address.has_error()) return reply(address.error());
  auto frames = data_frames(*key, caller.user, input);
  if (frames.has_error()) return reply(frames.error());
  // Nobody could take it: every outbox is as large as the sender's.
  if ((*frames)->bytes > hub_.find_session(caller.origin.session)->sink().outbox_bytes_max())
    return reply(Fault{Errc::too_large, "send less at once to a room"});
  const auto home = home_of(*key);
  auto* there = network_.rooms[home];
  base::Task task{[there, key = *key, frames = std::move(*frames), address = std::move(*address)] {
    there->fan_out(key, frames, address);
  }};
  if (home == hub_.reactor().index())
    task();
  else if (!network_.reactors[home]->try_post(task))
    return reply(Fault{Errc::overloaded, "the room's server is busy: send again", 100});
  reply(empty_answer());
}

void Rooms::fan_out(const RoomKey& key, const FramesPtr& frames, const Address& address) {
  for (auto left = home_.listeners(key); left != 0; left &= left - 1) {
    const auto listener = static_cast<std::size_t>(std::countr_zero(left));
    auto* there = network_.rooms[listener];
    base::Task task{[there, key, frames, address] { there->local_.deliver(key, frames, address); }};
    if (listener == hub_.reactor().index())
      task();
    else
      static_cast<void>(
          network_.reactors[listener]->try_post(task));  // ephemeral: a full mailbox drops it
  }
}

FramesPtr Rooms::presence(std::string_view event, const RoomKey& key, const base::UserId& user) {
  OutMessage::Builder builder{OutMessage::Builder::Kind::text, 128};
  auto json = wire::socketio::begin_event(builder.buffer(), event);
  json.begin_object()
      .field("room", key.room.str())
      .field("user", user.str())
      .end_object()
      .end_array();
  auto frames = std::make_shared<Frames>();
  frames->add(std::move(builder).finish());
  return frames;
}

}  // namespace kith::features::rooms
