#include "wire/http/query.hpp"

#include "base/limits.hpp"
#include "wire/http/percent.hpp"

namespace kith::wire::http {

std::optional<Query> Query::parse(std::string_view raw) {
  Query query;
  while (!raw.empty()) {
    const std::size_t end = raw.find('&');
    const std::string_view pair = raw.substr(0, end);
    raw.remove_prefix(end == std::string_view::npos ? raw.size() : end + 1);
    if (pair.empty()) continue;
    if (query.pairs_.size() == base::limits::http_query_pairs_max) return std::nullopt;
    const std::size_t equals = pair.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
    query.pairs_.push_back({form_decode(pair.substr(0, equals)), form_decode(value)});
  }
  return query;
}

std::optional<std::string_view> Query::find(std::string_view name) const noexcept {
  for (auto pair = pairs_.rbegin(); pair != pairs_.rend(); ++pair)
    if (pair->name == name) return pair->value;
  return std::nullopt;
}

}  // namespace kith::wire::http
