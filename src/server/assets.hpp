#pragma once

#include "front/static_files.hpp"

#include <span>

// The files in the binary. Defined by what cmake/embed.cmake generates.
namespace kith::server {

// The demo page: `/index.html` and what it needs.
std::span<const front::Asset> web_assets();
// The official client's bundles: `/socket.io/socket.io.js` and so on.
std::span<const front::Asset> client_assets();

}  // namespace kith::server
