#pragma once

#include "ports/memory/store.hpp"
#include "world.hpp"

#include <memory>

namespace kith::simulation {

// The database server that all nodes share, and how it feels today.
struct Database {
  explicit Database(World& of) : world(of) {}

  World& world;
  std::shared_ptr<ports::MemoryDatabase> tables = std::make_shared<ports::MemoryDatabase>();
  Duration step_most = 500us;
  Duration commit_most = 3ms;
  Duration read_most = 2ms;
  Instant stalled_until{};     // no transaction moves
  Instant silent_until{};      // and no read either
  Instant read_only_until{};   // writes are refused
  double fails_again = 0;      // of the steps
  double fails_for_good = 0;   // of the writes
  double commits_unknown = 0;  // of the commits
  double reads_fail = 0;
  double knows_unsent = 0;  // of the keys where nothing stands

  // Ends a transaction that its node does not end any more, later.
  void resolve_later(ports::TransactionId id);
  // Nothing goes wrong from now on.
  void heal();
};

// One node's way to it: a writer lane and readers that take their time.
class SimStore final : public ports::MemoryStore {
 public:
  explicit SimStore(Database& database);
  ~SimStore() override;

  base::Result<void> submit(std::size_t lane, std::unique_ptr<ports::LaneEntry>& entry) override;

  // As drain() of a real store begins: the lane ends what waits, in its own time.
  void begin_drain() noexcept { draining_ = true; }

  bool lane_idle() const noexcept { return !batch_under_way() && entries_waiting() == 0; }

  // The node dies here.
  void die();

 protected:
  void begin(Read read) override;

 private:
  void kick();
  void turn_lane();
  void later_read(Duration after, bool looked);
  std::optional<ports::StepFailed> fail(const ports::Step& step);
  ports::CommitFate fate();

  Database& database_of_all_;
  World& world_;
  bool kicked_ = false;
  Instant waits_since_{};
  bool waited_ = false;
  std::shared_ptr<SimStore*> self_;
};

}  // namespace kith::simulation
