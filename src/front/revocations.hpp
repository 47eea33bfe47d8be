#pragma once

#include "base/ids.hpp"
#include "base/limits.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "front/credentials.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <map>

namespace kith::front {

// Whose tokens were called back, and until when they were issued. In memory, so that nothing is
// read when somebody asks; one per reactor, all of them told of every revocation.
//
// At most `users_max` of an application: then the older half gives way, and what was issued before
// the last of those is refused to all of its users. That only ever refuses more.
class Revocations {
 public:
  explicit Revocations(std::size_t users_max = base::limits::revoked_users_max)
      : users_max_(users_max) {}

  // What was issued to `user` at `at` or before is refused. Only rises.
  void note(const base::UserKey& user, base::WallTime at);

  // Until when that is; ms 0: nothing was called back.
  base::WallTime revoked_at(base::AppId app, const base::UserId& user) const;

  // `unauthenticated`: the token was issued until then, or does not say when it was. Server keys
  // and the names of development mode are no tokens.
  base::Result<void> check(const Identity& identity) const;

  std::size_t users() const noexcept;

 private:
  struct App {
    boost::unordered_flat_map<base::UserId, base::WallTime, base::KeyHash> users;
    base::WallTime all_until;  // of every user
  };

  void forget_older_half(App& app) const;

  std::size_t users_max_;
  std::map<base::AppId, App> apps_;
};

}  // namespace kith::front
