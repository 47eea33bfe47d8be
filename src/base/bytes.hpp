#pragma once

#include <memory>
#include <string>

namespace kith::base {

// Bytes that several sockets send: encoded once, never changed.
using SharedBytes = std::shared_ptr<const std::string>;

}  // namespace kith::base
