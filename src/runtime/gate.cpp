#include "runtime/gate.hpp"

#include "base/assert.hpp"

namespace kith::runtime {

Gate::Pass Gate::enter() noexcept {
  std::uint64_t state = state_.load(std::memory_order_relaxed);
  while ((state & closed_bit) == 0)
    if (state_.compare_exchange_weak(state, state + one, std::memory_order_acq_rel))
      return Pass{this};
  return {};
}

void Gate::close() noexcept {
  state_.fetch_or(closed_bit, std::memory_order_acq_rel);
}

void Gate::leave() noexcept {
  std::uint64_t state = state_.load(std::memory_order_relaxed);
  while ((state & closed_bit) == 0)
    if (state_.compare_exchange_weak(state, state - one, std::memory_order_acq_rel)) return;
  // Closed: under the lock, so that who waits can not destroy the gate between the count and the
  // call.
  const std::lock_guard lock(mutex_);
  if (state_.fetch_sub(one, std::memory_order_acq_rel) == one + closed_bit) emptied_.notify_all();
}

bool Gate::wait_empty(std::chrono::milliseconds at_most) {
  KITH_ASSERT(closed());
  std::unique_lock lock(mutex_);
  return emptied_.wait_for(lock, at_most, [this] { return inside() == 0; });
}

}  // namespace kith::runtime
