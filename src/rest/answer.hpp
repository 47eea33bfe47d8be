#pragma once

#include "base/fault.hpp"
#include "front/handler.hpp"
#include "front/problem.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace kith::rest {

using front::problem_json;
using front::problem_type;

// With the status that belongs to the code, or another one (405, 406, 415: HTTP's own); 401 says
// how to prove who one is, and a wait that is known stands in Retry-After too.
front::Response fault_response(const base::Fault& fault, std::uint16_t status = 0);

// What the connection says by itself (413, 408, ...) as a fault. Nothing changes for other answers.
void make_problem(front::Response& response);

// Whether one who sends this `Accept` takes JSON (RFC 9110, 12.5.1). Empty: whatever comes.
bool accepts_json(std::string_view accept) noexcept;

}  // namespace kith::rest
