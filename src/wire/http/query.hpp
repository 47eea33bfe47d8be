#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kith::wire::http {

struct QueryPair {
  std::string name;
  std::string value;
  friend bool operator==(const QueryPair&, const QueryPair&) = default;
};

// The part of a target behind `?`, decoded. Names are data: none has a meaning here. Values may
// hold any bytes, so what must be UTF-8 or free of NUL is checked by who reads it.
class Query {
 public:
  // Nothing if there are more than `http_query_pairs_max` pairs.
  static std::optional<Query> parse(std::string_view raw);

  // The last pair of that name wins.
  std::optional<std::string_view> find(std::string_view name) const noexcept;

  // In the order they came, duplicates too.
  const std::vector<QueryPair>& pairs() const noexcept { return pairs_; }

 private:
  std::vector<QueryPair> pairs_;
};

}  // namespace kith::wire::http
