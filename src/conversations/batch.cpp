#include "conversations/batch.hpp"

#include "base/assert.hpp"
#include "base/simulation.hpp"
#include "conversations/entry_kinds.hpp"

#include <set>
#include <string>
#include <utility>

namespace kith::conversations {
namespace {

// A batch that the database wants to be asked again is asked this often, then refused.
constexpr int attempts_max = 50;

// Which rows an entry's decision reads and which it changes; decides where a segment ends.
struct Footprint {
  std::set<ConversationKey> changed;
  std::set<std::pair<domain::AppId, std::string>> external_ids;

  // Whether the entry can be decided in the segment so far; notes what it changes.
  bool admit(const ports::LaneEntry& entry) {
    if (const auto* send = entry_as<SendEntry>(entry)) return !changed.contains(send->key);
    if (const auto* read = entry_as<ReadEntry>(entry)) {
      for (const auto& [cid, seq] : read->marks)
        if (changed.contains({read->user.app, cid})) return false;
      return true;
    }
    if (const auto* create = entry_as<CreateEntry>(entry)) {
      if (!create->external_id.empty() &&
          !external_ids.emplace(create->key.app, create->external_id).second)
        return false;
      return changed.insert(create->key).second;
    }
    if (const auto* add = entry_as<AddEntry>(entry)) return changed.insert(add->key).second;
    if (const auto* role = entry_as<RoleEntry>(entry)) return changed.insert(role->key).second;
    if (const auto* update = entry_as<UpdateEntry>(entry))
      return changed.insert(update->key).second;
    if (const auto* remove = entry_as<RemoveEntry>(entry)) {
      if (removes) return false;  // at most one question for a successor
      removes = true;
      return changed.insert(remove->key).second;
    }
    return true;
  }

  bool removes = false;
};

}  // namespace

Batch::Batch(const BatchContext& context, std::vector<std::unique_ptr<ports::LaneEntry>> entries)
    : context_(context), entries_(std::move(entries)) {
  cut_into_segments();
}

void Batch::cut_into_segments() {
  std::size_t begin = 0;
  Footprint footprint;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (footprint.admit(*entries_[i])) continue;
    segments_.emplace_back(&entries_[begin], i - begin);
    begin = i;
    footprint = {};
    const bool alone = footprint.admit(*entries_[i]);
    KITH_ASSERT(alone);
  }
  if (begin < entries_.size()) segments_.emplace_back(&entries_[begin], entries_.size() - begin);
}

ports::Step Batch::first() {
  return begin_segment();
}

ports::Step Batch::begin_segment() {
  if (segments_.empty()) return ports::Finished{};
  plan_ = std::make_unique<Plan>(context_, segments_.front());
  return ask(Stage::locking);
}

ports::Step Batch::ask(Stage stage) {
  const auto at = [&](Stage here, ports::Step step) {
    stage_ = here;
    asked_ = std::move(step);
    return asked_;
  };
  if (stage == Stage::locking) return at(stage, plan_->lock());
  if (stage <= Stage::recalling && unsure_) return at(Stage::recalling, ports::RecallStep{});
  if (stage <= Stage::looking)
    if (auto step = plan_->look(); !step.keys.empty()) {
      stage_ = Stage::looking;  // the plan knows what it looks for: not worth a copy
      return step;
    }
  if (stage <= Stage::members)
    if (auto step = plan_->members(); !step.keys.empty())
      return at(Stage::members, std::move(step));
  if (stage <= Stage::counting)
    if (auto step = plan_->count(); !step.places.empty())
      return at(Stage::counting, std::move(step));
  if (stage <= Stage::external)
    if (auto step = plan_->external(); !step.keys.empty())
      return at(Stage::external, std::move(step));
  if (stage <= Stage::successor)
    if (auto step = plan_->successor()) return at(Stage::successor, std::move(*step));
  return write();
}

void Batch::take(ports::StepResult result) {
  switch (stage_) {
    case Stage::locking:
      return plan_->take(std::get<ports::LockStep>(asked_),
                         std::get<ports::Locked>(std::move(result)));
    case Stage::looking:
      return plan_->take(std::get<ports::Looked>(std::move(result)));
    case Stage::members:
      return plan_->take(std::get<ports::MembersStep>(asked_),
                         std::get<ports::MembersFound>(std::move(result)));
    case Stage::counting:
      return plan_->take(std::get<ports::CountStep>(asked_),
                         std::get<ports::Counted>(std::move(result)));
    case Stage::external:
      return plan_->take(std::get<ports::ExternalStep>(asked_),
                         std::get<ports::ExternalFound>(std::move(result)));
    case Stage::successor:
      return plan_->take(std::get<ports::SuccessorFound>(std::move(result)));
    case Stage::recalling:
    case Stage::writing:
    case Stage::committing:
    case Stage::rolling_back:
    case Stage::recalled:
      KITH_ASSERT(!"a stage that asks");
  }
}

ports::Step Batch::next(ports::StepResult result) {
  // Whatever became of the locks: what it was asked about stands.
  if (stage_ == Stage::recalled) return committed();
  if (auto* failure = std::get_if<ports::StepFailed>(&result)) {
    failure_ = *failure;
    if (failure_.unknown) unsure_ = std::move(plan_);
    stage_ = Stage::rolling_back;
    return ports::RollbackStep{};
  }
  switch (stage_) {
    case Stage::recalling:
      return recalled(std::get<ports::Recalled>(result).committed);
    case Stage::writing:
      if (KITH_MUTANT(ack_before_commit)) plan_->outcome().hand_out();
      stage_ = Stage::committing;
      return ports::CommitStep{};
    case Stage::committing:
      return committed();
    case Stage::rolling_back:
      return rolled_back();
    default:
      break;
  }
  take(std::move(result));
  return ask(static_cast<Stage>(static_cast<int>(stage_) + 1));
}

ports::Step Batch::write() {
  plan_->decide();
  asked_ = ports::Finished{};
  if (plan_->writes_nothing()) {  // duplicates and refusals only
    stage_ = Stage::committing;
    return ports::CommitStep{};
  }
  stage_ = Stage::writing;
  return plan_->take_writes();
}

ports::Step Batch::committed() {
  plan_->outcome().hand_out();
  attempts_ = 0;
  segments_.pop_front();
  return begin_segment();
}

ports::Step Batch::recalled(bool was_committed) {
  auto before = std::exchange(unsure_, nullptr);
  if (!was_committed) return ask(Stage::looking);
  plan_ = std::move(before);
  stage_ = Stage::recalled;
  return ports::RollbackStep{};  // of the locks alone
}

ports::Step Batch::rolled_back() {
  if (unsure_) return begin_segment();  // until it is known, nobody is told anything
  const auto segment = segments_.front();
  if (failure_.again && ++attempts_ < attempts_max) return begin_segment();
  attempts_ = 0;
  segments_.pop_front();
  if (!failure_.again && segment.size() > 1) {  // find the one at fault, and let the others pass
    const auto half = segment.size() / 2;
    segments_.push_front(segment.subspan(half));
    segments_.push_front(segment.first(half));
  } else {
    refuse_all(*context_.homes, segment, failure_.fault);
  }
  return begin_segment();
}

}  // namespace kith::conversations
