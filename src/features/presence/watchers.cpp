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

void Watchers::want(std::uint64_t session, const Who& whom) {
  if (!sessions_[session].insert(whom.own_log).second) return;
  auto& watched = watched_.try_emplace(whom.own_log, Watched{whom.user, {}}).first->second;
  watched.by.insert(place_of(watched.by, session), {session});
}

Watchers::Watching::iterator Watchers::place_of(Watching& watching, std::uint64_t session) {
  return std::lower_bound(
      watching.begin(), watching.end(), session, [](const Watcher& one, std::uint64_t wanted) {
        return one.session < wanted;
      });
}

Watchers::Watcher* Watchers::find(std::uint64_t session, const base::ConversationKey& own_log) {
  const auto found = watched_.find(own_log);
  if (found == watched_.end()) return nullptr;
  auto& watching = found->second.by;
  const auto at = place_of(watching, session);
  return at == watching.end() || at->session != session ? nullptr : &*at;
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
  found->second.by.erase(place_of(found->second.by, session));
  if (!found->second.by.empty()) return false;
  watched_.erase(found);
  pending_.erase(own_log);
  return true;
}

std::vector<base::ConversationKey> Watchers::end(std::uint64_t session) {
  std::vector<base::ConversationKey> unwatched;
  doubtful_.erase(session);
  const auto known = sessions_.find(session);
  if (known == sessions_.end()) return unwatched;
  const auto all = known->second;
  for (const auto& own_log : all)
    if (drop(session, own_log)) unwatched.push_back(own_log);
  return unwatched;
}

void Watchers::doubt(std::uint64_t session) {
  const auto known = sessions_.find(session);
  if (known == sessions_.end()) return;
  for (const auto& own_log : known->second)
    doubt(session, own_log);
}

void Watchers::doubt(const base::ConversationKey& own_log) {
  const auto found = watched_.find(own_log);
  if (found == watched_.end()) return;
  for (auto& watcher : found->second.by) {
    watcher.doubted = true;
    doubtful_.insert(watcher.session);
  }
}

void Watchers::doubt(std::uint64_t session, const base::ConversationKey& own_log) {
  auto* watcher = find(session, own_log);
  if (watcher == nullptr) return;
  watcher->doubted = true;
  doubtful_.insert(session);
}

bool Watchers::doubts(std::uint64_t session, const base::ConversationKey& own_log) {
  const auto* watcher = find(session, own_log);
  return watcher != nullptr && watcher->doubted;
}

Watchers::Doubt Watchers::take_doubt(std::size_t at_most) {
  Doubt doubt;
  while (!doubtful_.empty() && doubt.whom.empty()) {
    auto at = doubtful_.upper_bound(doubt_taken_from_);
    if (at == doubtful_.end()) at = doubtful_.begin();
    doubt.session = doubt_taken_from_ = *at;
    if (take_doubts_of(doubt, at_most)) doubtful_.erase(at);
  }
  return doubt;
}

bool Watchers::take_doubts_of(Doubt& doubt, std::size_t at_most) {
  const auto known = sessions_.find(doubt.session);
  if (known == sessions_.end()) return true;
  for (const auto& own_log : known->second) {
    auto* watcher = find(doubt.session, own_log);
    if (!watcher->doubted) continue;
    if (doubt.whom.size() == at_most) return false;
    watcher->doubted = false;
    doubt.whom.push_back({own_log, watched_.at(own_log).user});
  }
  return true;
}

void Watchers::note(const Who& who, const Presence& shown) {
  if (!watched_.contains(who.own_log)) return;
  auto& pending = pending_[who.own_log];
  pending.user = who.user;
  pending.shown = shown;
  // Everybody anew, and those first who have not heard of the last one yet.
  pending.begun = pending.next;
  pending.around = false;
}

bool Watchers::take_from(Watching& watching,
                         Pending& pending,
                         std::size_t& deliveries_left,
                         std::vector<std::uint64_t>& sessions) {
  for (auto at = place_of(watching, pending.next);; ++at) {
    if (at == watching.end() && !pending.around) {
      pending.around = true;
      at = watching.begin();
    }
    if (at == watching.end() || (pending.around && at->session >= pending.begun)) return true;
    pending.next = at->session;
    if (!at->allowed) continue;
    if (deliveries_left == 0) return false;
    --deliveries_left;
    sessions.push_back(at->session);
  }
}

std::vector<Watchers::Delivery> Watchers::take(std::size_t deliveries_max) {
  std::vector<Delivery> taken;
  auto left = deliveries_max;
  while (!pending_.empty() && left > 0) {
    auto at = pending_.upper_bound(last_);
    if (at == pending_.end()) at = pending_.begin();
    last_ = at->first;
    auto& pending = at->second;
    Delivery delivery{pending.user, pending.shown, {}};
    if (take_from(watched_.at(last_).by, pending, left, delivery.sessions)) pending_.erase(at);
    if (!delivery.sessions.empty()) taken.push_back(std::move(delivery));
  }
  return taken;
}

}  // namespace kith::features::presence
