#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kith::bench::relay {

// The little of HTTP that a load generator speaks before it talks.
struct Request {
  bool upgrade = false;
  std::string_view method, path, owner, key;  // `owner`: On-Behalf-Of; `key`: Sec-WebSocket-Key
  std::string_view body;
  std::size_t size = 0;  // of all of it
};

// A whole request at the front of `bytes`; nothing while some of it is missing.
std::optional<Request> parse_request(std::string_view bytes);

// The texts of the array behind `"name":`; no escapes, as names have none here.
std::vector<std::string> names_in(std::string_view json, std::string_view name);

std::string json_answer(std::string_view status, std::string_view body);

}  // namespace kith::bench::relay
