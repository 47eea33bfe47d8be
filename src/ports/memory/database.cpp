#include "ports/memory/database.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace kith::ports {

TransactionId MemoryDatabase::begin() {
  KITH_ASSERT(open_.size() + outcomes_.size() < transactions_max);
  const auto id = static_cast<TransactionId>(++begun_);
  open_.emplace(id, Open{MemoryTransaction{id, committed_, locks_}});
  return id;
}

std::optional<StepResult> MemoryDatabase::execute(TransactionId id, const Step& step) {
  Open& open = open_.at(id);
  KITH_ASSERT(!open.in_doubt);
  if (const bool commits = std::holds_alternative<CommitStep>(step);
      commits || std::holds_alternative<RollbackStep>(step)) {
    end(id, commits);
    return commits ? StepResult{Committed{}} : StepResult{RolledBack{}};
  }
  auto result = run(open, step);
  open.waits = !result;
  return result;
}

StepResult MemoryDatabase::execute(const Step& step) {
  if (!own_) own_ = begin();
  auto result = execute(*own_, step);
  KITH_ASSERT(result.has_value());
  if (!open_.contains(*own_)) own_.reset();
  return std::move(*result);
}

std::optional<StepResult> MemoryDatabase::run(Open& open, const Step& step) const {
  if (const auto* lock = std::get_if<LockStep>(&step)) return open.work.lock(*lock);
  if (const auto* look = std::get_if<LookStep>(&step)) return open.work.look(*look);
  if (const auto* members = std::get_if<MembersStep>(&step)) return open.work.members(*members);
  if (const auto* count = std::get_if<CountStep>(&step)) return open.work.count(*count);
  if (const auto* external = std::get_if<ExternalStep>(&step)) return open.work.external(*external);
  if (const auto* leaving = std::get_if<SuccessorStep>(&step)) return open.work.successor(*leaving);
  const auto* write = std::get_if<WriteStep>(&step);
  KITH_ASSERT(write != nullptr);
  if (names_are_taken(open, *write)) return std::nullopt;
  return open.work.write(*write);
}

bool MemoryDatabase::names_are_taken(const Open& asking, const WriteStep& step) const {
  for (const auto& [key, row] : step.conversations)
    for (const auto& [id, other] : open_)
      if (&other != &asking && other.work.took({key.app, row.external_id})) return true;
  return false;
}

void MemoryDatabase::end(TransactionId id, bool commit) {
  const auto it = open_.find(id);
  if (commit) it->second.work.apply_to(committed_);
  if (it->second.in_doubt && !it->second.forgotten) outcomes_.emplace(id, commit);
  locks_.release(id);
  open_.erase(it);
}

void MemoryDatabase::doubt(TransactionId id) {
  open_.at(id).in_doubt = true;
}

void MemoryDatabase::resolve(TransactionId id, bool commit) {
  KITH_ASSERT(!commit || open_.at(id).in_doubt);
  end(id, commit);
}

std::optional<bool> MemoryDatabase::outcome(TransactionId id) const {
  const auto it = outcomes_.find(id);
  return it == outcomes_.end() ? std::nullopt : std::optional{it->second};
}

void MemoryDatabase::forget(TransactionId id) {
  outcomes_.erase(id);
  if (const auto it = open_.find(id); it != open_.end()) it->second.forgotten = true;
}

std::vector<MemoryDatabase::OpenTransaction> MemoryDatabase::open_transactions() const {
  std::vector<OpenTransaction> found;
  for (const auto& [id, open] : open_)
    found.push_back({id, open.in_doubt, open.waits});
  return found;
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

bool MemoryDatabase::history(const HistoryQuery& query, MessageSink& sink) const {
  const auto found = find_for(query.conversation, query.user);
  if (!found) return false;
  const Seq last = found->conversation.last_seq;
  sink.begin(found->member.from_seq, last);
  PageQuery all{.conversation = query.conversation, .to = std::min(query.to, last)};
  all.after = std::max(query.after, found->member.from_seq - 1);
  all.limit = std::numeric_limits<std::size_t>::max();
  all.messages_only = true;
  auto events = page(all);
  if (query.newest) std::reverse(events.begin(), events.end());
  for (const LogEvent& event : events)
    if (!sink.add(view_of(event))) break;
  return true;
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
  const auto it = committed_.externals.find({key.app, key.external_id});
  return it == committed_.externals.end() ? std::nullopt : std::optional{it->second};
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

std::optional<StoredSend> MemoryDatabase::find_send(const SendKey& key) const {
  const Row* row = committed_.find(key.conversation);
  return row == nullptr ? std::nullopt : row->find_send(key.sender, key.client_id);
}

std::vector<Seq> MemoryDatabase::heads(const std::vector<ConversationKey>& keys) const {
  std::vector<Seq> heads;
  for (const auto& key : keys) {
    const Row* row = committed_.find(key);
    heads.push_back(row == nullptr ? 0 : row->now().last_seq);
  }
  return heads;
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
