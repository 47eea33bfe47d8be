#pragma once

#include "ports/store.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace kith::ports {

// A conversation with all that hangs on it.
struct MemoryRow {
  Conversation conversation;
  std::map<Seq, std::shared_ptr<const LogEvent>> log;
  std::map<std::pair<UserId, domain::ClientId>, Seq> sends;  // ids that clients gave
  std::map<UserId, Member> members;

  Conversation at(Seq seq) const {
    Conversation row = conversation;
    const auto next = log.upper_bound(seq);
    const LogEvent* last = next == log.begin() ? nullptr : std::prev(next)->second.get();
    row.last_seq = last == nullptr ? 0 : last->seq;
    row.last_no = last == nullptr ? 0 : last->no;
    return row;
  }

  Conversation now() const { return at(base::seq_wire_max); }

  domain::WallTime active_at(Seq seq) const {
    const auto next = log.upper_bound(seq);
    return next == log.begin() ? conversation.created_at : std::prev(next)->second->ts;
  }

  std::optional<StoredSend> find_send(const UserId& sender,
                                      const domain::ClientId& client_id) const {
    const auto it = sends.find({sender, client_id});
    if (it == sends.end()) return std::nullopt;
    const LogEvent& event = *log.at(it->second);
    return StoredSend{event.seq, event.no, event.ts, event.body};
  }
};

// Rows are never changed once they are here, but replaced: so a copy costs a pointer.
struct MemoryTables {
  using CursorKey = std::tuple<ConversationKey, UserId, domain::DeviceId>;
  using ExternalName = std::pair<domain::AppId, std::string>;

  std::map<ConversationKey, std::shared_ptr<const MemoryRow>> conversations;
  std::map<ExternalName, domain::Cid> externals;
  std::map<CursorKey, Seq> cursors;
  std::map<UserKey, UserRow> users;

  const MemoryRow* find(const ConversationKey& key) const {
    const auto it = conversations.find(key);
    return it == conversations.end() ? nullptr : it->second.get();
  }

  // Only rises.
  void put_cursor(const CursorKey& key, Seq seq) {
    auto& stored = cursors[key];
    if (stored < seq) stored = seq;
  }

  // What is empty leaves what is stored; last_seen only rises.
  void put_user(const UserWrite& user) {
    UserRow& row = users.try_emplace(user.key, UserRow{user.key.user, {}, {}, {}}).first->second;
    if (!user.name.empty()) row.name = user.name;
    if (!user.avatar.empty()) row.avatar = user.avatar;
    if (row.last_seen < user.last_seen) row.last_seen = user.last_seen;
  }
};

}  // namespace kith::ports
