#include "adapters/sqlite/reader.hpp"

#include "adapters/sqlite/rows.hpp"

#include <algorithm>
#include <limits>

namespace kith::adapters::sqlite {

namespace {

constexpr int last_message_column = conversation_columns + member_columns;
constexpr int active_column = last_message_column + event_columns;
constexpr int other_user_column = active_column + 1;

std::int64_t limit_of(std::size_t limit) noexcept {
  return static_cast<std::int64_t>(
      std::min<std::size_t>(limit, std::numeric_limits<std::int32_t>::max()));
}

ports::ListedConversation read_listed(const Query& query) {
  ports::ListedConversation row;
  row.conversation = read_conversation(query, 0);
  row.member = read_member(query, conversation_columns);
  if (!query.null(last_message_column)) row.last_message = read_event(query, last_message_column);
  row.active_at = {query.integer(active_column)};
  if (row.conversation.kind == domain::Kind::direct) {
    row.users.push_back(row.member.user);
    if (!query.null(other_user_column)) row.users.emplace_back(query.string(other_user_column));
    std::sort(row.users.begin(), row.users.end());
  }
  return row;
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

// "No device" has a cursor of its own, the default one.
std::optional<std::string_view> asked_device(const base::DeviceId& device) {
  if (device.empty()) return std::nullopt;
  return std::string_view{device.str()};
}

}  // namespace

Outcome<Reader> Reader::open(const std::string& path) {
  Reader reader;
  KITH_TRY(connection, Connection::open(path, Access::read_only));
  reader.connection_ = std::move(connection);
  KITH_CHECK(reader.connection_.run_script("PRAGMA cache_size = -4000"));
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

template <class Read>
auto Reader::in_snapshot(Read read) -> decltype(read()) {
  KITH_CHECK(begin_.run().finish());
  auto result = read();
  const auto ended = commit_.run().finish();
  if (result.has_value() && ended.has_error()) return ended.error();
  return result;
}

Outcome<std::optional<std::int64_t>> Reader::row_id(Ask what,
                                                    base::AppId app,
                                                    std::string_view name) {
  Query query = what == Ask::conversation_id ? run(what, app, Blob{name}) : run(what, app, name);
  KITH_TRY(found, query.next());
  if (!found) return std::optional<std::int64_t>{};
  return std::optional{query.integer(0)};
}

Outcome<std::optional<std::int64_t>> Reader::conversation_id(const base::ConversationKey& key) {
  return row_id(Ask::conversation_id, key.app, key.cid.view());
}

Outcome<std::optional<ports::LoadedConversation>> Reader::load(const base::ConversationKey& key) {
  using Found = std::optional<ports::LoadedConversation>;
  return in_snapshot([&]() -> Outcome<Found> {
    Query row = run(Ask::conversation, key.app, Blob{key.cid.view()});
    KITH_TRY(found, row.next());
    if (!found) return Found{};
    ports::LoadedConversation loaded;
    loaded.conversation = read_conversation(row, 1);
    Query members = run(Ask::active_members, row.integer(0));
    for (;;) {
      KITH_TRY(more, members.next());
      if (!more) return Found{std::move(loaded)};
      loaded.members.push_back(read_member(members, 0));
    }
  });
}

Outcome<std::vector<domain::LogEvent>> Reader::page(const ports::PageQuery& query) {
  std::vector<domain::LogEvent> events;
  const base::Seq to = std::min(query.to, base::seq_max);
  if (query.limit == 0 || query.after >= to) return events;
  // Two statements and no snapshot: the number of a conversation never changes.
  KITH_TRY(conversation, conversation_id(query.conversation));
  if (!conversation) return events;
  const Ask what = query.messages_only ? (query.newest ? Ask::history_newest : Ask::history_first)
                                       : (query.newest ? Ask::page_newest : Ask::page_first);
  Query rows = run(what,
                   entry_id(*conversation, query.after),
                   entry_id(*conversation, to),
                   limit_of(query.limit));
  for (std::size_t bytes = 0; bytes < query.bytes_max; bytes += events.back().body.size()) {
    KITH_TRY(more, rows.next());
    if (!more) break;
    events.push_back(read_event(rows, 0));
  }
  if (query.newest) std::reverse(events.begin(), events.end());
  return events;
}

Outcome<std::vector<base::Seq>> Reader::heads(const std::vector<base::ConversationKey>& keys) {
  return in_snapshot([&]() -> Outcome<std::vector<base::Seq>> {
    std::vector<base::Seq> heads;
    for (const auto& key : keys) {
      Query row = run(Ask::conversation, key.app, Blob{key.cid.view()});
      KITH_TRY(found, row.next());
      heads.push_back(found ? read_conversation(row, 1).last_seq : 0);
    }
    return heads;
  });
}

Outcome<std::optional<ports::StoredSend>> Reader::find_send(const ports::SendKey& key) {
  using Found = std::optional<ports::StoredSend>;
  return in_snapshot([&]() -> Outcome<Found> {
    KITH_TRY(conversation, conversation_id(key.conversation));
    KITH_TRY(sender, row_id(Ask::user_id, key.conversation.app, key.sender.str()));
    if (!conversation || !sender) return Found{};
    Query row = run(Ask::send, key.client_id.str(), *sender, *conversation);
    KITH_TRY(found, row.next());
    if (!found) return Found{};
    return Found{read_stored_send(row)};
  });
}

Outcome<std::optional<ports::ListedConversation>> Reader::find_for(const base::ConversationKey& key,
                                                                   const base::UserId& user) {
  using Found = std::optional<ports::ListedConversation>;
  Query row = run(Ask::find_for, key.app, Blob{key.cid.view()}, user.str());
  KITH_TRY(found, row.next());
  if (!found) return Found{};
  return Found{read_listed(row)};
}

Outcome<std::vector<ports::Membership>> Reader::memberships(const base::UserKey& user,
                                                            const base::DeviceId& device) {
  std::vector<ports::Membership> found;
  Query rows = run(Ask::memberships, user.app, user.user.str(), asked_device(device));
  for (;;) {
    KITH_TRY(more, rows.next());
    if (!more) return found;
    found.push_back(read_membership(rows));
  }
}

Outcome<std::vector<ports::Membership>> Reader::memberships_of(const base::UserKey& user,
                                                               const base::DeviceId& device,
                                                               std::vector<base::Cid> cids) {
  using Found = std::vector<ports::Membership>;
  std::sort(cids.begin(), cids.end());
  cids.erase(std::unique(cids.begin(), cids.end()), cids.end());
  return in_snapshot([&]() -> Outcome<Found> {
    Found found;
    KITH_TRY(user_row, row_id(Ask::user_id, user.app, user.user.str()));
    if (!user_row) return found;
    for (const base::Cid& cid : cids) {
      KITH_TRY(conversation, conversation_id({user.app, cid}));
      if (!conversation) continue;
      Query row = run(Ask::membership, *user_row, *conversation, asked_device(device));
      KITH_TRY(active, row.next());
      if (active) found.push_back(read_membership(row));
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
      return std::tie(b.active_at, b.cid) < std::tie(a.active_at, a.cid);
    });
    return found;
  });
}

Outcome<std::vector<ports::ListedConversation>> Reader::list(const ports::ListQuery& query) {
  std::vector<ports::ListedConversation> found;
  std::optional<std::int64_t> below;
  std::optional<Blob> below_cid;
  if (query.before) {
    below = query.before->first.ms;
    below_cid = Blob{query.before->second.view()};
  }
  Query rows = run(
      Ask::list, query.user.app, query.user.user.str(), below, below_cid, limit_of(query.limit));
  for (;;) {
    KITH_TRY(more, rows.next());
    if (!more) return found;
    found.push_back(read_listed(rows));
  }
}

Outcome<std::vector<domain::Member>> Reader::members(const ports::MembersQuery& query) {
  std::vector<domain::Member> found;
  KITH_TRY(conversation, conversation_id(query.conversation));
  if (!conversation) return found;
  Query rows = run(Ask::members_page, *conversation, query.after, limit_of(query.limit));
  for (;;) {
    KITH_TRY(more, rows.next());
    if (!more) return found;
    found.push_back(read_member(rows, 0));
  }
}

Outcome<std::optional<base::Cid>> Reader::find_external(const ports::ExternalKey& key) {
  using Found = std::optional<base::Cid>;
  Query row = run(Ask::external, key.app, key.external_id);
  KITH_TRY(found, row.next());
  if (!found) return Found{};
  return Found{base::Cid::from_view(row.bytes(0))};
}

Outcome<std::uint64_t> Reader::unread_total(const base::UserKey& user) {
  Query row = run(Ask::unread_total, user.app, user.user.str());
  KITH_CHECK(row.next());
  return row.count(0);
}

Outcome<std::vector<ports::UserRow>> Reader::users(const base::UserKey& asking,
                                                   const std::vector<base::UserId>& users) {
  using Found = std::vector<ports::UserRow>;
  return in_snapshot([&]() -> Outcome<Found> {
    Found found;
    KITH_TRY(asking_row, row_id(Ask::user_id, asking.app, asking.user.str()));
    if (!asking_row) return found;
    for (const base::UserId& user : users) {
      Query row = run(Ask::acquainted, asking.app, user.str(), *asking_row);
      KITH_TRY(shown, row.next());
      if (shown) found.push_back({base::UserId{row.string(0)}, row.string(1), row.string(2)});
    }
    return found;
  });
}

}  // namespace kith::adapters::sqlite
