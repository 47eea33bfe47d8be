#pragma once

#include "base/limits.hpp"
#include "ports/lane_queue.hpp"
#include "ports/memory_database_test.hpp"

#include <deque>
#include <functional>

// A store without threads, for tests and the simulation: nothing moves until it is told to. A
// transaction runs step by step; a read has two moments, when it looks and when its answer leaves.
namespace kith::ports {

class MemoryStore : public Store {
 public:
  // Several stores, one after the other, may have the same database.
  explicit MemoryStore(
      std::shared_ptr<MemoryDatabase> database = std::make_shared<MemoryDatabase>())
      : database_(std::move(database)) {
    meta_.epoch = "e1";
    for (std::size_t i = 0; i < meta_.id_key.size(); ++i)
      meta_.id_key[i] = static_cast<std::uint8_t>(i + 1);
  }

  MemoryDatabase& database() noexcept { return *database_; }

  // Asked before each step; an answer stands for the step's own.
  std::function<std::optional<StepFailed>(const Step&)> fail_step;
  // Asked when a read looks; a fault stands for its answer.
  std::function<std::optional<base::Fault>()> fail_read;
  bool lane_full = false;  // submit refuses

  // --- the lane
  std::size_t entries_waiting() const noexcept { return queue_.size(); }

  bool batch_under_way() const noexcept { return machine_ != nullptr; }

  // Begins a batch with all that waits (at most `entries_max`), or takes its next step. False:
  // nothing to do.
  bool step_lane(std::size_t entries_max = base::limits::batch_entries_max) {
    if (!machine_) {
      auto entries = queue_.take(entries_max);
      if (entries.empty()) return false;
      machine_ = factory_->make(std::move(entries));
      next_ = machine_->first();
    } else {
      next_ = machine_->next(execute(next_));
    }
    if (std::holds_alternative<Finished>(next_)) {
      KITH_ASSERT(!database_->in_transaction());
      machine_.reset();
    }
    return true;
  }

  void run_lane() {
    while (step_lane()) {
    }
  }

  // --- reads
  std::size_t reads_waiting() const noexcept { return reads_.size(); }

  std::size_t answers_waiting() const noexcept { return answers_.size(); }

  // The read at `index` of those that wait looks at what is committed now.
  void look(std::size_t index = 0) {
    auto read = std::move(reads_.at(index));
    reads_.erase(reads_.begin() + static_cast<std::ptrdiff_t>(index));
    answers_.push_back(read());
  }

  void answer(std::size_t index = 0) {
    auto answer = std::move(answers_.at(index));
    answers_.erase(answers_.begin() + static_cast<std::ptrdiff_t>(index));
    answer.asker->post(std::move(answer.task));
  }

  // Everything that can move does, the lane first; false if nothing did.
  bool run() {
    bool moved = false;
    while (step_lane())
      moved = true;
    for (; !reads_.empty(); moved = true)
      look();
    for (; !answers_.empty(); moved = true)
      answer();
    return moved;
  }

  // --- the port
  const StoreMeta& meta() const noexcept override { return meta_; }

  void set_epoch(std::string epoch) { meta_.epoch = std::move(epoch); }

  void start(BatchMachineFactory& factory) override { factory_ = &factory; }

  std::size_t lanes() const noexcept override { return 1; }

