#pragma once

#include "base/result.hpp"
#include "rest/route.hpp"
#include "wire/json/writer.hpp"

#include <span>
#include <string>
#include <string_view>

// The object that a command is asked with, made of a request's parts. Text that is not JSON by
// nature (segments, queries, headers) is checked here: a Writer takes valid UTF-8 only.
namespace kith::rest {

// The conversation of a path: a cid, `ext:EXTERNAL_ID`, or `to:USER`.
base::Result<void> add_conversation(wire::json::Writer& members, std::string_view element);

// A member with a text.
base::Result<void> add_text(wire::json::Writer& members,
                            std::string_view name,
                            std::string_view text);

// What a route takes of a query. A number that is none goes on as text, and the command says what
// it wants.
base::Result<void> add_query(wire::json::Writer& members,
                             std::string_view query,
                             std::span<const QueryField> fields);

// The object of a body (empty: none) with `members` (`"a":1,"b":2`, or nothing) as its last ones,
// which win over earlier ones of the same name, and `first` as its first ones, which do not. Not
// parsed yet: of a body that is no object comes a text that is no JSON.
base::Result<std::string> join(std::string body,
                               std::string_view members,
                               std::string_view first = {});

}  // namespace kith::rest
