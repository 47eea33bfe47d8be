#pragma once

#include "base/ids.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// The records of chat. Plain values: rules stand beside them (rights.hpp, identity.hpp), storage
// behind ports/store.hpp.
namespace kith::domain {

using base::AppId;
using base::Cid;
using base::ClientId;
using base::ConversationKey;
using base::DeviceId;
using base::MessageId;
using base::No;
using base::Seq;
using base::UserId;
using base::UserKey;
using base::WallTime;

// Stored: values never change.
enum class Kind : std::uint8_t {
  direct = 1,  // two users, named by them
  group = 2,
  user_log = 3,  // one user's own events: added, removed, settings
};

// Stored: values never change. Higher may do more.
enum class Role : std::uint8_t { member = 1, moderator = 2, admin = 3, owner = 4 };

std::string_view to_text(Kind kind) noexcept;
std::string_view to_text(Role role) noexcept;

struct Member {
  UserId user;
  Role role = Role::member;
  Seq from_seq = 1;   // sees events from here
  Seq until_seq = 0;  // the event that removed him; 0: is a member
  Seq read_seq = 0;
  No read_no = 0;  // unread = last_no - read_no
  WallTime joined_at;

  bool active() const noexcept { return until_seq == 0; }
};

struct Conversation {
  Cid cid;
  Kind kind = Kind::group;
  std::string title;
  std::string custom;       // canonical JSON object; empty: none
  std::string external_id;  // empty: none
  WallTime created_at;
  Seq last_seq = 0;
  No last_no = 0;
  std::uint64_t access_rev = 0;  // rises with every change of rights
  std::uint32_t members = 0;     // active ones
};

// Stored: values never change.
enum class EventKind : std::uint8_t {
  message = 1,
  member_added = 2,
  member_removed = 3,
  member_updated = 4,
  conversation_added = 5,  // these two in a user's own log
  conversation_removed = 6,
  conversation_updated = 7,  // title, custom: `body` has them as they are now
};

// The event's name on the wire, such as `message.new`.
std::string_view to_text(EventKind kind) noexcept;

// One entry of a conversation's log. The log is gapless from seq 1; `no` is the count of messages
// up to here that count as unread.
struct LogEvent {
  Seq seq = 0;
  No no = 0;
  EventKind kind = EventKind::message;
  UserId actor;        // a message's sender
  ClientId client_id;  // messages only; made by the server when the sender gave none
  WallTime ts;
  UserId subject;            // member events: whom it is about
  Role role = Role::member;  // member_added, member_updated: the role he has now
  Cid target;                // own-log events: which conversation it is about
  std::string body;          // see body.hpp
};

// Whether these are events of a log one after the other, beginning with `first`, and not none.
inline bool dense_from(Seq first, const std::vector<LogEvent>& page) noexcept {
  for (const auto& event : page)
    if (event.seq != first++) return false;
  return !page.empty();
}

}  // namespace kith::domain
