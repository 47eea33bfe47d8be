#pragma once

#include "base/random.hpp"
#include "base/task.hpp"
#include "base/time.hpp"
#include "ports/store.hpp"
#include "server/admin.hpp"

#include <string>

namespace kith::server {

// The operations on an opened store. One thread at a time, not a reactor's.
class StoreAdmin final : public Admin {
 public:
  StoreAdmin(ports::Store& store, const base::Clock& clock, base::Random& random)
      : store_(store), clock_(clock), random_(random) {}

  // Called after each change of applications or keys, so that a running server reads its directory
  // again.
  void on_change(base::MoveOnlyFunction<void()> callback) { on_change_ = std::move(callback); }

  Outcome<AdminResult> execute(const AdminCommand& command) override;

  Outcome<AppInfo> create_app(const CreateApp& wish);
  Outcome<AppList> list_apps();
  Outcome<NewKey> add_key(const AddKey& wish);
  Outcome<KeyList> list_keys(const ListKeys& wish);
  Outcome<KeyRetired> retire_key(const RetireKey& wish);
  Outcome<TokenMade> make_token(const MakeToken& wish);

 private:
  void changed();

  ports::Store& store_;
  const base::Clock& clock_;
  base::Random& random_;
  base::MoveOnlyFunction<void()> on_change_;
};

// A new server key: what its owner sends (sk_KID_SECRET) and what is kept of it.
struct ServerKey {
  std::string kid;
  std::string bearer;
  std::string secret_hash;  // SHA-256 of SECRET
};

ServerKey make_server_key(base::Random& random);

}  // namespace kith::server
