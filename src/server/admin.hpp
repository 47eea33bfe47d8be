#pragma once

#include "server/problem.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// What `kith app …` and `kith token …` ask for, as values: made by the command line, carried over
// the control socket, done by StoreAdmin.
namespace kith::server {

struct CreateApp {
  std::string name;  // 1 to 64 of a-z A-Z 0-9 _ -
};

struct ListApps {};

enum class AdminKeyKind : std::uint8_t { signing, server };

struct AddKey {
  std::string app;
  AdminKeyKind kind{};
};

struct ListKeys {
  std::string app;
};

struct RetireKey {
  std::string app;
  std::string kid;
};

inline constexpr std::uint32_t token_ttl_s_max = 10 * 365 * 86'400;

struct MakeToken {
  std::string app;
  std::string user;
  std::uint32_t ttl_s = 86'400;  // 1 to token_ttl_s_max
};

using AdminCommand = std::variant<CreateApp, ListApps, AddKey, ListKeys, RetireKey, MakeToken>;

// Times are RFC 3339; an empty retired_at: in use.
struct AppInfo {
  std::string name;
  std::string created_at;
};

struct AppList {
  std::vector<AppInfo> apps;
};

// The only time the secret is seen. Of a signing key it is the HMAC key as text, of a server key
// the whole bearer token, sk_KID_SECRET.
struct NewKey {
  std::string kid;
  AdminKeyKind kind{};
  std::string secret;
};

struct KeyInfo {
  std::string kid;
  AdminKeyKind kind{};
  std::string created_at;
  std::string retired_at;
};

struct KeyList {
  std::vector<KeyInfo> keys;
};

struct KeyRetired {
  std::string kid;
};

struct TokenMade {
  std::string token;
  std::string expires_at;
};

using AdminResult = std::variant<AppInfo, AppList, NewKey, KeyList, KeyRetired, TokenMade>;

// Does what is asked: on an opened store (store_admin.hpp) or by asking the running server
// (admin_protocol.hpp). Blocking; not from a reactor.
class Admin {
 public:
  Admin() = default;
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;
  virtual ~Admin() = default;
  virtual Outcome<AdminResult> execute(const AdminCommand& command) = 0;
};

std::string_view to_text(AdminKeyKind kind);

}  // namespace kith::server
