#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

namespace kith::runtime {

// For an orderly end: refuses new work, waits for old. Any thread. Must outlive its passes.
class Gate {
 public:
  // Proof of being inside; leaves when it dies.
  class Pass {
   public:
    Pass() = default;

    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}

    Pass& operator=(Pass&& other) noexcept {
      if (this != &other) {
        leave();
        gate_ = std::exchange(other.gate_, nullptr);
      }
      return *this;
    }

    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;

    ~Pass() { leave(); }

    explicit operator bool() const noexcept { return gate_ != nullptr; }

    void leave() noexcept {
      if (gate_ != nullptr) std::exchange(gate_, nullptr)->leave();
    }

   private:
    friend class Gate;

    explicit Pass(Gate* gate) noexcept : gate_(gate) {}

    Gate* gate_ = nullptr;
  };

  Gate() = default;
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  Pass enter() noexcept;  // an empty pass: the gate is closed
  void close() noexcept;

  bool closed() const noexcept {
    return (state_.load(std::memory_order_acquire) & closed_bit) != 0;
  }

  std::uint64_t inside() const noexcept { return state_.load(std::memory_order_acquire) / one; }

  // After close(): true once nobody is inside, false when `at_most` has passed. Blocks: not on a
  // reactor.
  bool wait_empty(std::chrono::milliseconds at_most);

 private:
  static constexpr std::uint64_t closed_bit = 1;
  static constexpr std::uint64_t one = 2;

  void leave() noexcept;

  std::atomic<std::uint64_t> state_{0};  // how many are inside, and the closed bit
  std::mutex mutex_;
  std::condition_variable emptied_;
};

}  // namespace kith::runtime
