#include "adapters/sqlite/directory.hpp"

#include "base/limits.hpp"

namespace kith::adapters::sqlite {

namespace {

constexpr base::Fault name_taken{base::Errc::conflict,
                                 "an application has this name: choose another"};
constexpr base::Fault kid_taken{base::Errc::conflict,
                                "a key of this application has this kid: choose another"};
constexpr base::Fault no_app{base::Errc::not_found, "there is no such application: list them"};
constexpr base::Fault no_key{base::Errc::not_found, "there is no such key: list them"};

}  // namespace

AppDirectory::AppDirectory(Connection connection,
                           const base::Clock& clock,
                           base::Logger& logger) noexcept
    : clock_(clock), logger_(logger), connection_(std::move(connection)) {}

base::Result<ports::Directory> AppDirectory::read() {
  const std::lock_guard lock(mutex_);
  auto rows = read_rows();
  if (rows.has_error()) return failed(rows.error());
  return std::move(rows).value();
}

Outcome<ports::Directory> AppDirectory::read_rows() {
  ports::Directory directory;
  KITH_TRY(apps, connection_.prepare("SELECT id, name, created_at FROM app ORDER BY id"));
  KITH_TRY(keys,
           connection_.prepare("SELECT app, kid, kind, secret, created_at, retired_at FROM app_key"
                               " ORDER BY app, kid"));
  // Keys first: an application added in between has none yet, but no key is without its own.
  Query key = keys.run();
  for (;;) {
    KITH_TRY(more, key.next());
    if (!more) break;
    directory.keys.push_back({static_cast<domain::AppId>(key.integer(0)),
                              key.string(1),
                              static_cast<ports::KeyKind>(key.integer(2)),
                              key.string(3),
                              {key.integer(4)},
                              {key.integer(5)}});
  }
  Query app = apps.run();
  for (;;) {
    KITH_TRY(more, app.next());
    if (!more) break;
    directory.apps.push_back(
        {static_cast<domain::AppId>(app.integer(0)), app.string(1), {app.integer(2)}});
  }
  KITH_CHECK(read_revoked(directory));
  return directory;
}

Outcome<void> AppDirectory::read_revoked(ports::Directory& directory) {
  KITH_TRY(revoked,
           connection_.prepare("SELECT name_id, revoked_at FROM user WHERE app = ?1"
                               " AND revoked_at > 0 ORDER BY revoked_at DESC LIMIT ?2"));
  for (const auto& app : directory.apps) {
    Query user = revoked.run(app.id, base::limits::revoked_users_max + 1);
    for (;;) {
      KITH_TRY(more, user.next());
      if (!more) break;
      directory.revoked.push_back({{app.id, base::UserId{user.string(0)}}, {user.integer(1)}});
    }
  }
  return {};
}

base::Result<ports::AppRow> AppDirectory::create_app(std::string name) {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.wall();
  auto insert = connection_.prepare("INSERT INTO app(name, created_at) VALUES (?1, ?2)");
  if (insert.has_error()) return failed(insert.error());
  const auto done = insert->run(name, now.ms).finish();
  if (done.has_error()) return is_broken_rule(done.error()) ? name_taken : failed(done.error());
  return ports::AppRow{static_cast<domain::AppId>(connection_.last_row_id()), std::move(name), now};
}

Outcome<bool> AppDirectory::insert_key(const ports::AppKeyRow& key) {
  KITH_TRY(insert,
           connection_.prepare("INSERT INTO app_key(app, kid, kind, secret, created_at, retired_at)"
                               " SELECT id, ?2, ?3, ?4, ?5, ?6 FROM app WHERE id = ?1"));
  const auto created = key.created_at.ms == 0 ? clock_.wall() : key.created_at;
  KITH_CHECK(insert.run(key.app, key.kid, key.kind, Blob{key.secret}, created.ms, key.retired_at.ms)
                 .finish());
  return connection_.changed_rows() == 1;
}

base::Result<void> AppDirectory::add_key(const ports::AppKeyRow& key) {
  const std::lock_guard lock(mutex_);
  const auto inserted = insert_key(key);
  if (inserted.has_error())
    return is_broken_rule(inserted.error()) ? kid_taken : failed(inserted.error());
  if (!*inserted) return no_app;
  return {};
}

base::Result<void> AppDirectory::retire_key(domain::AppId app, const std::string& kid) {
  const std::lock_guard lock(mutex_);
  // Retired again, a key keeps its first time.
  auto update = connection_.prepare(
      "UPDATE app_key SET retired_at = CASE retired_at WHEN 0 THEN ?3 ELSE retired_at END"
      " WHERE app = ?1 AND kid = ?2");
  if (update.has_error()) return failed(update.error());
  const auto done = update->run(app, kid, clock_.wall().ms).finish();
  if (done.has_error()) return failed(done.error());
  if (connection_.changed_rows() == 0) return no_key;
  return {};
}

base::Fault AppDirectory::failed(Failure failure) {
  logger_.log(base::LogLevel::error, "directory_failed", {{"sqlite_code", failure.number()}});
  return to_fault(failure);
}

}  // namespace kith::adapters::sqlite
