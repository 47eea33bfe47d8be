#pragma once

#include "base/result.hpp"
#include "domain/types.hpp"

#include <optional>
#include <string_view>
#include <vector>

// Who may do what. Pure: the home reactor asks from memory, the writer asks again under the lock,
// with the same functions. `actor` is nothing for somebody who never was a member.
namespace kith::domain {

// A stranger gets the same answer as for a conversation that does not exist.
base::Fault no_conversation() noexcept;

base::Result<void> may_read(
    const std::optional<Member>& actor);  // former members may, up to their end
base::Result<void> may_send(Kind kind, const std::optional<Member>& actor);
base::Result<void> may_add(Kind kind, const std::optional<Member>& actor, Role as);
base::Result<void> may_update(Kind kind, const std::optional<Member>& actor);
// To give `target` another role; to make him owner hands the group over to him.
base::Result<void> may_set_role(Kind kind,
                                const std::optional<Member>& actor,
                                const std::optional<Member>& target,
                                Role role);
// `target` is whom to remove; a member may always remove himself.
base::Result<void> may_remove(Kind kind,
                              const std::optional<Member>& actor,
                              const std::optional<Member>& target);

// What somebody of that role may do there, as conversation objects name it: send, invite, kick,
// roles, edit_info, transfer, leave.
std::vector<std::string_view> rights_of(Kind kind, Role role);

}  // namespace kith::domain
