#include "adapters/sqlite/tails.hpp"

#include "base/assert.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace kith::adapters::sqlite {

EventRecord TailEvent::record() const {
  auto record = read_event_record(std::string_view{*row}.substr(offset, size));
  KITH_ASSERT(record.has_value());
  return *record;
}

// --- the writer

std::span<const TailEvent> Tails::of(std::int64_t conversation) const {
  const auto it = tails_.find(conversation);
  if (it == tails_.end()) return {};
  return it->second->events;
}

Tails::Extent Tails::extent_of(std::int64_t conversation) const {
  const auto it = tails_.find(conversation);
  if (it == tails_.end()) return {};
  return {it->second->events.size(), it->second->bytes};
}

bool Tails::current(const Age& age) const {
  const auto it = tails_.find(age.conversation);
  return it != tails_.end() && !it->second->events.empty() && it->second->age == age.number;
}

const Tails::Age& Tails::age_of(const Tail& tail) const {
  return ages_[tail.age - ages_.front().number];
}

std::vector<std::int64_t> Tails::going_with(const Age& oldest) const {
  std::vector<std::int64_t> going;
  const std::size_t half = (logged_.events - oldest.logged.events) / 2;
  const std::int64_t first = oldest.conversation - oldest.conversation % neighbours;
  for (std::int64_t id = first; id < first + neighbours; ++id) {
    const auto it = tails_.find(id);
    if (id == oldest.conversation || it == tails_.end() || it->second->events.empty()) continue;
    if (logged_.events - age_of(*it->second).logged.events >= half) going.push_back(id);
  }
  return going;
}

Version Tails::oldest_row() const noexcept {
  return ages_.empty() ? version_ + 1 : ages_.front().row;
}

void Tails::publish(Version version, TailChanges& changes, const LogGrowth& growth) {
  Dead dead;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [conversation, what] : changes)
      change(version, conversation, what, dead);
    version_ = version;
    free_retired();
    wake = waiting_ != 0;
  }
  if (wake) published_.notify_all();
  logged_ += growth;
  while (!ages_.empty() && !current(ages_.front()))
    ages_.pop_front();
}

void Tails::shrink() {
  const std::lock_guard lock(mutex_);
  tails_.rehash(0);
}

void Tails::change(Version version, std::int64_t conversation, TailChange& change, Dead& dead) {
  auto it = tails_.find(conversation);
  if (it == tails_.end()) {
    if (change.fresh.empty()) return;
    it = tails_.emplace(conversation, std::make_unique<Tail>()).first;
  }
  Tail& tail = *it->second;
  if (change.folded && !tail.events.empty()) {
    for (const TailEvent& event : tail.events)
      held_bytes_ -= event.held_bytes();
    if (!pins_.empty()) {
      for (TailEvent& event : tail.events) {
        retired_bytes_ += event.held_bytes();
        tail.retired.push_back({std::move(event), version});
      }
      retired_.push_back({version, conversation});
    }
    dead.push_back(std::move(tail.events));
    tail.events.clear();
    tail.bytes = 0;
  }
  for (TailEvent& event : change.fresh)
    append(tail, conversation, std::move(event));
  if (tail.events.empty() && tail.retired.empty()) tails_.erase(it);
}

void Tails::append(Tail& tail, std::int64_t conversation, TailEvent event) {
  if (tail.events.empty()) {
    tail.age = ++ages_made_;
    ages_.push_back({conversation, tail.age, logged_, event.born});
  }
  held_bytes_ += event.held_bytes();
  tail.bytes += event.size;
  tail.events.push_back(std::move(event));
}

Version Tails::oldest_pin() const noexcept {
  Version oldest = version_;
  for (const Version pin : pins_)
    oldest = std::min(oldest, pin);
  return oldest;
}

void Tails::free_retired() {
  if (retired_.empty()) return;
  const Version oldest = oldest_pin();
  while (!retired_.empty() && retired_.front().folded <= oldest)
    free_first_retired();
  while (retired_bytes_ > limits_.retired_bytes) {
    gone_ = retired_.front().folded;
    free_first_retired();
  }
}

