#pragma once

#include "wire/http/request.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kith::rest {

// What a route does. Each but the first two is a command under a path.
enum class Action : std::uint8_t { limits, make_token, run, mark_read };

// What the `*` of a path names.
enum class Element : std::uint8_t { none, conversation, user };

struct QueryField {
  std::string_view name;
  bool number = false;
  std::string_view list = {};  // all of that name, as an array under this one
};

struct Route {
  std::string_view method;  // GET answers HEAD too
  std::string_view path;    // `*` is any one segment that is not empty
  Action action = Action::run;
  std::string_view command;
  Element element = Element::none;
  std::uint16_t status = 200;         // of success
  std::span<const QueryField> query;  // what of the query is an argument; the rest is ignored

  bool takes_body() const noexcept { return method != "GET"; }
};

// All of `/v1/`.
std::span<const Route> routes();

struct Routed {
  const Route* route = nullptr;
  std::string element;  // what `*` stands for, percent-decoded: any bytes but NUL
  std::string allow;    // no route: the methods of this path; empty if there is no such path
};

Routed find_route(const wire::http::Request& request);

}  // namespace kith::rest
