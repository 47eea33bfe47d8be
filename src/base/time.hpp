#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace kith::base {

using Duration = std::chrono::nanoseconds;

// Monotonic time of a Clock; compares only with instants of the same clock.
struct Instant {
  std::int64_t ns = 0;

  friend auto operator<=>(const Instant&, const Instant&) = default;

  friend Instant operator+(Instant a, Duration d) { return {a.ns + d.count()}; }

  friend Duration operator-(Instant a, Instant b) { return Duration{a.ns - b.ns}; }
};

// Milliseconds since 1970-01-01 UTC, what `ts` fields carry.
struct WallTime {
  std::int64_t ms = 0;

  friend auto operator<=>(const WallTime&, const WallTime&) = default;
};

// RFC 3339 UTC with milliseconds: 2026-01-01T10:00:00.123Z. Years 1970 to 9999.
std::string to_rfc3339(WallTime t);
inline constexpr std::size_t rfc3339_bytes = 24;
// The same into a place of that size.
void write_rfc3339(char* to, WallTime t) noexcept;

// Time as an argument: the real one is in runtime/, tests move theirs by hand.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  virtual WallTime wall() const = 0;
};

// A clock that stands still until a test moves it.
class ManualClock final : public Clock {
 public:
  Instant now() const override { return now_; }

  WallTime wall() const override { return wall_; }

  void advance(Duration d) {
    now_ = now_ + d;
    wall_.ms = wall_start_ms_ + now_.ns / 1'000'000;
  }

 private:
  static constexpr std::int64_t wall_start_ms_ = 1'767'261'600'000;  // 2026-01-01T10:00:00Z
  Instant now_{};
  WallTime wall_{wall_start_ms_};
};

}  // namespace kith::base
