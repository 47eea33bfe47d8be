#include "conversations/objects.hpp"
#include "conversations/plan.hpp"
#include "domain/rights.hpp"
#include "wire/json/merge_patch.hpp"
#include "wire/json/parser.hpp"

// What changes a conversation besides who is in it: roles, title, custom data.
namespace kith::conversations {

using base::Errc;
using base::Fault;
using domain::EventKind;

namespace {

constexpr Fault full{Errc::quota_exceeded, "this conversation is full: go on in a new one"};

// Both were parsed before: the one when it was stored, the other at the edge.
base::Result<std::string> merge(const std::string& custom, std::string_view patch) {
  wire::json::Parser of_custom;
  wire::json::Parser of_patch;
  KITH_TRY(now, of_custom.parse(custom.empty() ? "{}" : std::string_view{custom}));
  KITH_TRY(change, of_patch.parse(patch));
  if (change.is_null()) return std::string{};
  std::string merged;
  wire::json::append_merged(merged, now, change);
  if (merged == "{}") merged.clear();
  return merged;
}

}  // namespace

void Plan::decide(RoleEntry& entry) {
  outcome_.answer(entry, set_role(entry));
}

base::Result<ChangeResult> Plan::set_role(const RoleEntry& entry) {
  auto& work = this->work(entry.key);
  if (!work.exists) return domain::no_conversation();
  const auto& actor = member(entry.key, entry.actor.user);
  const auto& target = member(entry.key, entry.user);
  if (!entry.actor.application) {
    KITH_CHECK(domain::may_set_role(work.row.kind, actor, target, entry.role));
  } else if (work.row.kind != domain::Kind::group) {
    return Fault{Errc::forbidden, "only members of a group have roles"};
  } else if (!target || !target->active()) {
    return Fault{Errc::not_found, "this user is not a member of the conversation"};
  } else if ((entry.role == Role::owner) != (target->role == Role::owner)) {
    return Fault{Errc::forbidden, "a group is handed over in its owner's name: On-Behalf-Of"};
  }
  if (target->role == entry.role) return ChangeResult{};
  if (work.row.last_seq + 2 > base::seq_max) return full;
  const auto seq = give_role(work, entry, entry.key, {*target, entry.role, entry.actor.user});
  // There is one owner: who hands over stays as admin.
  if (entry.role == Role::owner)
    give_role(work, entry, entry.key, {*actor, Role::admin, entry.actor.user});
  return ChangeResult{seq};
}

Seq Plan::give_role(Work& work, const Entry& entry, const ConversationKey& key, RoleGiven given) {
  // Each change has a revision of its own: who has heard only of the first knows only its rights.
  ++work.row.access_rev;
  work.updated = true;
  given.member.role = given.role;
  const auto seq = append(work,
                          key,
                          {.kind = EventKind::member_updated,
                           .actor = given.by,
                           .ts = entry.ts,
                           .subject = given.member.user,
                           .role = given.role})
                       .seq;
  const auto marks = marks_of(key, given.member);
  given.member.read_seq = marks.read_seq;
  given.member.read_no = marks.read_no;
  put_member(key, std::move(given.member));
  return seq;
}

void Plan::decide(UpdateEntry& entry) {
  outcome_.answer(entry, update(entry));
}

base::Result<ChangeResult> Plan::update(const UpdateEntry& entry) {
  auto& work = this->work(entry.key);
  if (!work.exists) return domain::no_conversation();
  if (!entry.actor.application)
    KITH_CHECK(domain::may_update(work.row.kind, member(entry.key, entry.actor.user)));
  else if (work.row.kind != domain::Kind::group)
    return Fault{Errc::forbidden, "only a group has a title and custom data of its own"};
  std::optional<std::string> title;
  if (entry.title && *entry.title != work.row.title) title = entry.title;
  std::optional<std::string> custom;
  if (entry.custom_patch) {
    KITH_TRY(merged, merge(work.row.custom, *entry.custom_patch));
    if (merged.size() > entry.custom_bytes_max)
      return Fault{Errc::too_large,
                   "`custom` would be larger than custom_bytes_max: see GET /v1/limits"};
    const bool had_none = work.row.custom.empty() || work.row.custom == "{}";
    if (had_none ? !merged.empty() : merged != work.row.custom) custom = std::move(merged);
  }
  if (!title && !custom) return ChangeResult{};
  if (work.row.last_seq + 1 > base::seq_max) return full;
  if (title) work.row.title = *title;
  if (custom) work.row.custom = *custom;
  work.updated = true;
  work.renamed = true;
  return ChangeResult{append(work,
                             entry.key,
                             {.kind = EventKind::conversation_updated,
                              .actor = entry.actor.user,
                              .ts = entry.ts,
                              .body = conversation_updated_body(title, custom)})
                          .seq};
}

}  // namespace kith::conversations
