#include "store.hpp"

#include <algorithm>

namespace kith::simulation {
namespace {

// Server-side limits: of waiting for a lock, and of a transaction without a client.
constexpr Duration lock_timeout = 1s;
constexpr Duration idle_limit = 5s;
constexpr Duration look_again = 50ms;  // whether a database that stands still goes on

}  // namespace

void Database::resolve_later(ports::TransactionId id) {
  const auto after = world.chance(0.3) ? idle_limit : world.between(Duration{1ms}, Duration{1s});
  world.at(after, [this, id] {
    for (const auto& open : tables->open_transactions()) {
      if (open.id != id) continue;
      const bool commit = open.in_doubt && world.chance(0.5);
      world.tell([&] {
        return std::string{"database: a forgotten transaction is "} +
               (commit ? "committed" : "rolled back");
      });
      tables->resolve(id, commit);
    }
  });
}

void Database::heal() {
  fails_again = fails_for_good = commits_unknown = reads_fail = 0;
  stalled_until = silent_until = read_only_until = std::min(stalled_until, world.now());
}

SimStore::SimStore(Database& database)
    : MemoryStore(database.tables),
      database_of_all_(database),
      world_(database.world),
      self_(std::make_shared<SimStore*>(this)) {
  fail_step = [this](const auto& step) { return fail(step); };
  commit_fate = [this] { return fate(); };
  knows_unsent = [this] { return world_.chance(database_of_all_.knows_unsent); };
  fail_read = [this]() -> std::optional<base::Fault> {
    if (!world_.chance(database_of_all_.reads_fail)) return std::nullopt;
    return base::Fault{base::Errc::unavailable, "the database can not be read: try again", 100};
  };
}

SimStore::~SimStore() {
  *self_ = nullptr;
}

base::Result<void> SimStore::submit(std::size_t lane, std::unique_ptr<ports::LaneEntry>& entry) {
  auto taken = MemoryStore::submit(lane, entry);
  if (taken.has_value()) kick();
  return taken;
}

void SimStore::die() {
  const auto open = transaction();
  const auto lost = lost_transaction();
  abandon();
  for (const auto& id : {open, lost})
    if (id) database_of_all_.resolve_later(*id);
}

void SimStore::kick() {
  if (std::exchange(kicked_, true)) return;
  const auto most = transaction() ? database_of_all_.step_most : database_of_all_.commit_most;
  world_.at(world_.between(Duration{20us}, most), [self = self_] {
    if (*self == nullptr) return;
    (*self)->kicked_ = false;
    (*self)->turn_lane();
  });
}

void SimStore::turn_lane() {
  if (world_.now() < database_of_all_.stalled_until) {
    kicked_ = true;
    return world_.at(look_again, [self = self_] {
      if (*self == nullptr) return;
      (*self)->kicked_ = false;
      (*self)->turn_lane();
    });
  }
  const auto entries_max =
      world_.chance(0.3) ? 1 + world_.below(3) : base::limits::batch_entries_max;
  step_lane(entries_max);
  if (lane_waits()) {
    if (!std::exchange(waited_, true)) waits_since_ = world_.now();
    if (world_.now() - waits_since_ > lock_timeout) time_out();
  } else {
    waited_ = false;
  }
  if (!lane_idle()) kick();
}

void SimStore::begin(Read read) {
  MemoryStore::begin(std::move(read));
  later_read(world_.between(Duration{20us}, database_of_all_.read_most), false);
}

// First it looks, then its answer travels; another one may be faster in both.
void SimStore::later_read(Duration after, bool looked) {
  world_.at(after, [self = self_, looked] {
    if (*self == nullptr) return;
    auto& me = **self;
    if (me.world_.now() < me.database_of_all_.silent_until)
      return me.later_read(look_again, looked);
    if (looked) return me.answer(me.world_.below(me.answers_waiting()));
    me.look(me.world_.below(me.reads_waiting()));
    me.later_read(me.world_.between(Duration{20us}, me.database_of_all_.read_most), true);
  });
}

std::optional<ports::StepFailed> SimStore::fail(const ports::Step& step) {
  if (std::holds_alternative<ports::RollbackStep>(step) ||
      std::holds_alternative<ports::Finished>(step))
    return std::nullopt;
  const bool writes = std::holds_alternative<ports::WriteStep>(step);
  if (writes && (world_.now() < database_of_all_.read_only_until ||
                 world_.chance(database_of_all_.fails_for_good))) {
    world_.tell([] { return std::string{"database: refuses to write"}; });
    return ports::StepFailed{
        .again = false,
        .fault = {base::Errc::unavailable, "the database takes no writes: try again", 200}};
  }
  if (std::holds_alternative<ports::CommitStep>(step)) return std::nullopt;
  if (!world_.chance(database_of_all_.fails_again)) return std::nullopt;
  world_.tell([] { return std::string{"database: a deadlock"}; });
  return ports::StepFailed{
      .again = true, .fault = {base::Errc::unavailable, "the database is busy: try again", 100}};
}

ports::CommitFate SimStore::fate() {
  if (!world_.chance(database_of_all_.commits_unknown)) return ports::CommitFate::answered;
  world_.tell([] { return std::string{"database: a commit is not answered"}; });
  switch (world_.below(3)) {
    case 0:
      return ports::CommitFate::lost_committed;
    case 1:
      return ports::CommitFate::lost_rolled_back;
    default:
      if (const auto id = transaction()) database_of_all_.resolve_later(*id);
      return ports::CommitFate::lost_open;
  }
}

}  // namespace kith::simulation
