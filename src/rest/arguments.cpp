#include "rest/arguments.hpp"

#include "base/encoding.hpp"
#include "wire/http/query.hpp"

#include <algorithm>

namespace kith::rest {
namespace {

using base::Errc;
using base::Fault;
using base::Result;
using wire::json::Writer;

constexpr std::string_view json_blanks = " \t\r\n";
constexpr std::size_t digits_max = 19;  // of a whole number below 2^63

constexpr Fault not_utf8{Errc::validation_failed, "what a path, query or header names is UTF-8"};

bool is_whole_number(std::string_view text) {
  return !text.empty() && text.size() <= digits_max && (text.size() == 1 || text.front() != '0') &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<void> add_text(Writer& members, std::string_view name, std::string_view text) {
  if (!base::is_utf8(text)) return not_utf8;
  members.field(name, text);
  return {};
}

Result<void> add_conversation(Writer& members, std::string_view element) {
  constexpr std::string_view external = "ext:";
  constexpr std::string_view direct = "to:";
  if (element.starts_with(external))
    return add_text(members, "external_id", element.substr(external.size()));
  if (element.starts_with(direct)) return add_text(members, "to", element.substr(direct.size()));
  return add_text(members, "cid", element);
}

namespace {

// Nothing where none is named: the command says what it wants.
Result<void> add_list(Writer& members, const wire::http::Query& pairs, const QueryField& field) {
  if (!pairs.find(field.name)) return {};
  members.key(field.list).begin_array();
  for (const auto& pair : pairs.pairs()) {
    if (pair.name != field.name) continue;
    if (!base::is_utf8(pair.value)) return not_utf8;
    members.string(pair.value);
  }
  members.end_array();
  return {};
}

}  // namespace

Result<void> add_query(Writer& members,
                       std::string_view query,
                       std::span<const QueryField> fields) {
  if (query.empty() || fields.empty()) return {};
  const auto pairs = wire::http::Query::parse(query);
  if (!pairs) return Fault{Errc::validation_failed, "the query has too many names"};
  for (const auto& field : fields) {
    if (!field.list.empty()) {
      KITH_CHECK(add_list(members, *pairs, field));
      continue;
    }
    const auto value = pairs->find(field.name);
    if (!value) continue;
    if (field.number && is_whole_number(*value))
      members.key(field.name).raw(*value);
    else
      KITH_CHECK(add_text(members, field.name, *value));
  }
  return {};
}

Result<std::string> join(std::string body, std::string_view members) {
  body.erase(0, std::min(body.find_first_not_of(json_blanks), body.size()));
  if (body.empty()) body = "{}";
  body.resize(body.find_last_not_of(json_blanks) + 1);
  if (body.front() != '{' || body.back() != '}')
    return Fault{Errc::validation_failed, "the body is one JSON object"};
  if (members.empty()) return body;
  body.pop_back();
  body.resize(body.find_last_not_of(json_blanks) + 1);
  if (body != "{") body += ',';
  body += members;
  body += '}';
  return body;
}

}  // namespace kith::rest
