#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace kith::bench {

// What was asked with an acknowledgement and is not answered yet, of one connection.
struct Asked {
  enum class Kind : std::uint8_t { message, page, other };

  std::int64_t due_ns = 0;
  std::uint32_t stream = 0;
  std::uint32_t number = 0;
  Kind kind = Kind::other;
};

// Acknowledgement numbers rise by one; answers may come in any order. Holds no memory while empty
// and young.
class Pending {
 public:
  static constexpr std::uint32_t max = 65'536;

  bool full() const noexcept { return last_ - first_ == max; }

  // Not answered; answered ones behind the first open one are not counted.
  std::uint32_t open() const noexcept { return open_; }

  std::uint32_t push(const Asked& asked);
  std::optional<Asked> take(std::uint32_t id) noexcept;

  // The open ones, oldest first.
  template <class Visit>
  void each(Visit visit) const {
    for (std::uint32_t id = first_; id != last_; ++id)
      if (const Slot& slot = slots_[id & (slots_.size() - 1)]; slot.open) visit(slot.asked);
  }

  // Forgets them all; the numbers go on.
  void clear() noexcept {
    first_ = last_;
    open_ = 0;
  }

 private:
  struct Slot {
    Asked asked;
    bool open = false;
  };

  void grow();

  std::vector<Slot> slots_;  // a ring; its size is a power of two
  std::uint32_t first_ = 0;
  std::uint32_t last_ = 0;
  std::uint32_t open_ = 0;
};

}  // namespace kith::bench
