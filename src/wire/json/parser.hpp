#pragma once

#include "base/result.hpp"
#include "wire/json/value.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace kith::wire::json {

// Reads JSON (RFC 8259) from strangers: one for each reactor, used for one text at a time. Its
// buffers take about 15 bytes for each byte of the largest text; they grow to what a text needs,
// and what a large text needed is given back when the next small one comes.
class Parser {
 public:
  struct Options {
    std::size_t capacity_bytes_max = 1024 * 1024;  // of one text; at most capacity_bytes_limit
    std::size_t kept_bytes = 16 * 1024;            // capacity that stays between texts
  };

  static constexpr std::size_t capacity_bytes_limit = 16 * 1024 * 1024;

  Parser();
  explicit Parser(Options options);
  Parser(Parser&&) noexcept;
  Parser& operator=(Parser&&) noexcept;
  ~Parser();

  // The value lives until the next call of parse or trim. `validation_failed`: not JSON or not
  // UTF-8. `too_large`: more than capacity_bytes_max, or arrays and objects nested more than
  // limits::json_depth_max deep (an empty one inside the innermost is still taken). Two things that
  // JavaScript clients do write are taken though simdjson refuses them: half of a surrogate pair
  // ("\ud800", from a string cut in the middle of an emoji) reads as U+FFFD, and an integer above
  // 64 bits (JSON.stringify(1e20)) as the nearest double.
  base::Result<Value> parse(std::string_view text);

  // Gives back what is above `kept_bytes`.
  void trim();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kith::wire::json
