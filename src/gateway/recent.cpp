#include "gateway/recent.hpp"

namespace kith::gateway {

std::optional<commands::RecentMessages::Page> RecentOfHub::find(const commands::Caller& caller,
                                                                const base::ConversationKey& key,
                                                                base::Seq before,
                                                                std::size_t limit) {
  const auto recent = hub_.recent(caller.origin.session, key, before, limit);
  if (!recent) return std::nullopt;
  Page page{{}, recent->head};
  for (const auto& published : recent->messages) {
    // `42["message.new",{…}]`: the object is what history shows.
    const auto packet = published->frame.packet_view();
    const auto object = packet.find('{');
    page.messages.emplace_back(packet.substr(object, packet.size() - object - 1));
  }
  return page;
}

}  // namespace kith::gateway
