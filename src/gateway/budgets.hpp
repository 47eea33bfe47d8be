#pragma once

#include "commands/command.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <atomic>
#include <cstdint>
#include <memory>

namespace kith::gateway {

// So many a second, with a second's worth at once (the generic cell rate algorithm: one number, no
// lock). Shared by the sessions of a user, whatever reactor they are on.
class RateBudget final : public commands::Budget {
 public:
  explicit RateBudget(std::uint32_t per_s) noexcept;
  std::uint32_t take(base::Instant now) override;
  // As good as new: nothing is forgotten with it.
  bool rested(base::Instant now) const noexcept;

 private:
  const std::int64_t interval_ns_;
  std::atomic<std::int64_t> next_ns_;  // when the next would be due at an even pace
};

// The budgets of the users whose home is this reactor (and of others who ask here over REST), as
// long as they are held or not yet rested.
class Budgets {
 public:
  explicit Budgets(std::uint32_t per_s) : per_s_(per_s) {}

  std::shared_ptr<RateBudget> get(const base::UserKey& user, base::Instant now);

  std::size_t size() const noexcept { return budgets_.size(); }

 private:
  void sweep(base::Instant now);

  std::uint32_t per_s_;
  boost::unordered_flat_map<base::UserKey, std::shared_ptr<RateBudget>, base::KeyHash> budgets_;
  std::size_t sweep_at_ = 64;  // rested ones are looked for when there are this many
};

}  // namespace kith::gateway
