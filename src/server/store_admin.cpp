#include "server/store_admin.hpp"

#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "base/names.hpp"
#include "front/credentials.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kith::server {
namespace {

constexpr std::size_t app_name_chars_max = 64;
constexpr std::size_t kid_bytes = 8;
constexpr std::size_t secret_bytes = 32;
constexpr std::int64_t ms_per_s = 1'000;

Problem cannot(std::string_view what, const base::Fault& fault) {
  return {.exit_code = 1, .text = fmt::format("{}: {}", what, fault.text)};
}

bool is_app_name(std::string_view name) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !name.empty() && name.size() <= app_name_chars_max &&
         name.find_first_not_of(allowed) == std::string_view::npos;
}

Problem no_such_app(std::string_view name) {
  return {.exit_code = 1,
          .text = fmt::format("there is no application \"{}\"; `kith app list` shows all", name)};
}

const ports::AppRow* find_app(const ports::Directory& directory, std::string_view name) {
  const auto at = std::find_if(directory.apps.begin(),
                               directory.apps.end(),
                               [&](const ports::AppRow& app) { return app.name == name; });
  return at == directory.apps.end() ? nullptr : &*at;
}

AppInfo info_of(const ports::AppRow& app) {
  return {app.name, base::to_rfc3339(app.created_at)};
}

KeyInfo info_of(const ports::AppKeyRow& key) {
  return {key.kid,
          key.kind == ports::KeyKind::signing ? AdminKeyKind::signing : AdminKeyKind::server,
          base::to_rfc3339(key.created_at),
          key.retired_at.ms == 0 ? std::string{} : base::to_rfc3339(key.retired_at)};
}

std::string random_bytes(base::Random& random, std::size_t count) {
  std::string bytes(count, '\0');
  random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  return bytes;
}

// The key that new tokens are signed with: the youngest in use.
const ports::AppKeyRow* signing_key(const ports::Directory& directory, base::AppId app) {
  const ports::AppKeyRow* found = nullptr;
  for (const auto& key : directory.keys) {
    const bool usable =
        key.app == app && key.kind == ports::KeyKind::signing && key.retired_at.ms == 0;
    if (usable && (found == nullptr || key.created_at >= found->created_at)) found = &key;
  }
  return found;
}

}  // namespace

// A kid is hexadecimal: it stands between underscores in a bearer token.
ServerKey make_server_key(base::Random& random) {
  ServerKey key;
  key.kid = base::hex_encode(random_bytes(random, kid_bytes));
  const std::string secret = base::base64url_encode(random_bytes(random, secret_bytes));
  key.bearer = fmt::format("sk_{}_{}", key.kid, secret);
  key.secret_hash = base::sha256(secret);
  return key;
}

Outcome<AdminResult> StoreAdmin::execute(const AdminCommand& command) {
  const auto widen = [](auto outcome) -> Outcome<AdminResult> {
    if (outcome.has_error()) return outcome.error();
    return AdminResult{std::move(outcome).value()};
  };

  struct Visitor {
    StoreAdmin& admin;
    decltype(widen)& as_result;

    Outcome<AdminResult> operator()(const CreateApp& wish) {
      return as_result(admin.create_app(wish));
    }

    Outcome<AdminResult> operator()(const ListApps&) { return as_result(admin.list_apps()); }

    Outcome<AdminResult> operator()(const AddKey& wish) { return as_result(admin.add_key(wish)); }

    Outcome<AdminResult> operator()(const ListKeys& wish) {
      return as_result(admin.list_keys(wish));
    }

    Outcome<AdminResult> operator()(const RetireKey& wish) {
      return as_result(admin.retire_key(wish));
    }

    Outcome<AdminResult> operator()(const MakeToken& wish) {
      return as_result(admin.make_token(wish));
    }
  };

  return std::visit(Visitor{*this, widen}, command);
}

Outcome<AppInfo> StoreAdmin::create_app(const CreateApp& wish) {
  if (!is_app_name(wish.name))
    return Problem{
        .text = fmt::format("an application's name is 1 to {} of the characters a-z A-Z 0-9 _ -",
                            app_name_chars_max)};
  auto created = store_.create_app(wish.name);
  if (created.has_error()) {
    if (created.error().code == base::Errc::conflict)
      return Problem{.exit_code = 1,
                     .text = fmt::format("there is an application \"{}\" already", wish.name)};
    return cannot("the application was not created", created.error());
  }
  changed();
  return info_of(created.value());
}

