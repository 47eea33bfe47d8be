#include "ports/memory/database.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <tuple>

namespace kith::ports {

StepResult MemoryDatabase::execute(const Step& step) {
  return std::visit([this](const auto& it) -> StepResult { return run(it); }, step);
}

std::optional<LoadedConversation> MemoryDatabase::load(const ConversationKey& key) const {
  const Row* row = committed_.find(key);
  if (row == nullptr) return std::nullopt;
  LoadedConversation loaded{row->now(), {}};
  for (const auto& [user, member] : row->members)
    if (member.active()) loaded.members.push_back(member);
  return loaded;
}

std::vector<LogEvent> MemoryDatabase::page(const PageQuery& query) const {
  std::vector<LogEvent> events;
  const Row* row = committed_.find(query.conversation);
  if (row == nullptr) return events;
  for (auto it = row->log.upper_bound(query.after); it != row->log.end() && it->first <= query.to;
       ++it)
    if (!query.messages_only || it->second->kind == domain::EventKind::message)
      events.push_back(*it->second);
  if (query.newest) std::reverse(events.begin(), events.end());
  std::size_t kept = 0;
  for (std::size_t bytes = 0;
       kept < std::min(events.size(), query.limit) && bytes < query.bytes_max;
       ++kept)
    bytes += events[kept].body.size();
  events.resize(kept);
  if (query.newest) std::reverse(events.begin(), events.end());
  return events;
}

std::optional<ListedConversation> MemoryDatabase::find_for(const ConversationKey& key,
                                                           const UserId& user) const {
  const Row* row = committed_.find(key);
  if (row == nullptr) return std::nullopt;
  const auto member = row->members.find(user);
  if (member == row->members.end()) return std::nullopt;
  const Seq end = member->second.active() ? base::seq_wire_max : member->second.until_seq;
  ListedConversation listed{row->at(end), member->second, {}, {}, row->active_at(end)};
  for (auto it = row->log.upper_bound(end);
       it != row->log.begin() && (--it)->first >= member->second.from_seq;)
    if (it->second->kind == domain::EventKind::message) {
      listed.last_message = *it->second;
      break;
    }
  if (row->conversation.kind == domain::Kind::direct)
    for (const auto& [name, one] : row->members)
      listed.users.push_back(name);
  return listed;
}

std::vector<Membership> MemoryDatabase::memberships(const UserKey& user,
                                                    const domain::DeviceId& device,
                                                    const std::vector<domain::Cid>* cids) const {
  std::vector<Membership> found;
  for (const auto& [key, row] : committed_.conversations) {
    const auto member = row->members.find(user.user);
    if (key.app != user.app || member == row->members.end() || !member->second.active()) continue;
    if (cids != nullptr && std::count(cids->begin(), cids->end(), key.cid) == 0) continue;
    Membership membership{.cid = key.cid,
                          .kind = row->conversation.kind,
                          .from_seq = member->second.from_seq,
                          .head = row->now().last_seq,
                          .active_at = row->active_at(base::seq_wire_max)};
    membership.default_cursor = cursor({key, user.user, domain::DeviceId{}});
    if (!device.empty()) membership.device_cursor = cursor({key, user.user, device});
    found.push_back(std::move(membership));
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::tie(b.active_at, b.cid) < std::tie(a.active_at, a.cid);
  });
  return found;
}

std::vector<ListedConversation> MemoryDatabase::list(const ListQuery& query) const {
  std::vector<ListedConversation> found;
  const auto before = [](const auto& place, const auto& limit) { return place < limit; };
  for (const auto& membership : memberships(query.user, {}, nullptr)) {
    const std::pair place{membership.active_at, membership.cid};
    if (found.size() == query.limit) break;
    if (membership.kind == domain::Kind::user_log) continue;
    if (!query.before || before(place, *query.before))
      found.push_back(*find_for({query.user.app, membership.cid}, query.user.user));
  }
  return found;
}

std::vector<Member> MemoryDatabase::members(const MembersQuery& query) const {
  std::vector<Member> found;
  const Row* row = committed_.find(query.conversation);
  if (row == nullptr) return found;
  for (auto it = row->members.upper_bound(UserId{query.after}); it != row->members.end(); ++it)
    if (it->second.active() && found.size() < query.limit) found.push_back(it->second);
  return found;
}

