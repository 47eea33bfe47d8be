#pragma once

#include "wire/http/request.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kith::rest {

// What a route does: `run` and `mark_read` are commands under a path.
enum class Action : std::uint8_t { limits, openapi, make_token, revoke, run, mark_read };

// What becomes of a write that is sent again.
enum class Repeat : std::uint8_t {
  natural,  // nothing more: it reads, or says how things shall be; `Idempotency-Key` is not looked
            // at
  client_id,  // the key is the `client_id` of a body that has none, and stored with what was made
  kept,       // the first answer comes again, as long as it is remembered: KeptAnswers
  both,
};

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
  Repeat repeat = Repeat::natural;

  bool takes_body() const noexcept { return method != "GET"; }

  // Nobody has to say who he is.
  bool open_to_all() const noexcept {
    return action == Action::limits || action == Action::openapi;
  }

  bool keeps_answers() const noexcept { return repeat == Repeat::kept || repeat == Repeat::both; }

  bool takes_client_id() const noexcept {
    return repeat == Repeat::client_id || repeat == Repeat::both;
  }
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
