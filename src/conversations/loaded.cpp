#include "conversations/loaded.hpp"

namespace kith::conversations {

using domain::EventKind;

Loaded::Loaded(ports::LoadedConversation loaded)
    : kind_(loaded.conversation.kind),
      last_seq_(loaded.conversation.last_seq),
      access_rev_(loaded.conversation.access_rev) {
  members_.reserve(loaded.members.size());
  for (auto& member : loaded.members)
    members_.emplace(std::move(member.user), member.role);
}

std::optional<base::Result<void>> Loaded::may_send(const UserId& user) const {
  const auto it = members_.find(user);
  if (it == members_.end()) return std::nullopt;
  return domain::may_send(kind_, domain::Member{.user = user, .role = it->second});
}

bool Loaded::apply(const Committed& committed) {
  const auto& event = committed.event;
  if (event.seq <= last_seq_) return true;
  if (event.seq != last_seq_ + 1) return false;
  last_seq_ = event.seq;
  access_rev_ = committed.access_rev;
  if (event.kind == EventKind::member_added || event.kind == EventKind::member_updated)
    members_.insert_or_assign(event.subject, event.role);
  else if (event.kind == EventKind::member_removed)
    members_.erase(event.subject);
  return true;
}

}  // namespace kith::conversations
