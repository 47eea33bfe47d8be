#include "adapters/sqlite/reader.hpp"
#include "adapters/sqlite/rows.hpp"

#include <algorithm>
#include <tuple>

// Conversations as one of their users sees them.
namespace kith::adapters::sqlite {

namespace {

domain::LogEvent to_event(const ports::MessageView& message) {
  domain::LogEvent event;
  event.seq = message.seq;
  event.no = message.no;
  event.actor = base::UserId{std::string{message.sender}};
  event.client_id = base::ClientId{std::string{message.client_id}};
  event.ts = message.ts;
  event.body = std::string{message.body};
  return event;
}

}  // namespace

Outcome<std::optional<ports::ListedConversation>> Reader::find_for(const base::ConversationKey& key,
                                                                   const base::UserId& user) {
  using Found = std::optional<ports::ListedConversation>;
  return in_snapshot([&]() -> Outcome<Found> {
    KITH_TRY(conversation, conversation_id(key));
    KITH_TRY(user_row, user_id({key.app, user}));
    if (!conversation || !user_row) return Found{};
    return listed(*conversation, {user, *user_row}, nullptr);
  });
}

Outcome<std::optional<ports::ListedConversation>> Reader::listed(std::int64_t conversation,
                                                                 const Asking& asking,
                                                                 const Head* known) {
  using Found = std::optional<ports::ListedConversation>;
  Query row = run(Ask::listed, conversation, asking.row, asking.user.str());
  KITH_TRY(found, row.next());
  if (!found) return Found{};
  ports::ListedConversation listed;
  listed.conversation = read_conversation(row, 0);
  listed.member = read_member(row, conversation_columns);
  const base::Seq until = listed.member.until_seq;
  KITH_TRY(overlay, overlay_of(conversation));
  overlay.end_at(until);
  KITH_TRY(head, head_of(conversation, until, overlay, known));
  listed.conversation.last_seq = head.seq;
  listed.conversation.last_no = head.no;
  listed.active_at = head.seq == 0 ? listed.conversation.created_at : head.ts;
  overlay.raise_marks(asking.row, listed.member);
  listed.last_message = overlay.last_message(listed.member.from_seq);
  if (!listed.last_message && head.seq >= listed.member.from_seq) {
    KITH_TRY(message, last_message(conversation, listed.member));
    listed.last_message = std::move(message);
  }
  if (listed.conversation.kind != domain::Kind::direct) return Found{std::move(listed)};
  listed.users.push_back(asking.user);
  Query other = run(Ask::other_user, conversation, asking.row);
  KITH_TRY(two, other.next());
  if (two) listed.users.emplace_back(other.string(0));
  std::sort(listed.users.begin(), listed.users.end());
  return Found{std::move(listed)};
}

Outcome<Reader::Head> Reader::head_of(std::int64_t conversation,
                                      base::Seq until,
                                      const Overlay& overlay,
                                      const Head* known) {
  if (!overlay.empty()) {
    const EventRecord last = overlay.last();
    return Head{last.seq, last.no, last.ts};
  }
  if (known != nullptr) return *known;
  Query row = run(Ask::head,
                  entry_id(conversation, 0),
                  entry_id(conversation, until == 0 ? base::seq_max : until));
  KITH_TRY(found, row.next());
  if (!found) return Head{};
  KITH_CHECK(expect_own(row, 3, conversation));
  return Head{seq_of(row.integer(0)), row.count(1), {row.integer(2)}};
}

// The event that removed a member is none of his messages.
Outcome<std::optional<domain::LogEvent>> Reader::last_message(std::int64_t conversation,
                                                              const domain::Member& member) {
  using Found = std::optional<domain::LogEvent>;
  Query row = run(Ask::history_newest,
                  entry_id(conversation, member.from_seq - 1),
                  entry_id(conversation, member.active() ? base::seq_max : member.until_seq - 1));
  for (;;) {
    KITH_TRY(found, row.next());
    if (!found) return Found{};
    KITH_TRY(message, message_at(row, conversation));
    if (message) return Found{to_event(*message)};
  }
}

Outcome<std::vector<Reader::Activity>> Reader::activities(std::int64_t user) {
  std::vector<Activity> found;
  Query rows = run(Ask::activity, user);
  for (;;) {
    KITH_TRY(more, rows.next());
    if (!more) return found;
    Activity one{rows.integer(0), base::Cid::from_view(rows.bytes(1)), {rows.integer(2)}, {}};
    one.head = {seq_of(rows.integer(3)), rows.count(4), one.at};
    KITH_TRY(newest, snapshot_->newest_of(one.conversation));
    if (newest) one.at = newest->record().ts;
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
      KITH_TRY(row, listed(one.conversation, {query.user.user, *user_row}, &one.head));
      if (row) found.push_back(std::move(*row));
    }
    return found;
  });
}

}  // namespace kith::adapters::sqlite
