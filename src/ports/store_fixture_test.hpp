#pragma once

#include "ports/store.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the contract of ports::Store is tested with: a reactor that keeps its tasks for the test, a
// machine that follows a script, and short ways to make records.
namespace kith::ports::contract {

inline constexpr auto deadline = std::chrono::seconds{20};

// Keeps what is posted until the test's thread runs it. While held, `post` blocks its caller. Each
// call is a tick of its own.
class PretendReactor final : public Reactor {
 public:
  std::size_t index() const noexcept override { return 0; }

  std::size_t count() const noexcept override { return 1; }

  const base::Clock& clock() const noexcept override { return clock_; }

  base::Random& random() noexcept override { return random_; }

  void post(base::Task task) override {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
    tasks_.push_back(std::move(task));
    changed_.notify_all();
  }

  bool try_post(base::Task& task) override {
    post(std::move(task));
    return true;
  }

  void arm(Timer& /*timer*/, base::Duration /*after*/) override {}

  void disarm(Timer& /*timer*/) noexcept override {}

  void at_tick_end(TickHook& hook) override { hook.on_tick_end(); }

  void withdraw(TickHook& /*hook*/) noexcept override {}

  // Runs one task; false if none came before the deadline.
  bool run_one() {
    base::Task task;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait_for(lock, deadline, [this] { return !tasks_.empty(); })) return false;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
    return true;
  }

  void hold(bool held) {
    const std::lock_guard lock(mutex_);
    held_ = held;
    changed_.notify_all();
  }

  bool wait_for_posts(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, deadline, [&] { return arrived_ >= count; });
  }

 private:
  base::ManualClock clock_;
  base::SeededRandom random_{1};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<base::Task> tasks_;
  std::size_t arrived_ = 0;
  bool held_ = false;
};

// A gate that a lane's thread waits at and a test opens.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

  bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, deadline, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

// The steps of one transaction; each is made when its turn comes, on the lane's thread. After a
// StepFailed the script is left and RollbackStep sent.
using Script = std::vector<std::function<Step()>>;

// What came of a script, waited for by the test.
struct Outcome {
  std::vector<StepResult> results;
  std::size_t batch = 0;  // entries in its batch
  Gate finished;
};

class ScriptEntry final : public LaneEntry {
 public:
  ScriptEntry(Script steps,
              std::shared_ptr<Outcome> into,
              std::size_t about_bytes = 100,
              std::size_t background_rows = 0)
      : script(std::move(steps)),
        outcome(std::move(into)),
        bytes_(about_bytes),
        background_rows_(background_rows) {}

  std::size_t bytes() const noexcept override { return bytes_; }

  std::size_t background_rows() const noexcept override { return background_rows_; }

  Script script;
  std::shared_ptr<Outcome> outcome;

 private:
  std::size_t bytes_;
  std::size_t background_rows_;
};

// Follows the scripts of its entries one after the other, each a transaction of its own.
class ScriptMachine final : public BatchMachine {
 public:
  explicit ScriptMachine(std::vector<std::unique_ptr<LaneEntry>> entries)
      : entries_(std::move(entries)) {
    for (auto& entry : entries_)
      of(*entry).outcome->batch = entries_.size();
  }

  Step first() override { return go_on(); }

  Step next(StepResult result) override {
    const bool failed = std::holds_alternative<StepFailed>(result);
    ScriptEntry& entry = of(*entries_[entry_]);
    entry.outcome->results.push_back(std::move(result));
    if (failed) {
      step_ = entry.script.size();
      return RollbackStep{};
    }
    return go_on();
  }

 private:
  static ScriptEntry& of(LaneEntry& entry) { return static_cast<ScriptEntry&>(entry); }

  Step go_on() {
    for (; entry_ < entries_.size(); ++entry_, step_ = 0) {
      ScriptEntry& entry = of(*entries_[entry_]);
      if (step_ < entry.script.size()) return entry.script[step_++]();
      entry.outcome->finished.open();
    }
    return Finished{};
  }

  std::vector<std::unique_ptr<LaneEntry>> entries_;
  std::size_t entry_ = 0;
  std::size_t step_ = 0;
};

class ScriptFactory final : public BatchMachineFactory {
 public:
  std::unique_ptr<BatchMachine> make(std::vector<std::unique_ptr<LaneEntry>> entries) override {
    return std::make_unique<ScriptMachine>(std::move(entries));
  }
};

// An adapter under test: opens a database; opened again after the store was destroyed, the same
// one.
class StoreWorld {
 public:
  StoreWorld() = default;
  StoreWorld(const StoreWorld&) = delete;
  StoreWorld& operator=(const StoreWorld&) = delete;
  virtual ~StoreWorld() = default;
  virtual std::unique_ptr<Store> open() = 0;
};

struct StoreAdapter {
  std::string name;
  std::function<std::unique_ptr<StoreWorld>()> make;
};

inline void PrintTo(const StoreAdapter& adapter, std::ostream* out) {
  *out << adapter.name;
}

