#include "front/revocations.hpp"

#include <algorithm>
#include <vector>

namespace kith::front {

void Revocations::note(const base::UserKey& user, base::WallTime at) {
  auto& app = apps_[user.app];
  if (at <= app.all_until) return;
  if (const auto known = app.users.find(user.user); known != app.users.end()) {
    known->second = std::max(known->second, at);
    return;
  }
  if (app.users.size() >= users_max_) forget_older_half(app);
  app.users.emplace(user.user, at);
}

void Revocations::forget_older_half(App& app) const {
  std::vector<base::WallTime> times;
  times.reserve(app.users.size());
  for (const auto& [user, at] : app.users)
    times.push_back(at);
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>((times.size() - 1) / 2);
  std::nth_element(times.begin(), middle, times.end());
  app.all_until = std::max(app.all_until, *middle);
  boost::unordered::erase_if(app.users,
                             [&](const auto& one) { return one.second <= app.all_until; });
}

base::WallTime Revocations::revoked_at(base::AppId app, const base::UserId& user) const {
  const auto of = apps_.find(app);
  if (of == apps_.end()) return {};
  const auto known = of->second.users.find(user);
  return known == of->second.users.end() ? of->second.all_until
                                         : std::max(known->second, of->second.all_until);
}

base::Result<void> Revocations::check(const Identity& identity) const {
  const bool token = identity.expires_at.ms != 0;  // nothing else ends by itself
  const auto until = token ? revoked_at(identity.app, identity.user) : base::WallTime{};
  if (until.ms == 0 || identity.issued_at > until) return {};
  return base::Fault{base::Errc::unauthenticated,
                     "the user's sessions were revoked after this token was issued: get a new one"};
}

std::size_t Revocations::users() const noexcept {
  std::size_t count = 0;
  for (const auto& [id, app] : apps_)
    count += app.users.size();
  return count;
}

}  // namespace kith::front
