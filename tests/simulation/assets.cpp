#include "server/assets.hpp"

// Nobody asks for files here.
namespace kith::server {

std::span<const front::Asset> web_assets() {
  return {};
}

std::span<const front::Asset> client_assets() {
  return {};
}

}  // namespace kith::server
