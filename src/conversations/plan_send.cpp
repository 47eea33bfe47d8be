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
  const ports::SendKey send_key{entry.key, entry.sender, entry.client_id};
  SendResult result{
      .key = entry.key,
      .id = domain::message_id(context_.id_key, entry.key, entry.sender, entry.client_id)};
  if (const auto known = sends_.find(send_key); known != sends_.end()) {
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
                             entry.origin,
                             entry.server_made_key);
  put_read(entry.key, entry.sender, event.seq, event.no);
  sends_.emplace(send_key, ports::StoredSend{event.seq, event.no, event.ts, entry.body});
  result.seq = event.seq;
  result.no = event.no;
  result.ts = event.ts;
  return result;
}

base::Result<void> Plan::may_send(const SendEntry& entry, const Work& work) const {
  if (work.is_new) return {};  // a direct conversation of this transaction: both are in it
  if (work.row.access_rev == entry.access_rev) return {};
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
  marks.reserve(entry.marks.size());
  for (const auto& [cid, seq] : entry.marks) {
    const ConversationKey key{entry.user.app, cid};
    const auto& row = work(key).row;
    const auto& me = member(key, entry.user.user);
    if (!me) return domain::no_conversation();
    if (!me->active())
      return Fault{Errc::not_member, "you are no longer a member of one of these conversations"};
    const Seq place = std::min(seq, row.last_seq);
    ReadMark mark{.cid = cid, .seq = me->read_seq};
    No read_no = me->read_no;
    if (place > me->read_seq) {
      mark.seq = place;
      mark.moved = true;
      read_no = std::max(read_no, counts_.at({key, place}));
    }
    mark.unread = row.last_no - std::min(row.last_no, read_no);
    marks.push_back(mark);
  }
  for (std::size_t i = 0; i < marks.size(); ++i) {
    if (!marks[i].moved) continue;
    const ConversationKey key{entry.user.app, marks[i].cid};
    put_read(key, entry.user.user, marks[i].seq, counts_.at({key, marks[i].seq}));
  }
  return marks;
}

void Plan::decide(const CursorEntry& entry) {
  for (const auto& [cid, seq] : entry.cursors)
    writes_.cursors.push_back({{entry.user.app, cid}, entry.user.user, entry.device, seq});
}

void Plan::decide(const UserEntry& entry) {
  writes_.users.push_back({entry.user, entry.name, entry.avatar});
}

}  // namespace kith::conversations
