#pragma once

#include "ports/memory/store.hpp"
#include "ports/store_fixture_test.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

// Several stores over one database, as nodes over one server.
namespace kith::ports::contract {

inline WriteStep message_of(std::uint8_t n, Seq seq, std::string_view sender) {
  WriteStep step;
  step.events = {{key(n), message(seq, seq, sender, "m" + std::to_string(seq))}};
  return step;
}

inline WriteStep new_group(std::uint8_t n, std::string external_id = {}) {
  WriteStep step;
  step.conversations = {{key(n), group(n)}};
  step.conversations[0].second.external_id = std::move(external_id);
  step.members = {{key(n), member("ann")}};
  return step;
}

struct Node {
  explicit Node(std::shared_ptr<MemoryDatabase> database) : store(std::move(database)) {
    store.start(factory);
  }

  // One transaction: locks, a write, commit.
  std::shared_ptr<Outcome> submit(std::vector<ConversationKey> keys, WriteStep write) {
    return submit({[keys] { return LockStep{keys}; },
                   [write] { return write; },
                   [] { return CommitStep{}; }});
  }

  std::shared_ptr<Outcome> submit(Script script) {
    auto outcome = std::make_shared<Outcome>();
    std::unique_ptr<LaneEntry> entry = std::make_unique<ScriptEntry>(std::move(script), outcome);
    EXPECT_TRUE(store.submit(0, entry).has_value());
    return outcome;
  }

  ScriptFactory factory;
  MemoryStore store;
};

class Nodes : public ::testing::Test {
 protected:
  Nodes() {
    for (const std::uint8_t n : {1, 2}) {
      database_->execute(LockStep{{key(n)}});
      database_->execute(new_group(n));
      database_->execute(CommitStep{});
    }
  }

  Seq head(std::uint8_t n) const { return database_->heads({key(n)}).at(0); }

  static void steps(Node& node, int count) {
    for (int i = 0; i < count; ++i)
      ASSERT_TRUE(node.store.step_lane()) << "step " << i;
  }

  // Until its lane has nothing to do or waits.
  static void run(Node& node) { node.store.run_lane(); }

  static const StepResult& last(const std::shared_ptr<Outcome>& outcome) {
    return outcome->results.back();
  }

  static bool committed(const std::shared_ptr<Outcome>& outcome) {
    return !outcome->results.empty() && std::holds_alternative<Committed>(last(outcome));
  }

  static const StepFailed* failed(const std::shared_ptr<Outcome>& outcome, std::size_t step) {
    return std::get_if<StepFailed>(&outcome->results.at(step));
  }

  TransactionId only_open() const {
    EXPECT_EQ(database_->open_transactions().size(), 1U);
    return database_->open_transactions().at(0).id;
  }

  std::shared_ptr<MemoryDatabase> database_ = std::make_shared<MemoryDatabase>();
  Node one_{database_};
  Node two_{database_};
  Node three_{database_};
};

}  // namespace kith::ports::contract