std::optional<domain::Cid> MemoryDatabase::find_external(const ExternalKey& key) const {
  return find_external(committed_, key);
}

std::uint64_t MemoryDatabase::unread_total(const UserKey& user) const {
  std::uint64_t sum = 0;
  for (const auto& membership : memberships(user, {}, nullptr)) {
    if (membership.kind == domain::Kind::user_log) continue;
    const Row& row = *committed_.find({user.app, membership.cid});
    const No last = row.now().last_no;
    sum += last - std::min(last, row.members.at(user.user).read_no);
  }
  return sum;
}

std::vector<UserRow> MemoryDatabase::users(const UserKey& asking,
                                           const std::vector<UserId>& users) const {
  std::vector<UserRow> found;
  for (const auto& user : users) {
    const auto row = committed_.users.find({asking.app, user});
    if (row != committed_.users.end() && acquainted(asking, user)) found.push_back(row->second);
  }
  return found;
}

StepResult MemoryDatabase::run(const LockStep& step) {
  KITH_ASSERT(!open_);
  KITH_ASSERT(std::is_sorted(step.conversations.begin(), step.conversations.end()));
  open_ = true;
  work_ = committed_;
  own_.clear();
  Locked locked;
  for (const auto& key : step.conversations) {
    const Row* row = work_.find(key);
    locked.found.push_back(row == nullptr ? std::nullopt : std::optional{row->now()});
  }
  return locked;
}

StepResult MemoryDatabase::run(const RecallStep& /*step*/) const {
  KITH_ASSERT(!"asked: every commit here has an answer");
  return Recalled{};
}

StepResult MemoryDatabase::run(const LookStep& step) const {
  Looked looked;
  for (const auto& key : step.keys)
    looked.found.push_back(find_send(work_, key));
  return looked;
}

std::optional<StoredSend> MemoryDatabase::find_send(const Tables& tables, const SendKey& key) {
  const Row* row = tables.find(key.conversation);
  if (row == nullptr) return std::nullopt;
  const auto it = row->sends.find({key.sender, key.client_id});
  if (it == row->sends.end()) return std::nullopt;
  const LogEvent& event = *row->log.at(it->second);
  return StoredSend{event.seq, event.no, event.ts, event.body};
}

std::optional<StoredSend> MemoryDatabase::find_send(const SendKey& key) const {
  return find_send(committed_, key);
}

std::vector<Seq> MemoryDatabase::heads(const std::vector<ConversationKey>& keys) const {
  std::vector<Seq> heads;
  for (const auto& key : keys) {
    const Row* row = committed_.find(key);
    heads.push_back(row == nullptr ? 0 : row->now().last_seq);
  }
  return heads;
}

StepResult MemoryDatabase::run(const MembersStep& step) const {
  MembersFound members;
  for (const auto& key : step.keys) {
    members.found.emplace_back();
    const Row* row = work_.find(key.conversation);
    if (row == nullptr) continue;
    if (const auto it = row->members.find(key.user); it != row->members.end())
      members.found.back() = it->second;
  }
  return members;
}

StepResult MemoryDatabase::run(const CountStep& step) const {
  Counted counted;
  for (const auto& [key, seq] : step.places) {
    const Row* row = work_.find(key);
    counted.found.push_back(row == nullptr ? 0 : row->at(seq).last_no);
  }
  return counted;
}

StepResult MemoryDatabase::run(const ExternalStep& step) const {
  ExternalFound external;
  for (const auto& key : step.keys)
    external.found.push_back(find_external(work_, key));
  return external;
}

