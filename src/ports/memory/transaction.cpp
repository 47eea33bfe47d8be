#include "ports/memory/transaction.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace kith::ports {
namespace {

base::Fault broken_rule() {
  return {base::Errc::conflict, "this is there already: use another name"};
}

}  // namespace

std::optional<StepResult> MemoryTransaction::lock(const LockStep& step) {
  const auto& keys = step.conversations;
  KITH_ASSERT(std::is_sorted(keys.begin(), keys.end()));
  while (locked_ < keys.size() && locks_.acquire(keys[locked_], id_))
    ++locked_;
  if (locked_ < keys.size()) return std::nullopt;
  Locked locked;
  for (const auto& key : keys) {
    const auto* row = find(key);
    locked.found.push_back(row == nullptr ? std::nullopt : std::optional{row->now()});
  }
  return locked;
}

StepResult MemoryTransaction::look(const LookStep& step) const {
  Looked looked;
  for (const auto& key : step.keys) {
    const auto* row = find(key.conversation);
    looked.found.push_back(row == nullptr ? std::nullopt
                                          : row->find_send(key.sender, key.client_id));
  }
  return looked;
}

StepResult MemoryTransaction::members(const MembersStep& step) const {
  MembersFound members;
  for (const auto& key : step.keys) {
    members.found.emplace_back();
    const auto* row = find(key.conversation);
    if (row == nullptr) continue;
    if (const auto it = row->members.find(key.user); it != row->members.end())
      members.found.back() = it->second;
  }
  return members;
}

StepResult MemoryTransaction::count(const CountStep& step) const {
  Counted counted;
  for (const auto& [key, seq] : step.places) {
    const auto* row = find(key);
    counted.found.push_back(row == nullptr ? 0 : row->at(seq).last_no);
  }
  return counted;
}

StepResult MemoryTransaction::external(const ExternalStep& step) const {
  ExternalFound external;
  for (const auto& key : step.keys) {
    external.found.emplace_back();
    for (const auto* names : {&externals_, &committed_.externals})
      if (const auto it = names->find({key.app, key.external_id}); it != names->end())
        external.found.back() = it->second;
  }
  return external;
}

StepResult MemoryTransaction::successor(const SuccessorStep& step) const {
  SuccessorFound successor;
  const auto* row = find(step.conversation);
  if (row == nullptr) return successor;
  const auto rank = [](const Member& member) {
    return std::tuple{member.role != domain::Role::admin, member.joined_at, member.from_seq};
  };
  for (const auto& [user, member] : row->members)
    if (member.active() && user != step.leaving &&
        (!successor.found || rank(member) < rank(*successor.found)))
      successor.found = member;
  return successor;
}

StepResult MemoryTransaction::write(const WriteStep& step) {
  if (auto refused = refuse(step)) return std::move(*refused);
  if (const auto applied = apply(step); applied.has_error())
    return StepFailed{false, applied.error()};
  return Written{};
}

// What another transaction is in the way of: the same again will find it settled.
std::optional<StepFailed> MemoryTransaction::refuse(const WriteStep& step) {
  for (const auto& [key, row] : step.conversations)
    if (committed_.externals.contains({key.app, row.external_id}))
      return StepFailed{true, broken_rule()};
  std::set<ConversationKey> rows;
  const auto note = [&rows](const auto& writes) {
    for (const auto& write : writes)
      rows.insert(write.conversation);
  };
  for (const auto& [key, row] : step.conversations)
    rows.insert(key);
  note(step.events);
  note(step.updates);
  note(step.members);
  note(step.reads);
  for (const auto& key : rows) {
    if (!locks_.free_for(key, id_))
      return StepFailed{true, {base::Errc::unavailable, "another writes there: try again"}};
    locks_.acquire(key, id_);
  }
  return std::nullopt;
}

base::Result<void> MemoryTransaction::apply(const WriteStep& step) {
  for (const auto& [key, row] : step.conversations)
    KITH_CHECK(add(key, row));
  for (const auto& event : step.events)
    KITH_CHECK(add(event));
  for (const auto& update : step.updates) {
    KITH_TRY(row, change(update.conversation));
    row->conversation.access_rev = update.access_rev;
    row->conversation.members = update.members;
    if (update.naming) {
      row->conversation.title = update.naming->title;
      row->conversation.custom = update.naming->custom;
    }
  }
  KITH_CHECK(apply_members(step));
  return apply_people(step);
}

base::Result<void> MemoryTransaction::apply_members(const WriteStep& step) {
  for (const auto& member : step.members) {
    KITH_TRY(row, change(member.conversation));
    row->members.insert_or_assign(member.member.user, member.member);
    people_.put_user({{member.conversation.app, member.member.user}, {}, {}, {}});
  }
  for (const auto& read : step.reads) {
    KITH_TRY(row, change(read.conversation));
    const auto it = row->members.find(read.user);
    if (it == row->members.end() || !it->second.active()) continue;
    it->second.read_seq = std::max(it->second.read_seq, read.read_seq);
    it->second.read_no = std::max(it->second.read_no, read.read_no);
  }
  return {};
}

base::Result<void> MemoryTransaction::apply_people(const WriteStep& step) {
  for (const auto& cursor : step.cursors) {
    if (find(cursor.conversation) == nullptr)
      return base::Fault{base::Errc::internal, "no such conversation: create it first"};
    people_.put_cursor({cursor.conversation, cursor.user, cursor.device}, cursor.seq);
  }
  for (const auto& user : step.users)
    people_.put_user(user);
  return {};
}

base::Result<void> MemoryTransaction::add(const ConversationKey& key,
                                          const Conversation& conversation) {
  if (find(key) != nullptr) return broken_rule();
  auto row = std::make_shared<MemoryRow>();
  row->conversation = conversation;
  row->conversation.cid = key.cid;
  rows_[key] = std::move(row);
  if (conversation.external_id.empty()) return {};
  if (!externals_.emplace(std::pair{key.app, conversation.external_id}, key.cid).second)
    return broken_rule();
  return {};
}

base::Result<void> MemoryTransaction::add(const NewEvent& added) {
  const LogEvent& event = added.event;
  if (event.seq > base::seq_max)
    return base::Fault{base::Errc::quota_exceeded, "this conversation is full: start another"};
  KITH_TRY(row, change(added.conversation));
  if (!row->log.emplace(event.seq, std::make_shared<const LogEvent>(event)).second)
    return broken_rule();
  if (event.kind == domain::EventKind::message && !added.server_made_key &&
      !row->sends.emplace(std::pair{event.actor, event.client_id}, event.seq).second)
    return broken_rule();
  return {};
}

const MemoryRow* MemoryTransaction::find(const ConversationKey& key) const {
  const auto it = rows_.find(key);
  return it == rows_.end() ? committed_.find(key) : it->second.get();
}

base::Result<MemoryRow*> MemoryTransaction::change(const ConversationKey& key) {
  const auto* present = find(key);
  if (present == nullptr)
    return base::Fault{base::Errc::internal, "no such conversation: create it first"};
  auto& own = rows_[key];
  if (own == nullptr) own = std::make_shared<MemoryRow>(*present);
  return own.get();
}

void MemoryTransaction::apply_to(MemoryTables& tables) const {
  for (const auto& [key, row] : rows_)
    tables.conversations[key] = row;
  for (const auto& [name, cid] : externals_)
    tables.externals.emplace(name, cid);
  for (const auto& [key, seq] : people_.cursors)
    tables.put_cursor(key, seq);
  for (const auto& [key, row] : people_.users)
    tables.put_user({key, row.name, row.avatar, row.last_seen});
}

}  // namespace kith::ports
