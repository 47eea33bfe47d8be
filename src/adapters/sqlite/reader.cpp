#include "adapters/sqlite/reader.hpp"

#include "adapters/sqlite/rows.hpp"
#include "base/limits.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace kith::adapters::sqlite {

namespace {

constexpr int last_message_column = conversation_columns + member_columns;
constexpr int active_column = last_message_column + event_columns;
constexpr int other_user_column = active_column + 1;
constexpr int membership_columns = 7;

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

template <class Read>
auto Reader::in_snapshot(Read read) -> decltype(read()) {
  for (std::size_t attempt = 1;; ++attempt) {
    auto result = in_one_snapshot(read);
    if (result.has_value() || !is_busy(result.error())) return result;
    if (attempt == base::limits::snapshot_attempts_max) return result;
  }
}

template <class Read>
auto Reader::in_one_snapshot(Read read) -> decltype(read()) {
  TailSnapshot snapshot{*tails_};
  KITH_CHECK(begin_.run().finish());
  snapshot_ = &snapshot;
  const auto fixed = fix(snapshot);
  decltype(read()) result = fixed.has_error() ? decltype(read()){fixed.error()} : read();
  snapshot_ = nullptr;
  const auto ended = commit_.run().finish();
  if (result.has_value() && ended.has_error()) return ended.error();
  return result;
}

Outcome<void> Reader::fix(TailSnapshot& snapshot) {
  Query row = run(Ask::version);  // the first statement: with it the transaction's snapshot begins
  KITH_TRY(any, row.next());
  snapshot.fix_at(any ? row.count(0) : 0);
  return {};
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

Outcome<std::vector<domain::LogEvent>> Reader::page(const ports::PageQuery& query) {
  using Found = std::vector<domain::LogEvent>;
  ports::PageQuery left = query;
  left.to = std::min(query.to, base::seq_max);
  if (query.limit == 0 || query.after >= left.to) return Found{};
  return in_snapshot([&]() -> Outcome<Found> {
    Found events;
    KITH_TRY(conversation, conversation_id(query.conversation));
    if (!conversation) return events;
    KITH_TRY(overlay, overlay_of(*conversation));
    const auto unfolded = overlay.in_range(left);
    std::size_t bytes = 0;
    const auto full = [&] { return events.size() >= query.limit || bytes >= query.bytes_max; };
    const auto add = [&](const EventRecord& event) {
      bytes += event.body.size();
      events.push_back(to_event(event));
    };
    if (query.newest)
      for (auto one = unfolded.rbegin(); one != unfolded.rend() && !full(); ++one)
        add(*one);
    if (!full()) {
      KITH_CHECK(add_rows(left, *conversation, events));
      bytes = 0;
      for (const auto& event : events)
        bytes += event.body.size();
    }
    if (query.newest) {
      std::reverse(events.begin(), events.end());
      return events;
    }
    for (auto one = unfolded.begin(); one != unfolded.end() && !full(); ++one)
      add(*one);
    return events;
  });
}

// Behind those that are there already.
Outcome<void> Reader::add_rows(const ports::PageQuery& query,
                               std::int64_t conversation,
                               std::vector<domain::LogEvent>& events) {
  const Ask what = query.messages_only ? (query.newest ? Ask::history_newest : Ask::history_first)
                                       : (query.newest ? Ask::page_newest : Ask::page_first);
  std::size_t bytes = 0;
  for (const auto& event : events)
    bytes += event.body.size();
  Query rows = run(what,
                   entry_id(conversation, query.after),
                   entry_id(conversation, query.to),
                   limit_of(query.limit - events.size()));
  for (; bytes < query.bytes_max; bytes += events.back().body.size()) {
    KITH_TRY(more, rows.next());
    if (!more) break;
    events.push_back(read_event(rows, 0));
  }
  return {};
}

Outcome<std::vector<base::Seq>> Reader::heads(const std::vector<base::ConversationKey>& keys) {
  return in_snapshot([&]() -> Outcome<std::vector<base::Seq>> {
    std::vector<base::Seq> heads;
    for (const auto& key : keys) {
      heads.push_back(0);
      Query row = run(Ask::conversation, key.app, Blob{key.cid.view()});
      KITH_TRY(found, row.next());
      if (!found) continue;
      KITH_TRY(overlay, overlay_of(row.integer(0)));
      heads.back() = overlay.empty() ? read_conversation(row, 1).last_seq : overlay.last().seq;
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

Outcome<std::optional<ports::ListedConversation>> Reader::find_for(const base::ConversationKey& key,
                                                                   const base::UserId& user) {
  using Found = std::optional<ports::ListedConversation>;
  return in_snapshot([&]() -> Outcome<Found> {
    KITH_TRY(conversation, conversation_id(key));
    KITH_TRY(user_row, user_id({key.app, user}));
    if (!conversation || !user_row) return Found{};
    return listed(*conversation, *user_row);
  });
}

Outcome<std::optional<ports::ListedConversation>> Reader::listed(std::int64_t conversation,
                                                                 std::int64_t user) {
  using Found = std::optional<ports::ListedConversation>;
  Query row = run(Ask::listed, conversation, user);
  KITH_TRY(found, row.next());
  if (!found) return Found{};
  auto listed = read_listed(row);
  KITH_TRY(overlay, overlay_of(conversation));
  overlay.end_at(listed.member.until_seq);
  if (overlay.empty()) return Found{std::move(listed)};
  overlay.raise_head(listed.conversation);
  overlay.raise_marks(user, listed.member);
  listed.active_at = overlay.last().ts;
  auto message = overlay.last_message(listed.member.from_seq);
  // The event that removed a member is none of his messages.
  if (message && message->seq != listed.member.until_seq) listed.last_message = std::move(message);
  return Found{std::move(listed)};
}

Outcome<ports::Membership> Reader::membership_at(const Query& row) {
  auto found = read_membership(row);
  KITH_TRY(overlay, overlay_of(row.integer(membership_columns)));
  if (overlay.empty()) return found;
  const EventRecord last = overlay.last();
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

Outcome<std::vector<Reader::Activity>> Reader::activities(std::int64_t user) {
  std::vector<Activity> found;
  Query rows = run(Ask::activity, user);
  for (;;) {
    KITH_TRY(more, rows.next());
    if (!more) return found;
    Activity one{rows.integer(0), base::Cid::from_view(rows.bytes(1)), {rows.integer(2)}};
    KITH_TRY(overlay, overlay_of(one.conversation));
    if (!overlay.empty()) one.at = overlay.last().ts;
    found.push_back(one);
  }
}

// Short rows are sorted, and titles and bodies read for the page alone.
Outcome<std::vector<ports::ListedConversation>> Reader::list(const ports::ListQuery& query) {
  using Found = std::vector<ports::ListedConversation>;
  return in_snapshot([&]() -> Outcome<Found> {
    Found found;
    KITH_TRY(user_row, user_id(query.user));
    if (!user_row) return found;
    KITH_TRY(all, activities(*user_row));
    if (query.before)
      std::erase_if(all, [&](const Activity& one) {
        return std::tie(one.at, one.cid) >= std::tie(query.before->first, query.before->second);
      });
    std::sort(all.begin(), all.end(), [](const Activity& a, const Activity& b) {
      return std::tie(b.at, b.cid) < std::tie(a.at, a.cid);
    });
    all.resize(std::min(all.size(), query.limit));
    for (const Activity& one : all) {
      KITH_TRY(row, listed(one.conversation, *user_row));
      if (row) found.push_back(std::move(*row));
    }
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
    KITH_TRY(asking_row, row_id(Ask::user_id, asking.app, asking.user.str()));
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