void Tails::free_first_retired() {
  const auto [folded, conversation] = retired_.front();
  retired_.pop_front();
  const auto it = tails_.find(conversation);
  if (it == tails_.end()) return;  // emptied when nobody read, and erased since
  Tail& tail = *it->second;
  const Version until = folded;
  const auto end = std::find_if(tail.retired.begin(), tail.retired.end(), [until](const auto& one) {
    return one.folded > until;
  });
  for (auto one = tail.retired.begin(); one != end; ++one)
    retired_bytes_ -= one->event.held_bytes();
  tail.retired.erase(tail.retired.begin(), end);
  if (tail.retired.empty()) tail.retired.shrink_to_fit();
  if (tail.events.empty() && tail.retired.empty()) tails_.erase(it);
}

// The tails stay where they are: the writer looks for them without the lock, and its next commit
// erases those that are empty.
void Tails::free_all_retired(std::vector<std::vector<Retired>>& dead) {
  if (retired_bytes_ == 0) return;
  for (const RetiredAt& at : retired_) {
    const auto it = tails_.find(at.conversation);
    if (it == tails_.end() || it->second->retired.empty()) continue;
    dead.push_back(std::exchange(it->second->retired, {}));
  }
  retired_bytes_ = 0;
}

// --- the readers

std::size_t Tails::retired_bytes() const {
  const std::lock_guard lock(mutex_);
  return retired_bytes_;
}

TailSnapshot::TailSnapshot(Tails& tails) : tails_(tails) {
  const std::lock_guard lock(tails_.mutex_);
  pinned_ = version_ = tails_.version_;
  tails_.pins_.push_back(pinned_);
}

TailSnapshot::~TailSnapshot() {
  std::vector<std::vector<Tails::Retired>> dead;  // destroyed when the lock is free
  const std::lock_guard lock(tails_.mutex_);
  const auto mine = std::find(tails_.pins_.begin(), tails_.pins_.end(), pinned_);
  *mine = tails_.pins_.back();
  tails_.pins_.pop_back();
  if (tails_.pins_.empty()) tails_.free_all_retired(dead);
}

void TailSnapshot::fix_at(Version version) {
  std::unique_lock lock(tails_.mutex_);
  version_ = version;
  if (tails_.version_ >= version) return;
  ++tails_.waiting_;
  tails_.published_.wait(lock, [&] { return tails_.version_ >= version; });
  --tails_.waiting_;
}

Outcome<std::optional<TailEvent>> TailSnapshot::newest_of(std::int64_t conversation) const {
  using Found = std::optional<TailEvent>;
  const std::lock_guard lock(tails_.mutex_);
  if (version_ < tails_.gone_) return failure_of(SQLITE_BUSY);
  const auto it = tails_.tails_.find(conversation);
  if (it == tails_.tails_.end()) return Found{};
  const auto& [events, retired, bytes, age] = *it->second;
  for (auto one = events.rbegin(); one != events.rend(); ++one)
    if (one->born <= version_) return Found{*one};
  for (auto one = retired.rbegin(); one != retired.rend(); ++one)
    if (one->folded > version_ && one->event.born <= version_) return Found{one->event};
  return Found{};
}

Outcome<std::vector<TailEvent>> TailSnapshot::of(std::int64_t conversation) const {
  std::vector<TailEvent> events;
  const std::lock_guard lock(tails_.mutex_);
  if (version_ < tails_.gone_) return failure_of(SQLITE_BUSY);
  const auto it = tails_.tails_.find(conversation);
  if (it == tails_.tails_.end()) return events;
  const auto& tail = *it->second;
  for (const auto& retired : tail.retired)
    if (retired.folded > version_ && retired.event.born <= version_)
      events.push_back(retired.event);
  for (const TailEvent& event : tail.events)
    if (event.born <= version_) events.push_back(event);
  return events;
}

}  // namespace kith::adapters::sqlite
