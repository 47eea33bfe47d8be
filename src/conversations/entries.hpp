#pragma once

#include "base/assert.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "domain/types.hpp"
#include "ports/store.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

// What waits at a writer lane: one wish each. `done` runs on the reactor `asker` after the commit,
// or with a fault.
namespace kith::conversations {

using domain::Cid;
using domain::ClientId;
using domain::ConversationKey;
using domain::DeviceId;
using domain::LogEvent;
using domain::MessageId;
using domain::No;
using domain::Role;
using domain::Seq;
using domain::UserId;
using domain::UserKey;
using domain::WallTime;
template <class T>
using Done = ports::Done<T>;

// The connection that asked: it gets the answer instead of the event.
struct Origin {
  std::size_t reactor = 0;
  std::uint64_t session = 0;  // 0: none

  friend bool operator==(const Origin&, const Origin&) = default;
};

// Who asks for a change. The application itself (a server key that names nobody) has every right.
struct Actor {
  UserId user;
  bool application = false;
};

// An event that is in the database, on its way to the home reactor of its conversation.
struct Committed {
  ConversationKey key;
  domain::Kind kind{};
  LogEvent event;
  std::uint64_t access_rev = 0;
  std::uint32_t members = 0;
  Origin origin;
  std::optional<MessageId> id;  // of a message, where it is known already
  bool foreign = false;         // another node wrote it, and has told the others
};

struct SendResult {
  ConversationKey key;
  MessageId id;
  Seq seq = 0;
  No no = 0;
  WallTime ts;
  bool duplicate = false;
};

// All that a batch is given.
struct Entry : ports::LaneEntry {
  enum class What : std::uint8_t {
    send,
    create,
    add,
    role,
    update,
    remove,
    read,
    cursor,
    user,
    revoke
  };

  explicit Entry(What it) noexcept : what(it) {}

  const What what;
  std::size_t asker = 0;  // index of the reactor that `done` runs on
  WallTime ts;
};

// A message. With `direct`, the conversation of these two is made if it is not there.
struct SendEntry final : Entry {
  static constexpr What own = What::send;

  SendEntry() noexcept : Entry(own) {}

  ConversationKey key;
  UserId sender;
  ClientId client_id;
  bool server_made_key = false;
  std::string body;
  bool counted = true;  // as unread: it raises the conversation's `no`
  std::uint64_t access_rev =
      0;  // what the sender's right was decided with; 0: decide in the transaction
  std::optional<std::pair<UserId, UserId>> direct;
  Origin origin;
  std::uint64_t number = 0;  // at its home, which counts those on their way
  Done<SendResult> done;

  std::size_t bytes() const noexcept override { return sizeof *this + body.size(); }
};

struct CreateResult {
  ConversationKey key;
  bool existed = false;  // a retry, or the external id is taken
};

// A group with its first members, at most members_slice of them, the creator first and owner.
struct CreateEntry final : Entry {
  static constexpr What own = What::create;

  CreateEntry() noexcept : Entry(own) {}

  ConversationKey key;
  std::string title;
  std::string custom;
  std::string external_id;
  std::vector<std::pair<UserId, Role>> members;
  Done<CreateResult> done;

  std::size_t bytes() const noexcept override {
    return sizeof *this + title.size() + custom.size() + members.size() * 64;
  }
};

struct AddResult {
  std::vector<UserId> added;  // who was not a member before
};

struct AddEntry final : Entry {
  static constexpr What own = What::add;

  AddEntry() noexcept : Entry(own) {}

  ConversationKey key;
  Actor actor;
  std::vector<UserId> users;  // at most members_slice, distinct
  Role role = Role::member;
  std::uint32_t members_max = 0;
  Done<AddResult> done;

  std::size_t bytes() const noexcept override { return sizeof *this + users.size() * 64; }
};

struct ChangeResult {
  Seq seq = 0;  // of the event that says so; 0: nothing has changed
};

struct RemoveEntry final : Entry {
  static constexpr What own = What::remove;

  RemoveEntry() noexcept : Entry(own) {}

  ConversationKey key;
  Actor actor;
  UserId user;
  Done<ChangeResult> done;

  std::size_t bytes() const noexcept override { return sizeof *this; }
};

// Another role for a member; to make him owner hands the group over to him.
struct RoleEntry final : Entry {
  static constexpr What own = What::role;

  RoleEntry() noexcept : Entry(own) {}

  ConversationKey key;
  Actor actor;
  UserId user;
  Role role = Role::member;
  Done<ChangeResult> done;

  std::size_t bytes() const noexcept override { return sizeof *this; }
};

struct UpdateEntry final : Entry {
  static constexpr What own = What::update;

  UpdateEntry() noexcept : Entry(own) {}

  ConversationKey key;
  Actor actor;
  std::optional<std::string> title;
  std::optional<std::string> custom_patch;  // JSON: an object to be merged, or null
  std::size_t custom_bytes_max = 0;
  Done<ChangeResult> done;

  std::size_t bytes() const noexcept override {
    return sizeof *this + (title ? title->size() : 0) + (custom_patch ? custom_patch->size() : 0);
  }
};

// A reading mark as it stands after the transaction.
struct ReadMark {
  Cid cid;
  Seq seq = 0;
  std::uint64_t unread = 0;
  bool moved = false;
};

struct ReadEntry final : Entry {
  static constexpr What own = What::read;

  ReadEntry() noexcept : Entry(own) {}

  UserKey user;
  std::vector<std::pair<Cid, Seq>> marks;  // distinct
  Done<std::vector<ReadMark>> done;

  std::size_t bytes() const noexcept override {
    return sizeof *this + marks.size() * sizeof marks[0];
  }
};

struct CursorEntry final : Entry {
  static constexpr What own = What::cursor;

  CursorEntry() noexcept : Entry(own) {}

  UserKey user;
  DeviceId device;
  std::vector<std::pair<Cid, Seq>> cursors;

  std::size_t bytes() const noexcept override {
    return sizeof *this + cursors.size() * sizeof cursors[0];
  }

  std::size_t background_rows() const noexcept override { return cursors.size(); }
};

struct UserEntry final : Entry {
  static constexpr What own = What::user;

  UserEntry() noexcept : Entry(own) {}

  UserKey user;
  std::string name;
  std::string avatar;
  WallTime last_seen;

  std::size_t bytes() const noexcept override { return sizeof *this + name.size() + avatar.size(); }

  std::size_t background_rows() const noexcept override { return 1; }
};

struct RevokeResult {
  WallTime at;  // tokens issued until then are refused
};

// Ends what a user's tokens are good for until now.
struct RevokeEntry final : Entry {
  static constexpr What own = What::revoke;

  RevokeEntry() noexcept : Entry(own) {}

  UserKey user;
  Done<RevokeResult> done;

  std::size_t bytes() const noexcept override { return sizeof *this; }
};

}  // namespace kith::conversations
