#include "gateway/budgets.hpp"

#include <algorithm>
#include <limits>

namespace kith::gateway {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

}  // namespace

RateBudget::RateBudget(std::uint32_t per_s) noexcept
    : interval_ns_(second_ns / std::max<std::int64_t>(1, per_s)),
      next_ns_(std::numeric_limits<std::int64_t>::min()) {}

std::uint32_t RateBudget::take(base::Instant now) {
  const auto burst_ns = second_ns - interval_ns_;  // the first of a burst is on time
  auto next = next_ns_.load(std::memory_order_relaxed);
  for (;;) {
    const auto due = std::max(next, now.ns);
    const auto early_ns = due - now.ns;
    if (early_ns > burst_ns)
      return static_cast<std::uint32_t>((early_ns - burst_ns) / 1'000'000 + 1);
    if (next_ns_.compare_exchange_weak(next, due + interval_ns_, std::memory_order_relaxed))
      return 0;
  }
}

bool RateBudget::rested(base::Instant now) const noexcept {
  return next_ns_.load(std::memory_order_relaxed) <= now.ns;
}

std::shared_ptr<RateBudget> Budgets::get(const base::UserKey& user, base::Instant now) {
  if (const auto known = budgets_.find(user); known != budgets_.end()) return known->second;
  sweep(now);
  return budgets_.emplace(user, std::make_shared<RateBudget>(per_s_)).first->second;
}

void Budgets::sweep(base::Instant now) {
  if (budgets_.size() < sweep_at_) return;
  boost::unordered::erase_if(budgets_, [now](const auto& entry) {
    return entry.second.use_count() == 1 && entry.second->rested(now);
  });
  sweep_at_ = std::max<std::size_t>(64, budgets_.size() * 2);
}

}  // namespace kith::gateway
