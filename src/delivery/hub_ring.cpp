#include "base/limits.hpp"
#include "delivery/hub.hpp"

#include <algorithm>
#include <utility>

// The newest events of a log, for those who are a little behind.
namespace kith::delivery {

namespace limits = base::limits;

std::optional<Hub::Recent> Hub::recent(std::uint64_t session,
                                       const ConversationKey& key,
                                       Seq before,
                                       std::size_t limit) {
  auto* listener = find_session(session);
  auto* channel = find_channel(key);
  const auto* position =
      listener == nullptr || channel == nullptr ? nullptr : listener->find(*channel);
  if (position == nullptr) return std::nullopt;
  Recent recent{{}, channel->head};
  const auto first = channel->ring.begin() + static_cast<std::ptrdiff_t>(channel->ring_first);
  for (auto it = channel->ring.end(); it != first && recent.messages.size() < limit;) {
    const auto& published = *--it;
    const bool his = published->seq >= position->from && published->seq < before;
    if (his && published->kind == domain::EventKind::message) recent.messages.push_back(published);
  }
  std::reverse(recent.messages.begin(), recent.messages.end());
  return recent;
}

void Hub::remember(Channel& channel, const PublishedPtr& published) {
  // Of his own log a user has few sessions, and millions of users have one each: who needs these
  // again reads them.
  if (published->kind == domain::EventKind::conversation_added ||
      published->kind == domain::EventKind::conversation_removed)
    return forget_ring(channel);
  const auto bytes = published->frame.packet_bytes();
  channel.ring.push_back(published);
  channel.ring_bytes += static_cast<std::uint32_t>(bytes);
  ring_bytes_ += bytes;
  const auto forget_oldest = [&] {
    auto& oldest = channel.ring[channel.ring_first++];
    const auto gone = oldest->frame.packet_bytes();
    channel.ring_bytes -= static_cast<std::uint32_t>(gone);
    ring_bytes_ -= gone;
    oldest.reset();
  };
  while (channel.ring_bytes > limits::ring_bytes_max ||
         channel.ring.size() - channel.ring_first > limits::ring_events_max)
    forget_oldest();
  if (ring_bytes_ > limits::ring_total_bytes_max) return forget_ring(channel);
  if (channel.ring_first >= limits::ring_events_max) {
    channel.ring.erase(channel.ring.begin(),
                       channel.ring.begin() + static_cast<std::ptrdiff_t>(channel.ring_first));
    channel.ring_first = 0;
  }
}

void Hub::forget_ring(Channel& channel) {
  ring_bytes_ -= std::exchange(channel.ring_bytes, 0U);
  channel.ring.clear();
  channel.ring.shrink_to_fit();
  channel.ring_first = 0;
}

}  // namespace kith::delivery