StepResult MemoryDatabase::run(const SuccessorStep& step) const {
  SuccessorFound successor;
  const Row* row = work_.find(step.conversation);
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

StepResult MemoryDatabase::run(const WriteStep& step) {
  if (const auto refused = apply(step); refused.has_error())
    return StepFailed{false, refused.error()};
  return Written{};
}

StepResult MemoryDatabase::run(const CommitStep& /*step*/) {
  KITH_ASSERT(open_);
  open_ = false;
  own_.clear();
  committed_ = std::move(work_);
  return Committed{};
}

StepResult MemoryDatabase::run(const RollbackStep& /*step*/) {
  open_ = false;
  own_.clear();
  work_ = {};
  return RolledBack{};
}

StepResult MemoryDatabase::run(const Finished& /*step*/) const {
  KITH_ASSERT(!"a step to execute");
  return RolledBack{};
}

base::Result<void> MemoryDatabase::apply(const WriteStep& step) {
  for (const auto& [key, row] : step.conversations)
    KITH_CHECK(add(key, row));
  for (const auto& event : step.events)
    KITH_CHECK(add(event));
  for (const auto& update : step.updates) {
    KITH_TRY(row, change(update.conversation));
    row->conversation.access_rev = update.access_rev;
    row->conversation.members = update.members;
  }
  for (const auto& member : step.members) {
    KITH_TRY(row, change(member.conversation));
    row->members.insert_or_assign(member.member.user, member.member);
    know({member.conversation.app, member.member.user});
  }
  for (const auto& read : step.reads) {
    KITH_TRY(row, change(read.conversation));
    const auto it = row->members.find(read.user);
    if (it == row->members.end() || !it->second.active()) continue;
    it->second.read_seq = std::max(it->second.read_seq, read.read_seq);
    it->second.read_no = std::max(it->second.read_no, read.read_no);
  }
  for (const auto& cursor : step.cursors) {
    KITH_CHECK(change(cursor.conversation));
    auto& stored = work_.cursors[{cursor.conversation, cursor.user, cursor.device}];
    stored = std::max(stored, cursor.seq);
  }
  for (const auto& user : step.users) {
    UserRow& row = know(user.key);
    if (!user.name.empty()) row.name = user.name;
    if (!user.avatar.empty()) row.avatar = user.avatar;
  }
  return {};
}

base::Result<void> MemoryDatabase::add(const ConversationKey& key,
                                       const Conversation& conversation) {
  auto row = std::make_shared<Row>();
  row->conversation = conversation;
  row->conversation.cid = key.cid;
  if (!work_.conversations.emplace(key, row).second) return broken_rule();
  own_[key] = std::move(row);
  if (conversation.external_id.empty()) return {};
  if (!work_.externals.emplace(std::pair{key.app, conversation.external_id}, key.cid).second)
    return broken_rule();
  return {};
}

base::Result<void> MemoryDatabase::add(const NewEvent& added) {
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

base::Result<MemoryDatabase::Row*> MemoryDatabase::change(const ConversationKey& key) {
  const auto it = work_.conversations.find(key);
  if (it == work_.conversations.end())
    return base::Fault{base::Errc::internal, "no such conversation: create it first"};
  auto& own = own_[key];
  if (own == nullptr) {
    own = std::make_shared<Row>(*it->second);
    it->second = own;
  }
  return own.get();
}

UserRow& MemoryDatabase::know(const UserKey& key) {
  return work_.users.try_emplace(key, UserRow{key.user, {}, {}}).first->second;
}

base::Fault MemoryDatabase::broken_rule() {
  return {base::Errc::conflict, "this is there already: use another name"};
}

std::optional<domain::Cid> MemoryDatabase::find_external(const Tables& tables,
                                                         const ExternalKey& key) {
  const auto it = tables.externals.find({key.app, key.external_id});
  return it == tables.externals.end() ? std::nullopt : std::optional{it->second};
}

std::optional<Seq> MemoryDatabase::cursor(const CursorKey& key) const {
  const auto it = committed_.cursors.find(key);
  return it == committed_.cursors.end() ? std::nullopt : std::optional{it->second};
}

bool MemoryDatabase::acquainted(const UserKey& a, const UserId& b) const {
  if (a.user == b) return true;
  for (const auto& [key, row] : committed_.conversations) {
    const auto one = row->members.find(a.user);
    const auto other = row->members.find(b);
    if (key.app == a.app && one != row->members.end() && other != row->members.end() &&
        one->second.active() && other->second.active())
      return true;
  }
  return false;
}

}  // namespace kith::ports
