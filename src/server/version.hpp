#pragma once

#include <string_view>

namespace kith::server {

// The project's version, as 0.1.0.
std::string_view version() noexcept;

// What `git describe` said when it was built; empty when it was built outside of a repository.
std::string_view source_revision() noexcept;

}  // namespace kith::server
