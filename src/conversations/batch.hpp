#pragma once

#include "conversations/entries.hpp"
#include "conversations/homes.hpp"
#include "conversations/plan.hpp"
#include "ports/store.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <vector>

// One batch of a writer lane, sans I/O: lock, look, decide, number, write, commit; retry, halve.
//
// Entries are taken in order of arrival, in segments of one transaction each. A segment ends before
// an entry whose decision needs rows that an earlier entry of it changes; so every decision is made
// on rows read under the lock, and none on a guess.
namespace kith::conversations {

class Batch final : public ports::BatchMachine {
 public:
  Batch(const BatchContext& context, std::vector<std::unique_ptr<ports::LaneEntry>> entries);

  ports::Step first() override;
  ports::Step next(ports::StepResult result) override;

 private:
  enum class Stage : std::uint8_t {
    locking,
    recalling,
    looking,
    members,
    counting,
    external,
    successor,
    writing,
    committing,
    rolling_back,
    recalled,
  };
  using Segment = std::span<std::unique_ptr<ports::LaneEntry>>;

  void cut_into_segments();
  ports::Step begin_segment();
  ports::Step ask(Stage stage);  // the first step from this stage on that has something to ask
  void take(ports::StepResult result);
  ports::Step write();
  ports::Step committed();
  ports::Step recalled(bool was_committed);
  ports::Step rolled_back();

  const BatchContext& context_;
  std::vector<std::unique_ptr<ports::LaneEntry>> entries_;
  std::deque<Segment> segments_;
  Stage stage_ = Stage::locking;
  ports::Step asked_;
  std::unique_ptr<Plan> plan_;
  std::unique_ptr<Plan> unsure_;  // was committed or not: nobody has said
  int attempts_ = 0;
  ports::StepFailed failure_;
};

// Makes batches; one for all lanes.
class BatchFactory final : public ports::BatchMachineFactory {
 public:
  explicit BatchFactory(BatchContext context) : context_(context) {}

  std::unique_ptr<ports::BatchMachine> make(
      std::vector<std::unique_ptr<ports::LaneEntry>> entries) override {
    return std::make_unique<Batch>(context_, std::move(entries));
  }

 private:
  BatchContext context_;
};

}  // namespace kith::conversations
