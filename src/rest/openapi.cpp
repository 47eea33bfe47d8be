#include "rest/openapi.hpp"

#include "base/limits.hpp"
#include "rest/answer.hpp"
#include "rest/operations.hpp"
#include "rest/route.hpp"
#include "wire/json/writer.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace kith::rest {
namespace {

using wire::json::Writer;

constexpr std::string_view problem_response = R"({
  "description": "An error: its `code` says what to do; `retryable` and `Retry-After` whether and when to ask again",
  "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
})";

constexpr std::string_view bearer =
    R"({"type": "http", "scheme": "bearer", "description": "a user's token, or a server key `sk_KID_SECRET`"})";

constexpr std::string_view on_behalf_of = R"({
  "name": "On-Behalf-Of", "in": "header", "schema": {"type": "string"},
  "description": "with a server key: the user it acts for, percent-encoded"
})";

// Each line of a JSON text stands as deep as it lies; blanks between tokens are ours.
std::string indented(std::string_view json) {
  std::string out;
  std::size_t depth = 0;
  bool quoted = false;
  const auto line = [&] { out.append("\n").append(2 * depth, ' '); };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (quoted) {
      out += c;
      if (c == '\\') out += json[++i];
      if (c == '"') quoted = false;
      continue;
    }
    if (c == ' ' || c == '\n') continue;
    const bool closes = c == '}' || c == ']';
    const bool opened = !out.empty() && (out.back() == '{' || out.back() == '[');
    if (closes) --depth;
    if (opened ? !closes : closes) line();
    out += c;
    quoted = c == '"';
    if (c == ':') out += ' ';
    if (c == '{' || c == '[') ++depth;
    if (c == ',') line();
  }
  return out += '\n';
}

std::string_view parameter_of(Element element) {
  return element == Element::user ? "id" : "cid";
}

std::string template_of(const Route& route) {
  std::string path{route.path};
  if (const auto star = path.find('*'); star != std::string::npos)
    path.replace(star, 1, "{" + std::string{parameter_of(route.element)} + "}");
  return path;
}

void add_parameter(Writer& json,
                   std::string_view name,
                   std::string_view in,
                   std::string_view schema,
                   std::string_view text) {
  json.begin_object().field("name", name).field("in", in);
  if (in == "path") json.field("required", true);
  json.key("schema").raw(schema);
  if (!text.empty()) json.field("description", text);
  json.end_object();
}

std::string_view repeat_text(Repeat repeat) {
  switch (repeat) {
    case Repeat::client_id:
      return "the `client_id` of a body without one: sent again, the message is stored once and "
             "answered as it was";
    case Repeat::kept:
      return "sent again within idempotency_kept_s, the request is not done again but answered as "
             "it was; another request under the same key is a conflict";
    case Repeat::both:
      return "the `client_id` of a body without one; within idempotency_kept_s the first answer "
             "comes again, and another request under the same key is a conflict";
    case Repeat::natural:
      break;
  }
  return {};
}

void add_parameters(Writer& json, const Route& route) {
  constexpr std::string_view text = R"({"type": "string"})";
  constexpr std::string_view number = R"({"type": "integer", "minimum": 0})";
  constexpr std::string_view list = R"({"type": "array", "items": {"type": "string"}})";
  json.key("parameters").begin_array();
  if (route.element == Element::conversation)
    add_parameter(json,
                  "cid",
                  "path",
                  text,
                  "a cid, or `ext:` and an external id, or `to:` and the other user");
  if (route.element == Element::user) add_parameter(json, "id", "path", text, "the user");
  for (const auto& field : route.query)
    add_parameter(json,
                  field.name,
                  "query",
                  !field.list.empty() ? list : (field.number ? number : text),
                  field.list.empty() ? "" : "once for each");
  if (route.repeat != Repeat::natural)
    add_parameter(json,
                  "Idempotency-Key",
                  "header",
                  R"({"$ref": "#/components/schemas/ClientId"})",
                  repeat_text(route.repeat));
  if (!route.open_to_all()) json.raw(R"({"$ref": "#/components/parameters/OnBehalfOf"})");
  json.end_array();
}

void add_operation(Writer& json, const Route& route) {
  const auto& operation = operation_of(route);
  std::string method{route.method};
  std::transform(method.begin(), method.end(), method.begin(), [](char c) {
    return static_cast<char>(c - 'A' + 'a');
  });
  json.key(method).begin_object();
  json.field("operationId", operation.name).field("summary", operation.summary);
  if (route.open_to_all()) json.key("security").raw(R"([{}, {"bearer": []}])");
  add_parameters(json, route);
  if (!operation.body.empty()) {
    json.key("requestBody").begin_object();
    json.key("content").begin_object().key("application/json").begin_object();
    json.key("schema").raw(with_limits(operation.body));
    json.end_object().end_object().end_object();
  }
  json.key("responses").begin_object().key(std::to_string(route.status)).begin_object();
  json.field("description", route.status == 201 ? "made" : "done");
  json.key("content").begin_object().key("application/json").begin_object();
  json.key("schema").raw(with_limits(operation.answer));
  json.end_object().end_object().end_object();
  json.key("default").raw(R"({"$ref": "#/components/responses/Problem"})");
  json.end_object().end_object();
}

void add_paths(Writer& json) {
  std::vector<std::string_view> done;
  json.key("paths").begin_object();
  for (const auto& first : routes()) {
    if (std::find(done.begin(), done.end(), first.path) != done.end()) continue;
    done.push_back(first.path);
    json.key(template_of(first)).begin_object();
    for (const auto& route : routes())
      if (route.path == first.path) add_operation(json, route);
    json.end_object();
  }
  json.end_object();
}

}  // namespace

std::string openapi_json() {
  std::string text;
  Writer json{text};
  json.begin_object().field("openapi", "3.1.0");
  json.key("info").begin_object();
  json.field("title", "Kith").field("version", "1");
  json.field("description", "The commands of a Kith server over HTTP: docs/rest.md");
  json.end_object();
  json.key("security").raw(R"([{"bearer": []}])");
  add_paths(json);
  json.key("components").begin_object();
  json.key("securitySchemes").begin_object().key("bearer").raw(bearer).end_object();
  json.key("parameters").begin_object().key("OnBehalfOf").raw(on_behalf_of).end_object();
  json.key("responses").begin_object().key("Problem").raw(problem_response).end_object();
  json.key("schemas").raw("{" + component_schemas() + "}");
  json.end_object().end_object();
  return indented(text);
}

}  // namespace kith::rest
