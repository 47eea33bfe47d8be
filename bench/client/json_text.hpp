#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kith::bench {

// `text` in quotes, escaped as JSON wants it.
std::string json_quoted(std::string_view text);
// At most six digits that matter; what is no number is null.
std::string json_number(double value);

// One JSON object, written member by member.
class JsonObject {
 public:
  JsonObject& raw(std::string_view name, std::string_view json);
  JsonObject& text(std::string_view name, std::string_view value);
  JsonObject& number(std::string_view name, double value);
  JsonObject& count(std::string_view name, std::uint64_t value);

  std::string take() && { return std::move(body_) + "}"; }

  bool empty() const noexcept { return body_.size() == 1; }

 private:
  std::string body_ = "{";
};

}  // namespace kith::bench
