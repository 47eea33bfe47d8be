#include "client/pending.hpp"

namespace kith::bench {
namespace {

constexpr std::size_t slots_min = 8;

}  // namespace

void Pending::grow() {
  std::vector<Slot> larger(slots_.empty() ? slots_min : 2 * slots_.size());
  for (std::uint32_t id = first_; id != last_; ++id)
    larger[id & (larger.size() - 1)] = slots_[id & (slots_.size() - 1)];
  slots_ = std::move(larger);
}

std::uint32_t Pending::push(const Asked& asked) {
  if (last_ - first_ == slots_.size()) grow();
  slots_[last_ & (slots_.size() - 1)] = {asked, true};
  ++open_;
  return last_++;
}

std::optional<Asked> Pending::take(std::uint32_t id) noexcept {
  if (id - first_ >= last_ - first_) return std::nullopt;
  Slot& slot = slots_[id & (slots_.size() - 1)];
  if (!slot.open) return std::nullopt;
  slot.open = false;
  --open_;
  while (first_ != last_ && !slots_[first_ & (slots_.size() - 1)].open)
    ++first_;
  return slot.asked;
}

}  // namespace kith::bench
