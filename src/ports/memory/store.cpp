#include "ports/memory/store.hpp"

#include "base/assert.hpp"

#include <utility>

namespace kith::ports {

template <class T, class Look>
void MemoryStore::ask(Reactor& asker, Done<T> done, Look look) {
  begin([this, &asker, done = std::move(done), look = std::move(look)]() mutable {
    base::Result<T> result = base::Fault{};
    if (auto fault = fail_read ? fail_read() : std::nullopt)
      result = *fault;
    else
      result = T(look(static_cast<const MemoryDatabase&>(*database_)));
    return Answer{&asker, [done = std::move(done), result = std::move(result)]() mutable {
                    done(std::move(result));
                  }};
  });
}

MemoryStore::MemoryStore(std::shared_ptr<MemoryDatabase> database)
    : database_(std::move(database)) {
  meta_.epoch = "e1";
  for (std::size_t i = 0; i < meta_.id_key.size(); ++i)
    meta_.id_key[i] = static_cast<std::uint8_t>(i + 1);
}

MemoryStore::~MemoryStore() {
  if (abandoned_) return;
  if (transaction_) database_->resolve(*transaction_, false);
  forget_lost();
}

void MemoryStore::abandon() {
  forget_lost();
  if (transaction_) {
    database_->forget(*transaction_);
    if (std::holds_alternative<CommitStep>(next_)) database_->doubt(*transaction_);
  }
  abandoned_ = true;
}

bool MemoryStore::step_lane(std::size_t entries_max) {
  if (abandoned_) return false;
  if (!machine_) {
    auto entries = queue_.take(entries_max);
    if (entries.empty()) return false;
    machine_ = factory_->make(std::move(entries));
    next_ = machine_->first();
  } else {
    auto result = execute(next_);
    if (!result) return false;
    next_ = machine_->next(std::move(*result));
  }
  if (std::holds_alternative<Finished>(next_)) {
    KITH_ASSERT(!transaction_);
    forget_lost();
    machine_.reset();
  }
  return true;
}

void MemoryStore::run_lane() {
  while (step_lane()) {
  }
}

void MemoryStore::look(std::size_t index) {
  auto read = std::move(reads_.at(index));
  reads_.erase(reads_.begin() + static_cast<std::ptrdiff_t>(index));
  answers_.push_back(read());
}

void MemoryStore::answer(std::size_t index) {
  auto answer = std::move(answers_.at(index));
  answers_.erase(answers_.begin() + static_cast<std::ptrdiff_t>(index));
  answer.asker->post(std::move(answer.task));
}

bool MemoryStore::run() {
  bool moved = false;
  while (step_lane())
    moved = true;
  for (; !reads_.empty(); moved = true)
    look();
  for (; !answers_.empty(); moved = true)
    answer();
  return moved;
}

base::Result<void> MemoryStore::submit(std::size_t lane, std::unique_ptr<LaneEntry>& entry) {
  KITH_ASSERT(lane < lanes());
  if (draining_) return base::Fault{base::Errc::draining, "shutting down: connect again"};
  if (lane_full)
    return base::Fault{base::Errc::overloaded, "too many writes wait: try again later", 1'000};
  return queue_.push(entry);
}

std::vector<std::unique_ptr<LaneEntry>> MemoryStore::withdraw(std::size_t lane,
                                                              base::Instant limit) {
  KITH_ASSERT(lane < lanes());
  return queue_.withdraw(limit);
}

void MemoryStore::drain() {
  draining_ = true;
  run_lane();
}

void MemoryStore::load(Reactor& asker,
                       ConversationKey key,
                       Done<std::optional<LoadedConversation>> done) {
  ask(asker, std::move(done), [key](auto& db) { return db.load(key); });
}

void MemoryStore::page(Reactor& asker, PageQuery query, Done<std::vector<LogEvent>> done) {
  ask(asker, std::move(done), [query](auto& db) { return db.page(query); });
}

void MemoryStore::history(Reactor& asker,
                          HistoryQuery query,
                          std::shared_ptr<MessageSink> sink,
                          Done<bool> done) {
  ask(asker, std::move(done), [query = std::move(query), sink = std::move(sink)](auto& db) {
    return db.history(query, *sink);
  });
}

void MemoryStore::heads(Reactor& asker,
                        std::vector<ConversationKey> keys,
                        Done<std::vector<Seq>> done) {
  ask(asker, std::move(done), [keys](auto& db) { return db.heads(keys); });
}

bool MemoryStore::never_sent(const ConversationKey& conversation,
                             const UserId& sender,
                             const domain::ClientId& client_id) const noexcept {
  return knows_unsent && !database_->find_send({conversation, sender, client_id}) && knows_unsent();
}

void MemoryStore::find_send(Reactor& asker, SendKey key, Done<std::optional<StoredSend>> done) {
  ask(asker, std::move(done), [key](auto& db) { return db.find_send(key); });
}

void MemoryStore::find_for(Reactor& asker,
                           ConversationKey key,
                           UserId user,
                           Done<std::optional<ListedConversation>> done) {
  ask(asker, std::move(done), [key, user](auto& db) { return db.find_for(key, user); });
}

void MemoryStore::memberships(Reactor& asker,
                              UserKey user,
                              domain::DeviceId device,
                              Done<std::vector<Membership>> done) {
  ask(asker, std::move(done), [user, device](auto& db) {
    return db.memberships(user, device, nullptr);
  });
}

void MemoryStore::memberships_of(Reactor& asker,
                                 UserKey user,
                                 domain::DeviceId device,
                                 std::vector<domain::Cid> cids,
                                 Done<std::vector<Membership>> done) {
  ask(asker, std::move(done), [user, device, cids](auto& db) {
    return db.memberships(user, device, &cids);
  });
}

void MemoryStore::list(Reactor& asker,
                       ListQuery query,
                       Done<std::vector<ListedConversation>> done) {
  ask(asker, std::move(done), [query](auto& db) { return db.list(query); });
}

void MemoryStore::members(Reactor& asker, MembersQuery query, Done<std::vector<Member>> done) {
  ask(asker, std::move(done), [query](auto& db) { return db.members(query); });
}

void MemoryStore::find_external(Reactor& asker,
                                ExternalKey key,
                                Done<std::optional<domain::Cid>> done) {
  ask(asker, std::move(done), [key](auto& db) { return db.find_external(key); });
}

void MemoryStore::unread_total(Reactor& asker, UserKey user, Done<std::uint64_t> done) {
  ask(asker, std::move(done), [user](auto& db) { return db.unread_total(user); });
}

void MemoryStore::users(Reactor& asker,
                        UserKey asking,
                        std::vector<UserId> users,
                        Done<std::vector<UserRow>> done) {
  ask(asker, std::move(done), [asking, users](auto& db) { return db.users(asking, users); });
}

base::Result<Directory> MemoryStore::directory() {
  auto found = database_->directory;
  for (const auto& [user, at] : database_->committed().revoked)
    found.revoked.push_back({user, at});
  return found;
}

base::Result<AppRow> MemoryStore::create_app(std::string name) {
  for (const auto& app : database_->directory.apps)
    if (app.name == name) return base::Fault{base::Errc::conflict, "choose another name"};
  const auto id = static_cast<domain::AppId>(database_->directory.apps.size() + 1);
  database_->directory.apps.push_back({id, std::move(name), {}});
  return database_->directory.apps.back();
}

base::Result<void> MemoryStore::add_key(AppKeyRow key) {
  if (static_cast<std::size_t>(key.app) > database_->directory.apps.size())
    return base::Fault{base::Errc::not_found, "there is no such application"};
  if (find_key(key.app, key.kid) != nullptr)
    return base::Fault{base::Errc::conflict, "choose another kid"};
  database_->directory.keys.push_back(std::move(key));
  return {};
}

base::Result<void> MemoryStore::retire_key(domain::AppId app, std::string kid) {
  auto* key = find_key(app, kid);
  if (key == nullptr) return base::Fault{base::Errc::not_found, "there is no such key"};
  key->retired_at = {1};
  return {};
}

void MemoryStore::begin(Read read) {
  KITH_ASSERT(reads_.size() < base::limits::read_queue_max);
  reads_.push_back(std::move(read));
}

std::optional<StepResult> MemoryStore::execute(const Step& step) {
  if (auto failed = failure(step)) return std::move(*failed);
  if (std::holds_alternative<RecallStep>(step)) {
    auto recalled = recall();
    waits_ = !recalled;
    return recalled;
  }
  if (std::holds_alternative<RollbackStep>(step) && !transaction_) return RolledBack{};
  if (std::holds_alternative<CommitStep>(step))
    if (const auto fate = commit_fate ? commit_fate() : CommitFate::answered;
        fate != CommitFate::answered)
      return lose(fate);
  KITH_ASSERT(transaction_.has_value() == (waits_ || !std::holds_alternative<LockStep>(step)));
  if (!transaction_) transaction_ = database_->begin();
  auto result = database_->execute(*transaction_, step);
  waits_ = !result;
  if (result &&
      (std::holds_alternative<Committed>(*result) || std::holds_alternative<RolledBack>(*result)))
    transaction_.reset();
  return result;
}

std::optional<StepFailed> MemoryStore::failure(const Step& step) {
  if (waits_) {
    if (!std::exchange(timed_out_, false)) return std::nullopt;
    waits_ = false;
    return StepFailed{true, {base::Errc::unavailable, "waited too long for a lock: try again"}};
  }
  return fail_step ? fail_step(step) : std::nullopt;
}

std::optional<StepResult> MemoryStore::recall() const {
  KITH_ASSERT(lost_.has_value());
  const auto committed = database_->outcome(*lost_);
  if (!committed) return std::nullopt;
  return Recalled{*committed};
}

StepResult MemoryStore::lose(CommitFate fate) {
  KITH_ASSERT(transaction_.has_value());
  forget_lost();
  lost_ = std::exchange(transaction_, std::nullopt);
  database_->doubt(*lost_);
  if (fate != CommitFate::lost_open) database_->resolve(*lost_, fate == CommitFate::lost_committed);
  return StepFailed{true, {base::Errc::unavailable, "the commit was not answered: ask"}, true};
}

void MemoryStore::forget_lost() {
  if (lost_) database_->forget(*lost_);
  lost_.reset();
}

AppKeyRow* MemoryStore::find_key(domain::AppId app, const std::string& kid) {
  for (auto& key : database_->directory.keys)
    if (key.app == app && key.kid == kid) return &key;
  return nullptr;
}

}  // namespace kith::ports