Outcome<AppList> StoreAdmin::list_apps() {
  const auto directory = store_.directory();
  if (directory.has_error()) return cannot("the applications can not be read", directory.error());
  AppList list;
  for (const auto& app : directory.value().apps)
    list.apps.push_back(info_of(app));
  return list;
}

Outcome<NewKey> StoreAdmin::add_key(const AddKey& wish) {
  const auto directory = store_.directory();
  if (directory.has_error()) return cannot("the applications can not be read", directory.error());
  const auto* app = find_app(directory.value(), wish.app);
  if (app == nullptr) return no_such_app(wish.app);

  ports::AppKeyRow row{.app = app->id, .created_at = clock_.wall()};
  NewKey key{.kind = wish.kind};
  if (wish.kind == AdminKeyKind::server) {
    auto made = make_server_key(random_);
    row.kind = ports::KeyKind::server;
    row.secret = std::move(made.secret_hash);
    key.kid = std::move(made.kid);
    key.secret = std::move(made.bearer);
  } else {
    key.kid = base::hex_encode(random_bytes(random_, kid_bytes));
    key.secret = base::base64url_encode(random_bytes(random_, secret_bytes));
    row.kind = ports::KeyKind::signing;
    row.secret = key.secret;
  }
  row.kid = key.kid;
  if (auto added = store_.add_key(std::move(row)); added.has_error())
    return cannot("the key was not added", added.error());
  changed();
  return key;
}

Outcome<KeyList> StoreAdmin::list_keys(const ListKeys& wish) {
  const auto directory = store_.directory();
  if (directory.has_error()) return cannot("the keys can not be read", directory.error());
  const auto* app = find_app(directory.value(), wish.app);
  if (app == nullptr) return no_such_app(wish.app);
  KeyList list;
  for (const auto& key : directory.value().keys)
    if (key.app == app->id) list.keys.push_back(info_of(key));
  return list;
}

Outcome<KeyRetired> StoreAdmin::retire_key(const RetireKey& wish) {
  const auto directory = store_.directory();
  if (directory.has_error()) return cannot("the keys can not be read", directory.error());
  const auto* app = find_app(directory.value(), wish.app);
  if (app == nullptr) return no_such_app(wish.app);
  auto retired = store_.retire_key(app->id, wish.kid);
  if (retired.has_error()) {
    if (retired.error().code == base::Errc::not_found)
      return Problem{
          .exit_code = 1,
          .text = fmt::format("\"{}\" has no key \"{}\" in use; `kith app key list {}` shows all",
                              wish.app,
                              wish.kid,
                              wish.app)};
    return cannot("the key was not retired", retired.error());
  }
  changed();
  return KeyRetired{wish.kid};
}

Outcome<TokenMade> StoreAdmin::make_token(const MakeToken& wish) {
  if (wish.ttl_s == 0 || wish.ttl_s > token_ttl_s_max)
    return Problem{.text = fmt::format("a token lives 1 to {} seconds", token_ttl_s_max)};
  if (auto user = base::parse_user(wish.user); user.has_error())
    return Problem{.text = user.error().text};
  const auto directory = store_.directory();
  if (directory.has_error()) return cannot("the keys can not be read", directory.error());
  const auto* app = find_app(directory.value(), wish.app);
  if (app == nullptr) return no_such_app(wish.app);
  const auto* key = signing_key(directory.value(), app->id);
  if (key == nullptr)
    return Problem{
        .exit_code = 1,
        .text = fmt::format(
            "\"{}\" has no signing key in use; `kith app key add {} --kind signing` makes one",
            wish.app,
            wish.app)};
  const auto now = clock_.wall();
  const base::WallTime expires{now.ms + wish.ttl_s * ms_per_s};
  return TokenMade{front::sign_token({.app = wish.app,
                                      .user = wish.user,
                                      .kid = key->kid,
                                      .issued_at = now,
                                      .expires_at = expires},
                                     key->secret),
                   base::to_rfc3339(expires)};
}

void StoreAdmin::changed() {
  if (on_change_) on_change_();
}

}  // namespace kith::server