inline UserId user(std::string_view name) {
  return UserId{std::string{name}};
}

inline domain::ClientId client_id(std::string_view text) {
  return domain::ClientId{std::string{text}};
}

inline domain::Cid cid(std::uint8_t n) {
  domain::Cid id;
  id.bytes[0] = n;
  id.bytes[15] = 7;
  return id;
}

inline ConversationKey key(std::uint8_t n, std::uint32_t app = 1) {
  return {static_cast<domain::AppId>(app), cid(n)};
}

inline UserKey user_key(std::string_view name, std::uint32_t app = 1) {
  return {static_cast<domain::AppId>(app), user(name)};
}

inline Conversation group(std::uint8_t n, std::int64_t created_ms = 1'000) {
  Conversation row;
  row.cid = cid(n);
  row.kind = domain::Kind::group;
  row.title = "group " + std::to_string(n);
  row.created_at = {created_ms};
  return row;
}

inline Member member(std::string_view name, domain::Role role = domain::Role::member) {
  Member row;
  row.user = user(name);
  row.role = role;
  row.joined_at = {1'000};
  return row;
}

inline LogEvent message(Seq seq, No no, std::string_view sender, std::string_view id) {
  LogEvent event;
  event.seq = seq;
  event.no = no;
  event.actor = user(sender);
  event.client_id = client_id(id);
  event.ts = {1'000 + static_cast<std::int64_t>(seq)};
  event.body = "\x01\"text\":\"" + std::string{id} + "\"";
  return event;
}

inline LogEvent removal(Seq seq, No no, std::string_view actor, std::string_view subject) {
  LogEvent event;
  event.seq = seq;
  event.no = no;
  event.kind = domain::EventKind::member_removed;
  event.actor = user(actor);
  event.subject = user(subject);
  event.ts = {1'000 + static_cast<std::int64_t>(seq)};
  return event;
}

// Keeps what it is given, until it has enough.
class KeptMessages final : public MessageSink {
 public:
  explicit KeptMessages(std::size_t enough) : enough_(enough) {}

  void begin(Seq first, Seq last) override {
    range = {first, last};
    messages.clear();
  }

  bool add(const MessageView& message) override {
    LogEvent kept;
    kept.seq = message.seq;
    kept.no = message.no;
    kept.ts = message.ts;
    kept.actor = UserId{std::string{message.sender}};
    kept.client_id = domain::ClientId{std::string{message.client_id}};
    kept.body = std::string{message.body};
    messages.push_back(std::move(kept));
    return messages.size() < enough_;
  }

  std::vector<Seq> seqs() const {
    std::vector<Seq> found;
    for (const LogEvent& message : messages)
      found.push_back(message.seq);
    return found;
  }

  static constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

  std::optional<std::pair<Seq, Seq>> range;
  std::vector<LogEvent> messages;

 private:
  std::size_t enough_;
};

class StoreContract : public ::testing::TestWithParam<StoreAdapter> {
 protected:
  void SetUp() override {
    world_ = GetParam().make();
    open();
  }

  void TearDown() override { store_.reset(); }

  void open() {
    store_ = world_->open();
    ASSERT_NE(store_, nullptr);
    store_->start(factory_);
  }

  void reopen() {
    store_.reset();
    open();
  }

  std::shared_ptr<Outcome> submit(Script script,
                                  std::size_t bytes = 100,
                                  std::size_t background_rows = 0) {
    auto outcome = std::make_shared<Outcome>();
    std::unique_ptr<LaneEntry> entry =
        std::make_unique<ScriptEntry>(std::move(script), outcome, bytes, background_rows);
    EXPECT_TRUE(store_->submit(0, entry).has_value());
    return outcome;
  }

  std::vector<StepResult> run_script(Script script) {
    const auto outcome = submit(std::move(script));
    EXPECT_TRUE(outcome->finished.wait());
    return outcome->results;
  }

  // One transaction: locks, `steps`, then COMMIT or ROLLBACK.
  std::vector<StepResult> run(std::vector<ConversationKey> locks,
                              std::vector<Step> steps,
                              Step end = CommitStep{}) {
    Script script{[locks = std::move(locks)] { return LockStep{locks}; }};
    for (Step& step : steps)
      script.emplace_back([step = std::move(step)] { return step; });
    script.emplace_back([end = std::move(end)] { return end; });
    return run_script(std::move(script));
  }

  // The result of one asking step.
  template <class Result>
  Result look_up(Step step) {
    auto results = run({}, {std::move(step)});
    EXPECT_EQ(results.size(), 3U);
    return std::get<Result>(results.at(1));
  }

  std::optional<Conversation> locked(ConversationKey which) {
    auto results = run({which}, {});
    return std::get<Locked>(results.at(0)).found.at(0);
  }

  void write(WriteStep step) {
    const auto results = run({}, {std::move(step)});
    ASSERT_EQ(results.size(), 3U);
    ASSERT_TRUE(std::holds_alternative<Written>(results[1]));
    ASSERT_TRUE(std::holds_alternative<Committed>(results[2]));
  }

  // A conversation with members and messages m1, m2 … of the first of them.
  void make_group(ConversationKey which,
                  Conversation row,
                  std::vector<Member> members,
                  Seq messages = 0) {
    WriteStep step;
    row.members = static_cast<std::uint32_t>(members.size());
    step.conversations.emplace_back(which, std::move(row));
    for (Seq seq = 1; seq <= messages; ++seq)
      step.events.push_back(
          {which, message(seq, seq, members.at(0).user.str(), "m" + std::to_string(seq))});
    for (Member& one : members)
      step.members.push_back({which, std::move(one)});
    write(std::move(step));
  }

  // Asks the store and waits for its answer.
  template <class T, class Ask>
  base::Result<T> answer(Ask ask) {
    std::optional<base::Result<T>> result;
    ask(Done<T>{[&result](base::Result<T> r) { result = std::move(r); }});
    EXPECT_TRUE(reactor_.run_one());
    if (!result) return base::Fault{base::Errc::internal, "no answer came"};
    return std::move(*result);
  }

  std::optional<LoadedConversation> load(ConversationKey which) {
    return answer<std::optional<LoadedConversation>>(
               [&](auto done) { store_->load(reactor_, which, std::move(done)); })
        .value();
  }

  std::vector<LogEvent> page(PageQuery query) {
    return answer<std::vector<LogEvent>>(
               [&](auto done) { store_->page(reactor_, query, std::move(done)); })
        .value();
  }

  std::vector<Seq> seqs(PageQuery query) {
    std::vector<Seq> found;
    for (const LogEvent& event : page(query))
      found.push_back(event.seq);
    return found;
  }

  // Null: he has no part in it.
  std::shared_ptr<KeptMessages> history(HistoryQuery query,
                                        std::size_t enough = KeptMessages::all) {
    auto kept = std::make_shared<KeptMessages>(enough);
    const auto seen =
        answer<bool>([&](auto done) { store_->history(reactor_, query, kept, std::move(done)); });
    EXPECT_EQ(seen.value(), kept->range.has_value());
    return seen.value() ? kept : nullptr;
  }

  std::optional<ListedConversation> find_for(ConversationKey which, std::string_view who) {
    return answer<std::optional<ListedConversation>>(
               [&](auto done) { store_->find_for(reactor_, which, user(who), std::move(done)); })
        .value();
  }

  std::vector<Membership> memberships(UserKey who, std::string_view device = "") {
    return answer<std::vector<Membership>>([&](auto done) {
             store_->memberships(
                 reactor_, who, domain::DeviceId{std::string{device}}, std::move(done));
           })
        .value();
  }

  std::vector<Membership> memberships_of(UserKey who,
                                         std::vector<domain::Cid> cids,
                                         std::string_view device = "") {
    return answer<std::vector<Membership>>([&](auto done) {
             store_->memberships_of(
                 reactor_, who, domain::DeviceId{std::string{device}}, cids, std::move(done));
           })
        .value();
  }

  std::vector<ListedConversation> list(ListQuery query) {
    return answer<std::vector<ListedConversation>>(
               [&](auto done) { store_->list(reactor_, query, std::move(done)); })
        .value();
  }

  std::vector<std::string> members(ConversationKey which,
                                   std::size_t limit,
                                   std::string after = "") {
    std::vector<std::string> names;
    auto rows = answer<std::vector<Member>>([&](auto done) {
      store_->members(reactor_, {which, limit, after}, std::move(done));
    });
    for (const Member& row : rows.value())
      names.push_back(row.user.str());
    return names;
  }

  std::optional<domain::Cid> find_external(ExternalKey which) {
    return answer<std::optional<domain::Cid>>(
               [&](auto done) { store_->find_external(reactor_, which, std::move(done)); })
        .value();
  }

  std::uint64_t unread_total(UserKey who) {
    return answer<std::uint64_t>(
               [&](auto done) { store_->unread_total(reactor_, who, std::move(done)); })
        .value();
  }

  std::vector<UserRow> users(UserKey asking, std::vector<UserId> which) {
    return answer<std::vector<UserRow>>(
               [&](auto done) { store_->users(reactor_, asking, which, std::move(done)); })
        .value();
  }

  std::vector<Seq> heads(std::vector<ConversationKey> keys) {
    return answer<std::vector<Seq>>(
               [&](auto done) { store_->heads(reactor_, std::move(keys), std::move(done)); })
        .value();
  }

  std::optional<StoredSend> find_send(const SendKey& which) {
    return answer<std::optional<StoredSend>>(
               [&](auto done) { store_->find_send(reactor_, which, std::move(done)); })
        .value();
  }

  ScriptFactory factory_;
  PretendReactor reactor_;
  std::unique_ptr<StoreWorld> world_;

  std::unique_ptr<Store> store_;
};

// An adapter's test may have no other use for the suite.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StoreContract);

}  // namespace kith::ports::contract
