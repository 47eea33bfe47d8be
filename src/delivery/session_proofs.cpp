#include "base/limits.hpp"
#include "delivery/hub.hpp"
#include "delivery/session.hpp"

#include <algorithm>

// How far a session was handed its logs, and how far its client proved that it got them.
namespace kith::delivery {

namespace limits = base::limits;

void Session::on_checkpoint(std::uint64_t number) {
  if (!handed_out_) return;
  handed_out_ = false;
  Checkpoint checkpoint{number, {}};
  for (const auto& position : positions_) {
    if (position.channel == nullptr || position.now() <= position.proved) continue;
    checkpoint.places.emplace_back(slot_of(position), static_cast<ShortSeq>(position.now()));
  }
  if (checkpoint.places.empty()) return;
  if (checkpoints_.size() == checkpoints_max)
    checkpoints_.erase(checkpoints_.begin());  // a later one says more
  checkpoints_.push_back(std::move(checkpoint));
}

void Session::on_proved(std::uint64_t number) {
  if (own_ && own_->idle()) own_.reset();
  if (checkpoints_.empty()) return;
  bool moved = false;
  auto proved = checkpoints_.begin();
  for (; proved != checkpoints_.end() && proved->number <= number; ++proved)
    for (const auto& [slot, seq] : proved->places)
      moved = note_proved(positions_[slot], seq) || moved;
  checkpoints_.erase(checkpoints_.begin(), proved);
  if (checkpoints_.empty()) checkpoints_ = {};  // most are silent after it
  if (moved) hub_.note_cursors(*this);
}

std::vector<std::pair<Cid, Seq>> Session::places() const {
  std::vector<std::pair<Cid, Seq>> places;
  places.reserve(positions_.size() - free_slots_);
  for (const auto& position : positions_)
    if (position.channel != nullptr) places.emplace_back(position.channel->key.cid, position.now());
  return places;
}

std::optional<Seq> Session::received(const Cid& cid, Seq seq) {
  const auto* channel = hub_.find_channel({user_.app, cid});
  auto* position = channel == nullptr ? nullptr : find(*channel);
  if (position == nullptr) return std::nullopt;
  if (note_proved(*position, std::min(seq, position->now()))) hub_.note_cursors(*this);
  return position->proved;
}

bool Session::listens(const Cid& cid) noexcept {
  const auto* channel = hub_.find_channel({user_.app, cid});
  return channel != nullptr && find(*channel) != nullptr;
}

bool Session::note_proved(Position& position, Seq seq) {
  if (seq <= position.proved) return false;
  position.proved = static_cast<ShortSeq>(seq);
  const auto& key = position.channel->key;
  // Of whom nobody knows how many they are, as many as listen are there.
  const bool few = position.channel->listeners.size() <= limits::ticks_members_max;
  if (few && key.cid != user_cid_)
    hub_.tell({.key = key, .user = user_.user, .delivered_seq = seq});
  return true;
}

std::vector<std::pair<Slot, Seq>> Session::due_cursors() const {
  std::vector<std::pair<Slot, Seq>> due;
  for (const auto& position : positions_) {
    if (due.size() == limits::cursor_slice) break;
    if (position.proved > position.written) due.emplace_back(slot_of(position), position.proved);
  }
  return due;
}

}  // namespace kith::delivery
