#pragma once

#include "base/result.hpp"
#include "domain/types.hpp"

#include <optional>

// Who may do what. Pure: the home reactor asks from memory, the writer asks again under the lock,
// with the same functions. `actor` is nothing for somebody who never was a member.
namespace kith::domain {

// A stranger gets the same answer as for a conversation that does not exist.
base::Fault no_conversation() noexcept;

base::Result<void> may_read(
    const std::optional<Member>& actor);  // former members may, up to their end
base::Result<void> may_send(Kind kind, const std::optional<Member>& actor);
base::Result<void> may_add(Kind kind, const std::optional<Member>& actor, Role as);
// `target` is whom to remove; a member may always remove himself.
base::Result<void> may_remove(Kind kind,
                              const std::optional<Member>& actor,
                              const std::optional<Member>& target);

}  // namespace kith::domain
