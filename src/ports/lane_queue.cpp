#include "ports/lane_queue.hpp"

#include "base/limits.hpp"

namespace kith::ports {

namespace limits = base::limits;

base::Result<void> LaneQueue::push(std::unique_ptr<LaneEntry>& entry) {
  const auto bytes = entry->bytes();
  if (size() >= limits::lane_queue_entries_max ||
      (!empty() && bytes_ + bytes > limits::lane_queue_bytes_max))
    return base::Fault{base::Errc::overloaded, "too many writes wait: try again later", 1'000};
  bytes_ += bytes;
  auto& queue = entry->background_rows() > 0 ? background_ : awaited_;
  queue.push_back(std::move(entry));
  return {};
}

LaneQueue::Entries LaneQueue::take(std::size_t entries_max) {
  Entries taken;
  std::size_t bytes = 0;
  const auto take_front = [&](Queue& queue) {
    bytes += queue.front()->bytes();
    taken.push_back(std::move(queue.front()));
    queue.pop_front();
  };
  // One place is kept, or a lane that is always busy would never write the others.
  const auto awaited_max = entries_max - (background_.empty() || entries_max == 1 ? 0 : 1);
  while (!awaited_.empty() && taken.size() < awaited_max &&
         (taken.empty() || bytes + awaited_.front()->bytes() <= limits::batch_bytes_max))
    take_front(awaited_);
  std::size_t rows = 0;
  while (!background_.empty() && taken.size() < entries_max) {
    const auto more = background_.front()->background_rows();
    if (rows > 0 && rows + more > limits::cursor_slice) break;
    rows += more;
    take_front(background_);
  }
  bytes_ -= bytes;
  return taken;
}

LaneQueue::Entries LaneQueue::withdraw(base::Instant limit) {
  // Several reactors submit: their clocks are one, the order of arrival is nearly that of times.
  Entries taken;
  while (!awaited_.empty() && awaited_.front()->submitted_at < limit) {
    bytes_ -= awaited_.front()->bytes();
    taken.push_back(std::move(awaited_.front()));
    awaited_.pop_front();
  }
  return taken;
}

}  // namespace kith::ports
