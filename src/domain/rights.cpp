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

base::Result<void> may_update(Kind kind, const std::optional<Member>& actor) {
  KITH_CHECK(active(actor));
  if (kind != Kind::group)
    return Fault{Errc::forbidden, "only a group has a title and custom data of its own"};
  if (actor->role < Role::admin)
    return Fault{Errc::forbidden, "only an owner or admin may change this"};
  return {};
}

base::Result<void> may_set_role(Kind kind,
                                const std::optional<Member>& actor,
                                const std::optional<Member>& target,
                                Role role) {
  KITH_CHECK(active(actor));
  if (kind != Kind::group) return Fault{Errc::forbidden, "only members of a group have roles"};
  if (!target || !target->active())
    return Fault{Errc::not_found, "this user is not a member of the conversation"};
  if (target->user == actor->user) {
    if (actor->role == Role::owner && role != Role::owner)
      return Fault{Errc::forbidden, "a group has an owner: make somebody else owner first"};
    if (role > actor->role) return Fault{Errc::forbidden, "nobody raises himself"};
    return {};
  }
  if (actor->role < Role::admin)
    return Fault{Errc::forbidden, "only an owner or admin may give roles"};
  if (actor->role == Role::owner) return {};
  if (target->role >= actor->role || role >= actor->role)
    return Fault{Errc::forbidden, "an admin gives lower roles to lower members only"};
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
  if (actor->role < Role::moderator)
    return Fault{Errc::forbidden, "only an owner, admin or moderator may remove others"};
  if (target->role >= actor->role)
    return Fault{Errc::forbidden, "only somebody of a higher role may remove this member"};
  return {};
}

std::vector<std::string_view> rights_of(Kind kind, Role role) {
  if (kind == Kind::user_log) return {};
  std::vector<std::string_view> rights{"send"};
  if (kind != Kind::group) return rights;
  if (role >= Role::admin) rights.emplace_back("invite");
  if (role >= Role::moderator) rights.emplace_back("kick");
  if (role >= Role::admin) rights.insert(rights.end(), {"roles", "edit_info"});
  if (role == Role::owner) rights.emplace_back("transfer");
  rights.emplace_back("leave");
  return rights;
}

}  // namespace kith::domain
