#include "features/presence/watchers.hpp"

#include <algorithm>
#include <utility>

namespace kith::features::presence {

std::size_t Watchers::watched_by(std::uint64_t session) const {
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? 0 : found->second.size();
}

bool Watchers::watches(std::uint64_t session, const base::ConversationKey& own_log) const {
  const auto found = sessions_.find(session);
  return found != sessions_.end() && found->second.contains(own_log);
}

void Watchers::want(std::uint64_t session, const base::ConversationKey& own_log) {
  if (sessions_[session].insert(own_log).second) watched_[own_log].push_back({session, false});
}

Watchers::Watcher* Watchers::find(std::uint64_t session, const base::ConversationKey& own_log) {
  const auto found = watched_.find(own_log);
  if (found == watched_.end()) return nullptr;
  const auto at = std::find_if(found->second.begin(), found->second.end(), [&](const auto& one) {
    return one.session == session;
  });
  return at == found->second.end() ? nullptr : &*at;
}

bool Watchers::allow(std::uint64_t session, const base::ConversationKey& own_log) {
  auto* watcher = find(session, own_log);
  if (watcher != nullptr) watcher->allowed = true;
  return watcher != nullptr;
}

bool Watchers::give_up(std::uint64_t session, const base::ConversationKey& own_log) {
  const auto* watcher = find(session, own_log);
  return watcher != nullptr && !watcher->allowed && drop(session, own_log);
}

bool Watchers::drop(std::uint64_t session, const base::ConversationKey& own_log) {
  const auto known = sessions_.find(session);
  if (known == sessions_.end() || known->second.erase(own_log) == 0) return false;
  if (known->second.empty()) sessions_.erase(known);
  const auto found = watched_.find(own_log);
  std::erase_if(found->second, [&](const auto& one) { return one.session == session; });
  if (!found->second.empty()) return false;
  watched_.erase(found);
  pending_.erase(own_log);
  return true;
}

std::vector<base::ConversationKey> Watchers::end(std::uint64_t session) {
  std::vector<base::ConversationKey> unwatched;
  const auto known = sessions_.find(session);
  if (known == sessions_.end()) return unwatched;
  const auto all = known->second;
  for (const auto& own_log : all)
    if (drop(session, own_log)) unwatched.push_back(own_log);
  return unwatched;
}

void Watchers::note(const Who& who, const Presence& shown) {
  if (watched_.contains(who.own_log)) pending_[who.own_log] = {who.user, shown};
}

std::vector<Watchers::Delivery> Watchers::take(std::size_t deliveries) {
  std::vector<Delivery> taken;
  std::size_t count = 0;
  while (!pending_.empty() && (taken.empty() || count < deliveries)) {
    auto at = pending_.upper_bound(last_);
    auto next = pending_.extract(at == pending_.end() ? pending_.begin() : at);
    last_ = next.key();
    auto& [user, shown] = next.mapped();
    Delivery delivery{std::move(user), shown, {}};
    for (const auto& watcher : watched_.at(last_))
      if (watcher.allowed) delivery.sessions.push_back(watcher.session);
    count += delivery.sessions.size();
    taken.push_back(std::move(delivery));
  }
  return taken;
}

}  // namespace kith::features::presence
