#include "domain/rights.hpp"

namespace kith::domain {
namespace {

using base::Errc;
using base::Fault;

base::Result<void> active(const std::optional<Member>& actor) {
  if (!actor) return no_conversation();
  if (!actor->active())
    return Fault{Errc::not_member, "you are no longer a member of this conversation"};
  return {};
}

}  // namespace

base::Fault no_conversation() noexcept {
  return {Errc::not_found, "there is no such conversation for this user"};
}

base::Result<void> may_read(const std::optional<Member>& actor) {
  if (!actor) return no_conversation();
  return {};
}

base::Result<void> may_send(Kind kind, const std::optional<Member>& actor) {
  KITH_CHECK(active(actor));
  if (kind == Kind::user_log)
    return Fault{Errc::forbidden, "a user's own log takes no messages: send to a conversation"};
  return {};
}

base::Result<void> may_add(Kind kind, const std::optional<Member>& actor, Role as) {
  KITH_CHECK(active(actor));
  if (kind != Kind::group)
    return Fault{Errc::forbidden,
                 "only a group takes members: create one with conversation.create"};
  if (actor->role < Role::admin)
    return Fault{Errc::forbidden, "only an owner or admin may add members"};
  if (as >= actor->role && actor->role != Role::owner)
    return Fault{Errc::forbidden, "an admin may add members and moderators only"};
  if (as == Role::owner)
    return Fault{Errc::forbidden, "a group has one owner: add the user as admin"};
  return {};
}

base::Result<void> may_remove(Kind kind,
                              const std::optional<Member>& actor,
                              const std::optional<Member>& target) {
  KITH_CHECK(active(actor));
  if (kind != Kind::group) return Fault{Errc::forbidden, "only a group can be left"};
  if (!target || !target->active())
    return Fault{Errc::not_found, "this user is not a member of the conversation"};
  if (target->user == actor->user) return {};
  if (actor->role < Role::admin)
    return Fault{Errc::forbidden, "only an owner or admin may remove others"};
  if (target->role >= actor->role)
    return Fault{Errc::forbidden, "only somebody of a higher role may remove this member"};
  return {};
}

}  // namespace kith::domain
