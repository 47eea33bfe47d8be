#include "adapters/sqlite/reader.hpp"

#include "adapters/sqlite/rows.hpp"
#include "base/limits.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace kith::adapters::sqlite {

namespace {

constexpr int membership_columns = 7;

std::int64_t limit_of(std::size_t limit) noexcept {
  return static_cast<std::int64_t>(
      std::min<std::size_t>(limit, std::numeric_limits<std::int32_t>::max()));
}

ports::Membership read_membership(const Query& query) {
  ports::Membership row;
  row.cid = base::Cid::from_view(query.bytes(0));
  row.kind = static_cast<domain::Kind>(query.integer(1));
  row.from_seq = query.count(2);
  row.head = seq_of(query.integer(3));
  row.active_at = {query.integer(4)};
  if (!query.null(5)) row.device_cursor = query.count(5);
  if (!query.null(6)) row.default_cursor = query.count(6);
  return row;
}

void sort_by_activity(std::vector<ports::Membership>& rows) {
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::tie(b.active_at, b.cid) < std::tie(a.active_at, a.cid);
  });
}

// "No device" has a cursor of its own, the default one.
std::optional<std::string_view> asked_device(const base::DeviceId& device) {
  if (device.empty()) return std::nullopt;
  return std::string_view{device.str()};
}

}  // namespace

Outcome<Reader> Reader::open(const std::string& path, Tails& tails) {
  Reader reader;
  reader.tails_ = &tails;
  KITH_TRY(connection, Connection::open(path, Access::read_only));
  reader.connection_ = std::move(connection);
  KITH_CHECK(reader.connection_.run_script("PRAGMA cache_size = -1000"));
  KITH_TRY(begin, reader.connection_.prepare("BEGIN DEFERRED"));
  reader.begin_ = std::move(begin);
  KITH_TRY(commit, reader.connection_.prepare("COMMIT"));
  reader.commit_ = std::move(commit);
  for (std::size_t i = 0; i < ask_count; ++i) {
    KITH_TRY(statement, reader.connection_.prepare(read_sql(static_cast<Ask>(i))));
    reader.statements_[i] = std::move(statement);
  }
  return reader;
}

Reader::Span::Span(Reader& reader) : reader_(reader) {
  (void)reader_.begin_snapshot();  // if not, each read begins one, and says why it can not
}

Reader::Span::~Span() {
  (void)reader_.end_snapshot();  // nothing was written: what was read stands
}

Outcome<void> Reader::begin_snapshot() {
  auto snapshot = std::make_unique<TailSnapshot>(*tails_);
  KITH_CHECK(begin_.run().finish());
  snapshot_ = std::move(snapshot);
  const auto seen = version();  // the first statement: with it the transaction's snapshot begins
  if (seen.has_value()) {
    snapshot_->fix_at(*seen);
    return {};
  }
  (void)end_snapshot();
  return seen.error();
}

Outcome<void> Reader::end_snapshot() {
  if (!snapshot_) return {};
  const auto ended = commit_.run().finish();
  snapshot_.reset();
  return ended;
}

Outcome<Version> Reader::version() {
  Query row = run(Ask::version);
  KITH_TRY(any, row.next());
  return any ? row.count(0) : Version{0};
}

Outcome<Overlay> Reader::overlay_of(std::int64_t conversation) {
  KITH_TRY(events, snapshot_->of(conversation));
  return Overlay{std::move(events)};
}

Outcome<std::optional<std::int64_t>> Reader::row_id(Ask what,
                                                    base::AppId app,
                                                    std::string_view name) {
  Query row = what == Ask::user_id ? run(what, app, name) : run(what, app, Blob{name});
  KITH_TRY(found, row.next());
  if (!found) return std::optional<std::int64_t>{};
  return std::optional{row.integer(0)};
}

Outcome<std::optional<std::int64_t>> Reader::conversation_id(const base::ConversationKey& key) {
  return row_id(Ask::conversation_id, key.app, key.cid.view());
}

Outcome<std::optional<std::int64_t>> Reader::user_id(const base::UserKey& key) {
  return row_id(Ask::user_id, key.app, key.user.str());
}

Outcome<std::optional<ports::LoadedConversation>> Reader::load(const base::ConversationKey& key) {
  using Found = std::optional<ports::LoadedConversation>;
  return in_snapshot([&]() -> Outcome<Found> {
    Query row = run(Ask::conversation, key.app, Blob{key.cid.view()});
    KITH_TRY(found, row.next());
    if (!found) return Found{};
    ports::LoadedConversation loaded;
    loaded.conversation = read_conversation(row, 1);
    const std::int64_t id = row.integer(0);
    KITH_TRY(overlay, overlay_of(id));
    overlay.raise_head(loaded.conversation);
    KITH_TRY(members, members_of(id, run(Ask::active_members, id)));
    loaded.members = std::move(members);
    return Found{std::move(loaded)};
  });
}

Outcome<std::vector<domain::Member>> Reader::members_of(std::int64_t conversation, Query rows) {
  std::vector<domain::Member> members;
  KITH_TRY(overlay, overlay_of(conversation));
  for (;;) {
    KITH_TRY(more, rows.next());
    if (!more) return members;
    members.push_back(read_member(rows, 0));
    overlay.raise_marks(rows.integer(member_columns), members.back());
  }
}

