#pragma once

#include "base/random.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string_view>

namespace kith::front {

// The name of a session, a bearer secret: 128 random bits and the reactor that owns it, as 24
// characters of base64url.
class Sid {
 public:
  static constexpr std::size_t chars = 24;

  static Sid make(base::Random& random, std::size_t reactor_index);
  // Nothing: not of our making, so no session has it.
  static std::optional<Sid> parse(std::string_view text);

  std::string_view view() const noexcept { return {text_.data(), text_.size()}; }

  std::size_t reactor_index() const noexcept { return reactor_index_; }

  friend bool operator==(const Sid& a, const Sid& b) noexcept { return a.text_ == b.text_; }

 private:
  std::array<char, chars> text_{};
  std::uint16_t reactor_index_ = 0;
};

// The first characters are random and of our making.
struct SidHash {
  std::size_t operator()(const Sid& sid) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, sid.view().data(), sizeof value);
    return value;
  }
};

}  // namespace kith::front
