#include "rest/route.hpp"

#include "wire/http/percent.hpp"

#include <array>
#include <optional>
#include <vector>

namespace kith::rest {
namespace {

constexpr std::array history_query{QueryField{"before", true},
                                   QueryField{"after", true},
                                   QueryField{"around", true},
                                   QueryField{"limit", true}};
constexpr std::array page_query{QueryField{"limit", true}, QueryField{"next"}};
constexpr std::array removal_query{QueryField{"user"}};
constexpr std::array code_query{QueryField{"code"}};
constexpr std::array presence_query{QueryField{"user", false, "users"}};

constexpr auto group = Element::conversation;
constexpr auto user = Element::user;

constexpr std::array table{
    Route{"GET", "/v1/limits", Action::limits, {}, Element::none, 200, {}},
    Route{"GET", "/v1/openapi.json", Action::openapi, {}, Element::none, 200, {}},
    Route{"POST",
          "/v1/conversations",
          Action::run,
          "conversation.create",
          Element::none,
          201,
          {},
          Repeat::both},
    Route{"GET", "/v1/conversations/*", Action::run, "conversation.get", group, 200, {}},
    Route{"PATCH",
          "/v1/conversations/*",
          Action::run,
          "conversation.update",
          group,
          200,
          {},
          Repeat::kept},
    Route{"GET",
          "/v1/conversations/*/messages",
          Action::run,
          "message.history",
          group,
          200,
          history_query},
    Route{"POST",
          "/v1/conversations/*/messages",
          Action::run,
          "message.send",
          group,
          201,
          {},
          Repeat::client_id},
    Route{"GET", "/v1/conversations/*/members", Action::run, "member.list", group, 200, page_query},
    Route{"POST",
          "/v1/conversations/*/members",
          Action::run,
          "member.add",
          group,
          200,
          {},
          Repeat::kept},
    Route{"PATCH",
          "/v1/conversations/*/members",
          Action::run,
          "member.update",
          group,
          200,
          {},
          Repeat::kept},
    Route{"DELETE",
          "/v1/conversations/*/members",
          Action::run,
          "member.remove",
          group,
          200,
          removal_query,
          Repeat::kept},
    Route{"POST", "/v1/conversations/*/read", Action::mark_read, "receipt.read", group, 200, {}},
    Route{"GET",
          "/v1/users/*/conversations",
          Action::run,
          "conversation.list",
          user,
          200,
          page_query},
    Route{"POST", "/v1/users/*/tokens", Action::make_token, {}, user, 201, {}},
    Route{
        "DELETE", "/v1/users/*/sessions", Action::revoke, {}, user, 200, code_query, Repeat::kept},
    Route{"GET", "/v1/presence", Action::run, "presence.get", Element::none, 200, presence_query},
};

// Segments are decoded one by one: a `%2F` is part of a name, not a border.
std::optional<std::vector<std::string>> segments_of(std::string_view raw_path) {
  std::vector<std::string> segments;
  while (raw_path.starts_with('/')) {
    raw_path.remove_prefix(1);
    const auto end = raw_path.find('/');
    auto segment = wire::http::percent_decode(raw_path.substr(0, end));
    if (!segment) return std::nullopt;
    segments.push_back(std::move(*segment));
    if (end == std::string_view::npos) break;
    raw_path.remove_prefix(end);
  }
  return segments;
}

bool matches(std::string_view path,
             const std::vector<std::string>& segments,
             std::string& element) {
  for (const auto& segment : segments) {
    if (path.empty()) return false;
    path.remove_prefix(1);
    const auto wanted = path.substr(0, path.find('/'));
    if (wanted == "*") {
      if (segment.empty()) return false;
      element = segment;
    } else if (wanted != segment) {
      return false;
    }
    path.remove_prefix(wanted.size());
  }
  return path.empty();
}

void add_method(std::string& allow, std::string_view method) {
  if (!allow.empty()) allow += ", ";
  allow += method;
  if (method == "GET") allow += ", HEAD";
}

}  // namespace

std::span<const Route> routes() {
  return table;
}

Routed find_route(const wire::http::Request& request) {
  Routed routed;
  const auto segments = segments_of(request.raw_path());
  if (!segments) return routed;
  const auto method = request.method() == "HEAD" ? std::string_view{"GET"} : request.method();
  for (const auto& route : table) {
    std::string element;
    if (!matches(route.path, *segments, element)) continue;
    if (route.method == method) return {&route, std::move(element), {}};
    add_method(routed.allow, route.method);
  }
  return routed;
}

}  // namespace kith::rest
