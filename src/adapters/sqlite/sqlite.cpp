#include "adapters/sqlite/sqlite.hpp"

#include "adapters/sqlite/backup.hpp"
#include "adapters/sqlite/directory.hpp"
#include "adapters/sqlite/file_lock.hpp"
#include "adapters/sqlite/lane.hpp"
#include "adapters/sqlite/migrations.hpp"
#include "adapters/sqlite/reader_pool.hpp"

#include <algorithm>

namespace kith::adapters::sqlite {

namespace {

using ports::Done;
using ports::Reactor;

class SqliteStore final : public ports::Store {
 public:
  // The order of destruction: readers, then the lane, whose connection is the last and cleans up.
  struct Parts {
    FileLock lock;
    ports::StoreMeta meta;
    std::unique_ptr<Tails> tails;  // outlives those that write and read them
    std::unique_ptr<AppDirectory> directory;
    std::unique_ptr<Lane> lane;
    const SentFilter* sent = nullptr;  // the lane's writer's
    std::unique_ptr<ReaderPool> readers;
  };

  explicit SqliteStore(Parts parts) : parts_(std::move(parts)) {}

  ~SqliteStore() override {
    parts_.readers.reset();
    parts_.directory.reset();
    parts_.lane.reset();
  }

  SqliteStore(const SqliteStore&) = delete;
  SqliteStore& operator=(const SqliteStore&) = delete;

  const ports::StoreMeta& meta() const noexcept override { return parts_.meta; }

  void start(ports::BatchMachineFactory& factory) override { parts_.lane->start(factory); }

  std::size_t lanes() const noexcept override { return 1; }

  base::Result<void> submit(std::size_t lane, std::unique_ptr<ports::LaneEntry>& entry) override {
    KITH_ASSERT(lane == 0);
    return parts_.lane->submit(entry);
  }

  std::vector<std::unique_ptr<ports::LaneEntry>> withdraw(std::size_t lane,
                                                          base::Instant limit) override {
    KITH_ASSERT(lane == 0);
    return parts_.lane->withdraw(limit);
  }

  void drain() override { parts_.lane->drain(); }

  void load(Reactor& asker,
            ports::ConversationKey key,
            Done<std::optional<ports::LoadedConversation>> done) override {
    parts_.readers->ask(asker, std::move(done), [key](Reader& reader) { return reader.load(key); });
  }

  void page(Reactor& asker,
            ports::PageQuery query,
            Done<std::vector<ports::LogEvent>> done) override {
    parts_.readers->ask(
        asker, std::move(done), [query](Reader& reader) { return reader.page(query); });
  }

  void history(Reactor& asker,
               ports::HistoryQuery query,
               std::shared_ptr<ports::MessageSink> sink,
               Done<bool> done) override {
    parts_.readers->ask(
        asker, std::move(done), [query = std::move(query), sink = std::move(sink)](Reader& reader) {
          return reader.history(query, *sink);
        });
  }

  void heads(Reactor& asker,
             std::vector<ports::ConversationKey> keys,
             Done<std::vector<ports::Seq>> done) override {
    parts_.readers->ask(asker, std::move(done), [keys = std::move(keys)](Reader& reader) {
      return reader.heads(keys);
    });
  }

  bool never_sent(const ports::ConversationKey& conversation,
                  const ports::UserId& sender,
                  const domain::ClientId& client_id) const noexcept override {
    return !parts_.sent->maybe(sent_hash(conversation, sender.str(), client_id.str()));
  }

  void find_send(Reactor& asker,
                 ports::SendKey key,
                 Done<std::optional<ports::StoredSend>> done) override {
    parts_.readers->ask(asker, std::move(done), [key = std::move(key)](Reader& reader) {
      return reader.find_send(key);
    });
  }

  void find_for(Reactor& asker,
                ports::ConversationKey key,
                ports::UserId user,
                Done<std::optional<ports::ListedConversation>> done) override {
    parts_.readers->ask(asker, std::move(done), [key, user = std::move(user)](Reader& reader) {
      return reader.find_for(key, user);
    });
  }

  void memberships(Reactor& asker,
                   ports::UserKey user,
                   domain::DeviceId device,
                   Done<std::vector<ports::Membership>> done) override {
    parts_.readers->ask(asker,
                        std::move(done),
                        [user = std::move(user), device = std::move(device)](Reader& reader) {
                          return reader.memberships(user, device);
                        });
  }

  void memberships_of(Reactor& asker,
                      ports::UserKey user,
                      domain::DeviceId device,
                      std::vector<domain::Cid> cids,
                      Done<std::vector<ports::Membership>> done) override {
    parts_.readers->ask(asker,
                        std::move(done),
                        [user = std::move(user),
                         device = std::move(device),
                         cids = std::move(cids)](Reader& reader) mutable {
                          return reader.memberships_of(user, device, std::move(cids));
                        });
  }

  void list(Reactor& asker,
            ports::ListQuery query,
            Done<std::vector<ports::ListedConversation>> done) override {
    parts_.readers->ask(asker, std::move(done), [query = std::move(query)](Reader& reader) {
      return reader.list(query);
    });
  }