Outcome<std::vector<base::Seq>> Reader::heads(const std::vector<base::ConversationKey>& keys) {
  return in_snapshot([&]() -> Outcome<std::vector<base::Seq>> {
    std::vector<base::Seq> heads;
    for (const auto& key : keys) {
      heads.push_back(0);
      Query row = run(Ask::conversation, key.app, Blob{key.cid.view()});
      KITH_TRY(found, row.next());
      if (!found) continue;
      KITH_TRY(newest, snapshot_->newest_of(row.integer(0)));
      heads.back() = newest ? newest->seq : read_conversation(row, 1).last_seq;
    }
    return heads;
  });
}

Outcome<std::optional<ports::StoredSend>> Reader::find_send(const ports::SendKey& key) {
  using Found = std::optional<ports::StoredSend>;
  return in_snapshot([&]() -> Outcome<Found> {
    KITH_TRY(conversation, conversation_id(key.conversation));
    KITH_TRY(sender, user_id({key.conversation.app, key.sender}));
    if (!conversation || !sender) return Found{};
    KITH_TRY(overlay, overlay_of(*conversation));
    if (auto sent = overlay.find_sent(*sender, key.client_id.str())) return sent;
    Query row = run(Ask::send, key.client_id.str(), *sender, *conversation);
    KITH_TRY(found, row.next());
    if (!found) return Found{};
    return Found{read_stored_send(row)};
  });
}

Outcome<ports::Membership> Reader::membership_at(const Query& row) {
  auto found = read_membership(row);
  KITH_TRY(newest, snapshot_->newest_of(row.integer(membership_columns)));
  if (!newest) return found;
  const EventRecord last = newest->record();
  found.head = last.seq;
  found.active_at = last.ts;
  return found;
}

Outcome<std::vector<ports::Membership>> Reader::memberships(const base::UserKey& user,
                                                            const base::DeviceId& device) {
  using Found = std::vector<ports::Membership>;
  return in_snapshot([&]() -> Outcome<Found> {
    Found found;
    KITH_TRY(user_row, user_id(user));
    if (!user_row) return found;
    Query rows = run(Ask::memberships, *user_row, asked_device(device));
    for (;;) {
      KITH_TRY(more, rows.next());
      if (!more) break;
      KITH_TRY(membership, membership_at(rows));
      found.push_back(std::move(membership));
    }
    sort_by_activity(found);
    return found;
  });
}

Outcome<std::vector<ports::Membership>> Reader::memberships_of(const base::UserKey& user,
                                                               const base::DeviceId& device,
                                                               std::vector<base::Cid> cids) {
  using Found = std::vector<ports::Membership>;
  std::sort(cids.begin(), cids.end());
  cids.erase(std::unique(cids.begin(), cids.end()), cids.end());
  return in_snapshot([&]() -> Outcome<Found> {
    Found found;
    KITH_TRY(user_row, user_id(user));
    if (!user_row) return found;
    for (const base::Cid& cid : cids) {
      KITH_TRY(conversation, conversation_id({user.app, cid}));
      if (!conversation) continue;
      Query row = run(Ask::membership, *user_row, asked_device(device), *conversation);
      KITH_TRY(active, row.next());
      if (!active) continue;
      KITH_TRY(membership, membership_at(row));
      found.push_back(std::move(membership));
    }
    sort_by_activity(found);
    return found;
  });
}

Outcome<std::vector<domain::Member>> Reader::members(const ports::MembersQuery& query) {
  using Found = std::vector<domain::Member>;
  return in_snapshot([&]() -> Outcome<Found> {
    KITH_TRY(conversation, conversation_id(query.conversation));
    if (!conversation) return Found{};
    return members_of(*conversation,
                      run(Ask::members_page, *conversation, query.after, limit_of(query.limit)));
  });
}

Outcome<std::optional<base::Cid>> Reader::find_external(const ports::ExternalKey& key) {
  using Found = std::optional<base::Cid>;
  Query row = run(Ask::external, key.app, key.external_id);
  KITH_TRY(found, row.next());
  if (!found) return Found{};
  return Found{base::Cid::from_view(row.bytes(0))};
}

Outcome<std::uint64_t> Reader::unread_total(const base::UserKey& user) {
  return in_snapshot([&]() -> Outcome<std::uint64_t> {
    std::uint64_t total = 0;
    KITH_TRY(user_row, user_id(user));
    if (!user_row) return total;
    Query rows = run(Ask::unread, *user_row);
    for (;;) {
      KITH_TRY(more, rows.next());
      if (!more) return total;
      domain::Member member;
      base::No last_no = rows.count(1);
      member.read_seq = rows.count(2);
      member.read_no = rows.count(3);
      KITH_TRY(overlay, overlay_of(rows.integer(0)));
      if (!overlay.empty()) last_no = overlay.last().no;
      overlay.raise_marks(*user_row, member);
      total += last_no - std::min(last_no, member.read_no);
    }
  });
}

Outcome<std::vector<ports::UserRow>> Reader::users(const base::UserKey& asking,
                                                   const std::vector<base::UserId>& users) {
  using Found = std::vector<ports::UserRow>;
  return in_snapshot([&]() -> Outcome<Found> {
    Found found;
    KITH_TRY(asking_row, user_id(asking));
    if (!asking_row) return found;
    for (const base::UserId& user : users) {
      Query row = run(Ask::acquainted, asking.app, user.str(), *asking_row);
      KITH_TRY(shown, row.next());
      if (shown)
        found.push_back({base::UserId{row.string(0)},
                         row.string(1),
                         row.string(2),
                         domain::WallTime{row.integer(3)}});
    }
    return found;
  });
}

}  // namespace kith::adapters::sqlite
