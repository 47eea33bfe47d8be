#include "server/admin.hpp"

namespace kith::server {

std::string_view to_text(AdminKeyKind kind) {
  return kind == AdminKeyKind::signing ? "signing" : "server";
}

}  // namespace kith::server