  void members(Reactor& asker,
               ports::MembersQuery query,
               Done<std::vector<ports::Member>> done) override {
    parts_.readers->ask(asker, std::move(done), [query = std::move(query)](Reader& reader) {
      return reader.members(query);
    });
  }

  void find_external(Reactor& asker,
                     ports::ExternalKey key,
                     Done<std::optional<domain::Cid>> done) override {
    parts_.readers->ask(asker, std::move(done), [key = std::move(key)](Reader& reader) {
      return reader.find_external(key);
    });
  }

  void unread_total(Reactor& asker, ports::UserKey user, Done<std::uint64_t> done) override {
    parts_.readers->ask(asker, std::move(done), [user = std::move(user)](Reader& reader) {
      return reader.unread_total(user);
    });
  }

  void users(Reactor& asker,
             ports::UserKey asking,
             std::vector<ports::UserId> users,
             Done<std::vector<ports::UserRow>> done) override {
    parts_.readers->ask(asker,
                        std::move(done),
                        [asking = std::move(asking), users = std::move(users)](Reader& reader) {
                          return reader.users(asking, users);
                        });
  }

  base::Result<ports::Directory> directory() override { return parts_.directory->read(); }

  base::Result<ports::AppRow> create_app(std::string name) override {
    return parts_.directory->create_app(std::move(name));
  }

  base::Result<void> add_key(ports::AppKeyRow key) override {
    return parts_.directory->add_key(key);
  }

  base::Result<void> retire_key(domain::AppId app, std::string kid) override {
    return parts_.directory->retire_key(app, kid);
  }

 private:
  Parts parts_;
};

// The one row of `meta`, made with the database.
Outcome<ports::StoreMeta> read_meta(Connection& connection, base::Random& random) {
  const auto epoch = make_epoch(random);
  base::Key16 key{};
  random.fill(key);
  KITH_TRY(insert,
           connection.prepare("INSERT INTO meta(one, epoch, id_key) VALUES (1, ?1, ?2)"
                              " ON CONFLICT DO NOTHING"));
  KITH_CHECK(
      insert.run(epoch, Blob{{reinterpret_cast<const char*>(key.data()), key.size()}}).finish());
  KITH_TRY(select, connection.prepare("SELECT epoch, id_key FROM meta WHERE one = 1"));
  Query row = select.run();
  KITH_CHECK(row.next());
  ports::StoreMeta meta;
  meta.epoch = row.string(0);
  const std::string_view stored = row.bytes(1);
  std::copy_n(stored.begin(), std::min(stored.size(), key.size()), meta.id_key.begin());
  return meta;
}

base::Fault failed(Failure failure, const SqliteOptions& options) {
  options.logger.log(base::LogLevel::error,
                     "database_open_failed",
                     {{"path", options.path}, {"sqlite_code", failure.number()}});
  return to_fault(failure);
}

// The connection that brought the file up to date. It stays open: closed as the only one, it would
// first write all that a killed process left in the WAL into the file.
base::Result<Connection> prepare_file(const SqliteOptions& options) {
  KITH_CHECK(make_private_file(options.path));
  auto connection = Connection::open(options.path, Access::write);
  if (connection.has_error()) return failed(connection.error(), options);
  const auto set = connection->run_script(
      "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
      " PRAGMA cache_size = -100; PRAGMA secure_delete = OFF");
  if (set.has_error()) return failed(set.error(), options);
  KITH_CHECK(migrate(*connection, migrations(), options.clock, options.logger));
  return std::move(connection).value();
}

Outcome<std::vector<Reader>> open_readers(const SqliteOptions& options, Tails& tails) {
  std::vector<Reader> readers;
  for (std::size_t i = 0; i < std::max<std::size_t>(options.reader_threads, 1); ++i) {
    KITH_TRY(reader, Reader::open(options.path, tails));
    readers.push_back(std::move(reader));
  }
  return readers;
}

}  // namespace

base::Result<std::unique_ptr<ports::Store>> open_sqlite(const SqliteOptions& options) {
  SqliteStore::Parts parts;
  KITH_TRY(lock, FileLock::take(options.path));
  parts.lock = std::move(lock);
  KITH_TRY(connection, prepare_file(options));
  auto meta = read_meta(connection, options.random);
  if (meta.has_error()) return failed(meta.error(), options);
  parts.meta = std::move(meta).value();
  parts.tails = std::make_unique<Tails>(options.tails);
  auto writer = Writer::open(options.path, *parts.tails, options.logger);
  if (writer.has_error()) return failed(writer.error(), options);
  parts.sent = &(*writer)->sent_filter();
  parts.lane = std::make_unique<Lane>(std::move(writer).value(), options.commit_linger);
  parts.directory =
      std::make_unique<AppDirectory>(std::move(connection), options.clock, options.logger);
  auto readers = open_readers(options, *parts.tails);
  if (readers.has_error()) return failed(readers.error(), options);
  parts.readers = std::make_unique<ReaderPool>(
      std::move(readers).value(), options.read_queue_max, options.logger);
  return std::unique_ptr<ports::Store>{std::make_unique<SqliteStore>(std::move(parts))};
}

}  // namespace kith::adapters::sqlite
