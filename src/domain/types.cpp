#include "domain/types.hpp"

#include "base/assert.hpp"

namespace kith::domain {

std::string_view to_text(Kind kind) noexcept {
  switch (kind) {
    case Kind::direct:
      return "direct";
    case Kind::group:
      return "group";
    case Kind::user_log:
      return "user";
  }
  KITH_ASSERT(!"a kind");
}

std::string_view to_text(Role role) noexcept {
  switch (role) {
    case Role::member:
      return "member";
    case Role::moderator:
      return "moderator";
    case Role::admin:
      return "admin";
    case Role::owner:
      return "owner";
  }
  KITH_ASSERT(!"a role");
}

std::string_view to_text(EventKind kind) noexcept {
  switch (kind) {
    case EventKind::message:
      return "message.new";
    case EventKind::member_added:
      return "member.added";
    case EventKind::member_removed:
      return "member.removed";
    case EventKind::member_updated:
      return "member.updated";
    case EventKind::conversation_added:
      return "conversation.added";
    case EventKind::conversation_removed:
      return "conversation.removed";
    case EventKind::conversation_updated:
      return "conversation.updated";
  }
  KITH_ASSERT(!"a kind of event");
}

}  // namespace kith::domain
