#include "features/rooms/outgoing.hpp"

#include "base/limits.hpp"

#include <utility>

namespace kith::features::rooms {

namespace limits = base::limits;

bool Outgoing::add(Message message, base::Instant now, base::Duration window) {
  const bool close = std::exchange(spoken_, true) && now - spoken_at_ < window;
  spoken_at_ = now;
  bytes_ += message.frames->bytes;
  messages_.push_back(std::move(message));
  if (count_ == 0 && !close && !pays_) return false;
  // The one before it that did not wait counts: two at a time are enough to wait next time.
  count_ += count_ == 0 && close ? 2 : 1;
  return messages_.size() < limits::room_gathered_max && bytes_ < limits::room_gathered_bytes_max;
}

void Outgoing::add_last(Message message) {
  bytes_ += message.frames->bytes;
  messages_.push_back(std::move(message));
}

void Outgoing::clear() noexcept {
  messages_.clear();
  bytes_ = 0;
  if (count_ != 0) pays_ = std::exchange(count_, 0U) > 1;
}

}  // namespace kith::features::rooms