  base::Result<void> submit(std::size_t lane, std::unique_ptr<LaneEntry>& entry) override {
    KITH_ASSERT(lane < lanes());
    if (draining_) return base::Fault{base::Errc::draining, "shutting down: connect again"};
    if (lane_full)
      return base::Fault{base::Errc::overloaded, "too many writes wait: try again later", 1'000};
    return queue_.push(entry);
  }

  void drain() override {
    draining_ = true;
    run_lane();
  }

  void load(Reactor& asker,
            ConversationKey key,
            Done<std::optional<LoadedConversation>> done) override {
    ask(asker, std::move(done), [key](auto& db) { return db.load(key); });
  }

  void page(Reactor& asker, PageQuery query, Done<std::vector<LogEvent>> done) override {
    ask(asker, std::move(done), [query](auto& db) { return db.page(query); });
  }

  void find_for(Reactor& asker,
                ConversationKey key,
                UserId user,
                Done<std::optional<ListedConversation>> done) override {
    ask(asker, std::move(done), [key, user](auto& db) { return db.find_for(key, user); });
  }

  void memberships(Reactor& asker,
                   UserKey user,
                   domain::DeviceId device,
                   Done<std::vector<Membership>> done) override {
    ask(asker, std::move(done), [user, device](auto& db) {
      return db.memberships(user, device, nullptr);
    });
  }

  void memberships_of(Reactor& asker,
                      UserKey user,
                      domain::DeviceId device,
                      std::vector<domain::Cid> cids,
                      Done<std::vector<Membership>> done) override {
    ask(asker, std::move(done), [user, device, cids](auto& db) {
      return db.memberships(user, device, &cids);
    });
  }

  void list(Reactor& asker, ListQuery query, Done<std::vector<ListedConversation>> done) override {
    ask(asker, std::move(done), [query](auto& db) { return db.list(query); });
  }

  void members(Reactor& asker, MembersQuery query, Done<std::vector<Member>> done) override {
    ask(asker, std::move(done), [query](auto& db) { return db.members(query); });
  }

  void find_external(Reactor& asker,
                     ExternalKey key,
                     Done<std::optional<domain::Cid>> done) override {
    ask(asker, std::move(done), [key](auto& db) { return db.find_external(key); });
  }

  void unread_total(Reactor& asker, UserKey user, Done<std::uint64_t> done) override {
    ask(asker, std::move(done), [user](auto& db) { return db.unread_total(user); });
  }

  void users(Reactor& asker,
             UserKey asking,
             std::vector<UserId> users,
             Done<std::vector<UserRow>> done) override {
    ask(asker, std::move(done), [asking, users](auto& db) { return db.users(asking, users); });
  }

  base::Result<Directory> directory() override { return database_->directory; }

  base::Result<AppRow> create_app(std::string name) override {
    for (const auto& app : database_->directory.apps)
      if (app.name == name) return base::Fault{base::Errc::conflict, "choose another name"};
    const auto id = static_cast<domain::AppId>(database_->directory.apps.size() + 1);
    database_->directory.apps.push_back({id, std::move(name), {}});
    return database_->directory.apps.back();
  }

  base::Result<void> add_key(AppKeyRow key) override {
    if (static_cast<std::size_t>(key.app) > database_->directory.apps.size())
      return base::Fault{base::Errc::not_found, "there is no such application"};
    if (find_key(key.app, key.kid) != nullptr)
      return base::Fault{base::Errc::conflict, "choose another kid"};
    database_->directory.keys.push_back(std::move(key));
    return {};
  }

  base::Result<void> retire_key(domain::AppId app, std::string kid) override {
    auto* key = find_key(app, kid);
    if (key == nullptr) return base::Fault{base::Errc::not_found, "there is no such key"};
    key->retired_at = {1};
    return {};
  }

 protected:
  struct Answer {
    Reactor* asker = nullptr;
    base::Task task;
  };

  using Read = base::MoveOnlyFunction<Answer()>;

  virtual void begin(Read read) {
    KITH_ASSERT(reads_.size() < base::limits::read_queue_max);
    reads_.push_back(std::move(read));
  }

  virtual StepResult execute(const Step& step) {
    if (fail_step)
      if (auto failure = fail_step(step)) return std::move(*failure);
    return database_->execute(step);
  }

  BatchMachineFactory* factory_ = nullptr;
  bool draining_ = false;
  LaneQueue queue_;

 private:
  template <class T, class Look>
  void ask(Reactor& asker, Done<T> done, Look look) {
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

  AppKeyRow* find_key(domain::AppId app, const std::string& kid) {
    for (auto& key : database_->directory.keys)
      if (key.app == app && key.kid == kid) return &key;
    return nullptr;
  }

  std::shared_ptr<MemoryDatabase> database_;
  StoreMeta meta_;
  std::unique_ptr<BatchMachine> machine_;
  Step next_ = Finished{};
  std::vector<Read> reads_;
  std::vector<Answer> answers_;
};

}  // namespace kith::ports
