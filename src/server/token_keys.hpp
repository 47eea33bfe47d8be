#pragma once

#include "front/jwks.hpp"
#include "ports/store.hpp"
#include "server/config.hpp"
#include "server/problem.hpp"

#include <span>
#include <vector>

namespace kith::server {

// The public keys that users' tokens may be signed with: those of each application's `jwks_file`,
// read now. The problem names the file.
Outcome<std::vector<front::TokenKey>> read_token_keys(const Config& config,
                                                      std::span<const ports::AppRow> apps);

}  // namespace kith::server
