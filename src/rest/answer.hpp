#pragma once

#include "base/fault.hpp"
#include "front/handler.hpp"

#include <cstdint>
#include <string>

namespace kith::rest {

// `{code, message, retryable, retry_after_ms?}`, as over the socket.
std::string fault_json(const base::Fault& fault);

// With the status that belongs to the code, or another one (405, 415: HTTP's own); 401 says how to
// prove who one is, and a wait that is known stands in Retry-After too.
front::Response fault_response(const base::Fault& fault, std::uint16_t status = 0);

// What the connection says by itself (413, 408, ...) as a fault. Nothing changes for other answers.
void make_json(front::Response& response);

}  // namespace kith::rest
