#include "conversations/objects.hpp"
#include "conversations/plan.hpp"
#include "domain/body.hpp"
#include "domain/rights.hpp"

namespace kith::conversations {

using base::Errc;
using base::Fault;
using domain::EventKind;

void Plan::decide(CreateEntry& entry) {
  auto& work = this->work(entry.key);
  const auto finish = [&](CreateResult result) {
    outcome_.answer(entry, base::Result<CreateResult>{std::move(result)});
  };
  if (work.exists) return finish({entry.key, true});
  if (!entry.external_id.empty())
    if (const auto taken = externals_.find({entry.key.app, entry.external_id});
        taken != externals_.end())
      return finish({{entry.key.app, taken->second}, true});
  make_conversation(work, entry.key, domain::Kind::group, entry.ts);
  work.row.title = entry.title;
  work.row.custom = entry.custom;
  work.row.external_id = entry.external_id;
  work.row.members = static_cast<std::uint32_t>(entry.members.size());
  for (const auto& [user, role] : entry.members) {
    put_member(entry.key, {.user = user, .role = role, .joined_at = entry.ts});
    append_to_own_log(entry.key,
                      user,
                      EventKind::conversation_added,
                      entry.ts,
                      conversation_added_body(work.row, role, {}));
  }
  finish({entry.key, false});
}

void Plan::decide(AddEntry& entry) {
  outcome_.answer(entry, add(entry));
}

base::Result<AddResult> Plan::add(AddEntry& entry) {
  auto& work = this->work(entry.key);
  if (!work.exists) return domain::no_conversation();
  if (!entry.actor.application) {
    KITH_CHECK(domain::may_add(work.row.kind, member(entry.key, entry.actor.user), entry.role));
  } else if (work.row.kind != domain::Kind::group) {
    return Fault{Errc::forbidden,
                 "only a group takes members: create one with conversation.create"};
  } else if (entry.role == Role::owner) {
    return Fault{Errc::forbidden, "a group has one owner: add the user as admin"};
  }
  AddResult result;
  for (const auto& user : entry.users)
    if (const auto& present = member(entry.key, user); !present || !present->active())
      result.added.push_back(user);
  if (result.added.empty()) return result;
  if (work.row.members + result.added.size() > entry.members_max)
    return Fault{Errc::quota_exceeded, "the group would have more members than `members_max`"};
  if (work.row.last_seq + result.added.size() > base::seq_max)
    return Fault{Errc::quota_exceeded, "this conversation is full: go on in a new one"};
  work.row.members += static_cast<std::uint32_t>(result.added.size());
  work.updated = true;
  for (const auto& user : result.added) {
    ++work.row.access_rev;
    // Valid until the next append.
    const auto& event = append(work,
                               entry.key,
                               {.kind = EventKind::member_added,
                                .actor = entry.actor.user,
                                .ts = entry.ts,
                                .subject = user,
                                .role = entry.role});
    put_member(entry.key,
               {.user = user,
                .role = entry.role,
                .from_seq = event.seq,
                .read_seq = event.seq,
                .read_no = event.no,
                .joined_at = entry.ts});
    append_to_own_log(entry.key,
                      user,
                      EventKind::conversation_added,
                      entry.ts,
                      conversation_added_body(work.row, entry.role, {}));
  }
  return result;
}

void Plan::decide(RemoveEntry& entry) {
  outcome_.answer(entry, remove(entry));
}

base::Result<ChangeResult> Plan::remove(RemoveEntry& entry) {
  auto& work = this->work(entry.key);
  if (!work.exists) return domain::no_conversation();
  const auto& target = member(entry.key, entry.user);
  if (!entry.actor.application) {
    KITH_CHECK(domain::may_remove(work.row.kind, member(entry.key, entry.actor.user), target));
  } else if (work.row.kind != domain::Kind::group) {
    return Fault{Errc::forbidden, "only a group can be left"};
  } else if (!target || !target->active()) {
    return Fault{Errc::not_found, "this user is not a member of the conversation"};
  }
  if (work.row.last_seq + 2 > base::seq_max)
    return Fault{Errc::quota_exceeded, "this conversation is full: go on in a new one"};
  --work.row.members;
  work.updated = true;
  // Each change has a revision of its own: who has heard only of the first knows only its rights.
  // The successor first: he who leaves still sees who follows him.
  if (target->role == Role::owner && successor_) {
    ++work.row.access_rev;
    auto heir = *successor_;
    heir.role = Role::owner;
    append(work,
           entry.key,
           {.kind = EventKind::member_updated,
            .actor = entry.actor.user,
            .ts = entry.ts,
            .subject = heir.user,
            .role = Role::owner});
    put_member(entry.key, std::move(heir));
  }
  auto gone = *target;
  ++work.row.access_rev;
  gone.until_seq = append(work,
                          entry.key,
                          {.kind = EventKind::member_removed,
                           .actor = entry.actor.user,
                           .ts = entry.ts,
                           .subject = entry.user,
                           .role = target->role})
                       .seq;
  const auto marks = marks_of(entry.key, gone);  // reads are written for active members only
  gone.read_seq = marks.read_seq;
  gone.read_no = marks.read_no;
  const ChangeResult result{gone.until_seq};
  put_member(entry.key, std::move(gone));
  append_to_own_log(entry.key, entry.user, EventKind::conversation_removed, entry.ts, {});
  return result;
}

}  // namespace kith::conversations
