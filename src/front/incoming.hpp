#pragma once

#include "base/limits.hpp"

#include <cstddef>
#include <utility>

namespace kith::front {

// What the sessions of a reactor keep of messages and bodies that are not complete. One peer may
// hold a whole payload; when all together hold too much, those that hold much are refused.
class Incoming {
 public:
  std::size_t bytes() const noexcept { return bytes_; }

  bool too_much(std::size_t of_one) const noexcept {
    namespace limits = base::limits;
    return (bytes_ > limits::incoming_bytes_max && of_one > limits::incoming_fair_bytes) ||
           (bytes_ > 2 * limits::incoming_bytes_max && of_one > limits::incoming_small_bytes);
  }

  // The part of one peer; given back when it dies.
  class Share {
   public:
    explicit Share(Incoming& all) noexcept : all_(all) {}

    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    ~Share() { set(0); }

    // False: that is too much now.
    bool set(std::size_t bytes) noexcept {
      all_.bytes_ += bytes - std::exchange(bytes_, bytes);  // wraps rightly when it shrinks
      return !all_.too_much(bytes);
    }

   private:
    Incoming& all_;
    std::size_t bytes_ = 0;
  };

 private:
  std::size_t bytes_ = 0;
};

}  // namespace kith::front
