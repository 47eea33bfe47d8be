#pragma once

#include "commands/command.hpp"

#include <optional>
#include <string>
#include <utility>

// Where a page of conversations, the latest activity first, continues: below (activity, cid).
namespace kith::commands {

using Place = std::pair<domain::WallTime, Cid>;

// What a client passes back as `next`, opaque to him.
std::string to_token(const Place& place);
// Nothing: it is not said.
Result<std::optional<Place>> place_of(Value args);

}  // namespace kith::commands
