#pragma once

#include "base/time.hpp"

namespace kith::runtime {

// The machine's clocks, read anew at each call. Any thread.
class SystemClock final : public base::Clock {
 public:
  base::Instant now() const override;
  base::WallTime wall() const override;
};

// What time it is in this turn of a reactor: read from the source by `refresh`, remembered in
// between.
class TickClock final : public base::Clock {
 public:
  explicit TickClock(const base::Clock& source) : source_(source) { refresh(); }

  base::Instant now() const override { return now_; }

  base::WallTime wall() const override { return wall_; }

  void refresh() {
    now_ = source_.now();
    wall_ = source_.wall();
  }

  // Between the phases of a turn.
  base::Instant refresh_now() { return now_ = source_.now(); }

 private:
  const base::Clock& source_;
  base::Instant now_{};
  base::WallTime wall_{};
};

}  // namespace kith::runtime
