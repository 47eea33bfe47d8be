#include "gateway/budgets.hpp"

#include "base/assert.hpp"

#include <algorithm>

namespace kith::gateway {

void Allowance::add(base::Meter& meter, const base::Pace& pace) noexcept {
  if (!pace.limits()) return;
  KITH_ASSERT(count_ < parts_max);
  parts_[count_++] = {&meter, pace};
}

std::uint32_t Allowance::take(base::Instant now) {
  for (std::size_t i = 0; i < count_; ++i) {
    const auto wait = parts_[i].meter->take(parts_[i].pace, now);
    if (wait == 0) continue;
    while (i-- > 0)
      parts_[i].meter->give_back(parts_[i].pace);
    return wait;
  }
  return 0;
}

std::shared_ptr<Meters> UserMeters::get(const base::UserKey& user, base::Instant now) {
  if (const auto known = meters_.find(user); known != meters_.end()) return known->second;
  sweep(now);
  auto meters = std::make_shared<Meters>();
  if (meters_.size() < users_max_) meters_.emplace(user, meters);
  return meters;
}

void UserMeters::sweep(base::Instant now) {
  if (meters_.size() < std::min(sweep_at_, users_max_)) return;
  boost::unordered::erase_if(meters_, [now](const auto& entry) {
    return entry.second.use_count() == 1 && entry.second->rested(now);
  });
  sweep_at_ = std::max<std::size_t>(64, meters_.size() * 2);
}

// NOLINTBEGIN(cppcoreguidelines-owning-memory): a list that several threads add to owns its nodes
AppMeters::~AppMeters() {
  for (auto& head : heads_)
    for (auto* node = head.load(); node != nullptr;) {
      auto* const next = node->next;
      delete node;
      node = next;
    }
}

Meters& AppMeters::get(base::AppId app) {
  auto& head = heads_[static_cast<std::uint32_t>(app) % lists];
  auto* first = head.load(std::memory_order_acquire);
  if (auto* const known = find(first, app)) return known->meters;
  auto* const made = new Node{.app = app, .next = first, .meters = {}};
  while (!head.compare_exchange_weak(
      made->next, made, std::memory_order_acq_rel, std::memory_order_acquire)) {
    if (auto* const theirs = find(made->next, app)) {  // another reactor was quicker
      delete made;
      return theirs->meters;
    }
  }
  return made->meters;
}

// NOLINTEND(cppcoreguidelines-owning-memory)

AppMeters::Node* AppMeters::find(Node* from, base::AppId app) noexcept {
  while (from != nullptr && from->app != app)
    from = from->next;
  return from;
}

}  // namespace kith::gateway
