#include "ports/memory/store.hpp"

#include "ports/fake.hpp"
#include "ports/store_contract_test.hpp"

#include <thread>

namespace kith::ports::contract {
namespace {

// The contract speaks of a lane that runs by itself: here it does.
class ThreadedMemoryStore final : public MemoryStore {
 public:
  explicit ThreadedMemoryStore(std::shared_ptr<MemoryDatabase> database)
      : MemoryStore(std::move(database)) {}

  ~ThreadedMemoryStore() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  void start(BatchMachineFactory& factory) override {
    MemoryStore::start(factory);
    running_ = true;
    thread_ = std::thread([this] { work(); });
  }

  base::Result<void> submit(std::size_t lane, std::unique_ptr<LaneEntry>& entry) override {
    const std::lock_guard lock(mutex_);
    auto taken = MemoryStore::submit(lane, entry);
    changed_.notify_all();
    return taken;
  }

  void drain() override {
    std::unique_lock lock(mutex_);
    draining_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !running_; });
  }

 private:
  void begin(Read read) override {
    Answer answer;
    {
      const std::lock_guard lock(mutex_);
      answer = read();
    }
    answer.asker->post(std::move(answer.task));
  }

  std::optional<StepResult> execute(const Step& step) override {
    const std::lock_guard lock(mutex_);
    return MemoryStore::execute(step);
  }

  std::vector<std::unique_ptr<LaneEntry>> wait_for_entries() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || draining_ || !queue_.empty(); });
    if (stopping_) return {};
    return queue_.take();
  }

  void work() {
    for (auto entries = wait_for_entries(); !entries.empty(); entries = wait_for_entries()) {
      const auto machine = factory_->make(std::move(entries));
      for (auto step = machine->first(); !std::holds_alternative<Finished>(step);)
        step = machine->next(execute(step).value());
    }
    const std::lock_guard lock(mutex_);
    running_ = false;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::thread thread_;
  bool stopping_ = false;
  bool running_ = false;
};

class MemoryWorld final : public StoreWorld {
 public:
  std::unique_ptr<Store> open() override {
    return std::make_unique<ThreadedMemoryStore>(database_);
  }

 private:
  std::shared_ptr<MemoryDatabase> database_ = std::make_shared<MemoryDatabase>();
};

INSTANTIATE_TEST_SUITE_P(Memory,
                         StoreContract,
                         ::testing::Values(StoreAdapter{
                             "memory", [] { return std::make_unique<MemoryWorld>(); }}),
                         [](const auto& tested) { return tested.param.name; });

// A machine of one transaction that locks, writes what it is given and commits.
class WriteMachine final : public BatchMachine {
 public:
  explicit WriteMachine(std::vector<StepResult>& results) : results_(results) {}

  Step first() override { return LockStep{{key(1)}}; }

  Step next(StepResult result) override {
    const bool failed = std::holds_alternative<StepFailed>(result);
    results_.push_back(std::move(result));
    if (failed) return RollbackStep{};
    if (results_.size() == 1) {
      WriteStep step;
      step.conversations.emplace_back(key(1), group(1));
      step.events.push_back({key(1), message(1, 1, "ann", "m1")});
      step.members.push_back({key(1), member("ann")});
      return step;
    }
    if (results_.size() == 2) return CommitStep{};
    return Finished{};
  }

 private:
  std::vector<StepResult>& results_;
};

class WriteFactory final : public BatchMachineFactory {
 public:
  std::unique_ptr<BatchMachine> make(std::vector<std::unique_ptr<LaneEntry>> entries) override {
    batches.push_back(entries.size());
    return std::make_unique<WriteMachine>(results);
  }

  std::vector<StepResult> results;
  std::vector<std::size_t> batches;
};

struct PlainEntry final : LaneEntry {
  std::size_t bytes() const noexcept override { return 1; }
};

class StepwiseStore : public ::testing::Test {
 protected:
  StepwiseStore() { store_.start(factory_); }

  bool submit() {
    std::unique_ptr<LaneEntry> entry = std::make_unique<PlainEntry>();
    return store_.submit(0, entry).has_value();
  }

  void ask() {
    store_.page(reactor_, {key(1), 0, 9, 9}, [this](auto page) {
      found_.push_back(page.has_value() ? static_cast<int>(page->size()) : -1);
    });
  }

  base::ManualClock clock_;
  FakeReactor reactor_{clock_};
  WriteFactory factory_;
  MemoryStore store_;
  std::vector<int> found_;
};

TEST_F(StepwiseStore, takes_one_step_of_a_batch_at_a_time) {
  EXPECT_FALSE(store_.step_lane());
  ASSERT_TRUE(submit());
  int steps = 0;
  while (store_.step_lane()) {
    ++steps;
    EXPECT_EQ(store_.database().committed().conversations.size(), steps < 4 ? 0U : 1U);
  }
  EXPECT_EQ(steps, 4);
  EXPECT_FALSE(store_.batch_under_way());
}

TEST_F(StepwiseStore, a_batch_may_be_made_smaller_than_what_waits) {
  submit();
  submit();
  submit();
  EXPECT_TRUE(store_.step_lane(2));
  EXPECT_EQ(factory_.batches, std::vector<std::size_t>{2});
  EXPECT_EQ(store_.entries_waiting(), 1U);
}

TEST_F(StepwiseStore, a_read_sees_what_was_committed_when_it_looked) {
  submit();
  ask();
  ask();
  store_.look(1);
  store_.run_lane();
  store_.look(0);
  reactor_.run();
  EXPECT_TRUE(found_.empty());
  store_.answer(1);
  store_.answer(0);
  reactor_.run();
  EXPECT_EQ(found_, (std::vector<int>{1, 0}));
}

TEST_F(StepwiseStore, a_step_and_a_read_can_be_made_to_fail) {
  store_.fail_step = [](const Step& step) -> std::optional<StepFailed> {
    if (!std::holds_alternative<CommitStep>(step)) return std::nullopt;
    return StepFailed{true, {base::Errc::unavailable, "try again"}};
  };
  submit();
  for (int i = 0; i < 4; ++i)
    store_.step_lane();
  EXPECT_TRUE(std::holds_alternative<StepFailed>(factory_.results.at(2)));
  EXPECT_TRUE(store_.database().committed().conversations.empty());
  store_.fail_read = [] { return std::optional<base::Fault>{base::Fault{}}; };
  ask();
  store_.look();
  store_.answer();
  reactor_.run();
  EXPECT_EQ(found_, std::vector<int>{-1});
}

TEST_F(StepwiseStore, a_lane_said_to_be_full_refuses) {
  store_.lane_full = true;
  EXPECT_FALSE(submit());
  store_.lane_full = false;
  EXPECT_TRUE(submit());
}

}  // namespace
}  // namespace kith::ports::contract
