#pragma once

#include <cstdint>

namespace kith::runtime {

class RealReactor;

// What a descriptor is waited for, and what is reported of it.
namespace ready {
inline constexpr std::uint32_t read = 0x001;   // EPOLLIN
inline constexpr std::uint32_t write = 0x004;  // EPOLLOUT
// Reported though nobody asked: an error (EPOLLERR), both directions closed (EPOLLHUP).
inline constexpr std::uint32_t error = 0x008;
inline constexpr std::uint32_t hangup = 0x010;
inline constexpr std::uint32_t broken = error | hangup;
}  // namespace ready

// A descriptor that a reactor waits for, level-triggered. The owner of the descriptor derives from
// this, and closes it only after RealReactor::unwatch.
class Watch {
 public:
  Watch() = default;
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  virtual ~Watch();  // unwatches; reactor thread

  // `events`: bits of `ready`. May unwatch and destroy any Watch, this one too.
  virtual void on_ready(std::uint32_t events) = 0;

  bool watched() const noexcept { return reactor_ != nullptr; }

 private:
  friend class RealReactor;
  static constexpr std::uint16_t nowhere = UINT16_MAX;

  RealReactor* reactor_ = nullptr;
  int fd_ = -1;
  std::uint16_t interest_ = 0;
  std::uint16_t place_ = nowhere;  // among the events being dispatched
};

}  // namespace kith::runtime
