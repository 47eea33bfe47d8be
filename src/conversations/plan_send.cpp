#include "base/simulation.hpp"
#include "conversations/objects.hpp"
#include "conversations/plan.hpp"
#include "domain/body.hpp"
#include "domain/identity.hpp"
#include "domain/rights.hpp"

#include <algorithm>

namespace kith::conversations {

using base::Errc;
using base::Fault;

void Plan::decide(SendEntry& entry) {
  outcome_.answer(entry, send(entry));
}

base::Result<SendResult> Plan::send(SendEntry& entry) {
  auto& work = this->work(entry.key);
  SendResult result{
      .key = entry.key,
      .id = domain::message_id(context_.id_key, entry.key, entry.sender, entry.client_id)};
  if (const auto known = sends_.find(place_of(entry));
      known != sends_.end() && !entry.server_made_key) {
    if (KITH_MUTANT(numbers_before_duplicates)) ++work.row.last_seq;
    if (known->second.body != entry.body)
      return Fault{Errc::conflict,
                   "this `client_id` was used for another message: give every message its own"};
    result.seq = known->second.seq;
    result.no = known->second.no;
    result.ts = known->second.ts;
    result.duplicate = true;
    return result;
  }
  if (!work.exists) {
    if (!entry.direct) return domain::no_conversation();
    make_direct(entry, work);
  } else {
    KITH_CHECK(may_send(entry, work));
  }
  if (work.row.last_seq >= base::seq_max)
    return Fault{Errc::quota_exceeded, "this conversation is full: go on in a new one"};
  const auto& event = append(work,
                             entry.key,
                             {.kind = domain::EventKind::message,
                              .actor = entry.sender,
                              .client_id = entry.client_id,
                              .ts = entry.ts,
                              .body = entry.body},
                             Sent{entry.origin, result.id, entry.server_made_key});
  put_read(entry.key, entry.sender, event.seq, event.no);
  if (!entry.server_made_key)
    sends_.emplace(place_of(entry), KnownSend{event.seq, event.no, event.ts, entry.body});
  result.seq = event.seq;
  result.no = event.no;
  result.ts = event.ts;
  return result;
}

base::Result<void> Plan::may_send(const SendEntry& entry, const Work& work) const {
  if (work.is_new) {  // a direct conversation of this transaction: both are in it
    if (entry.direct) return {};
    return domain::no_conversation();
  }
  if (work.row.access_rev == entry.access_rev || KITH_MUTANT(stale_rights)) return {};
  return domain::may_send(work.row.kind, member(entry.key, entry.sender));
}

void Plan::make_direct(const SendEntry& entry, Work& work) {
  make_conversation(work, entry.key, domain::Kind::direct, entry.ts);
  work.row.members = 2;
  const std::vector<UserId> both{entry.direct->first, entry.direct->second};
  for (const auto& user : both) {
    put_member(entry.key, {.user = user, .role = Role::member, .joined_at = entry.ts});
    append_to_own_log(entry.key,
                      user,
                      domain::EventKind::conversation_added,
                      entry.ts,
                      conversation_added_body(work.row, Role::member, both));
  }
}

void Plan::decide(ReadEntry& entry) {
  outcome_.answer(entry, read(entry));
}

base::Result<std::vector<ReadMark>> Plan::read(const ReadEntry& entry) {
  std::vector<ReadMark> marks;
  std::vector<ports::ReadWrite> risen;
  for (const auto& [cid, seq] : entry.marks) {
    const ConversationKey key{entry.user.app, cid};
    const auto& work = this->work(key);
    const auto& me = member(key, entry.user.user);
    if (!me) return domain::no_conversation();
    if (!me->active())
      return Fault{Errc::not_member, "you are no longer a member of one of these conversations"};
    auto now = marks_of(key, *me);
    // Nobody has received what this transaction adds: it was not counted either.
    const Seq place = std::min(seq, work.stored_seq);
    const bool moved = place > now.read_seq;
    if (moved) {
      now.read_seq = place;
      now.read_no = std::max(now.read_no, counts_.at({key, place}));
    }
    const auto last_no = work.row.last_no;
    marks.push_back({cid, now.read_seq, last_no - std::min(last_no, now.read_no), moved});
    risen.push_back(std::move(now));
  }
  for (std::size_t i = 0; i < marks.size(); ++i)
    if (marks[i].moved)
      put_read(risen[i].conversation, risen[i].user, risen[i].read_seq, risen[i].read_no);
  return marks;
}

void Plan::decide(const CursorEntry& entry) {
  for (const auto& [cid, seq] : entry.cursors)
    writes_.cursors.push_back({{entry.user.app, cid}, entry.user.user, entry.device, seq});
}

void Plan::decide(const UserEntry& entry) {
  writes_.users.push_back({entry.user, entry.name, entry.avatar, entry.last_seen});
}

}  // namespace kith::conversations
