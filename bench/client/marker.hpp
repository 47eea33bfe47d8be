#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kith::bench {

// What every message of a run carries: who wrote it, its number among his, and when it was due.
struct Mark {
  std::int64_t due_ns = 0;
  std::uint32_t stream = 0;
  std::uint32_t number = 0;

  friend bool operator==(const Mark&, const Mark&) = default;
};

inline constexpr std::size_t text_mark_bytes =
    43;  // "~kb", run, due, stream, number in hexadecimal
inline constexpr std::size_t binary_mark_bytes = 24;  // the same as bytes, of this machine's order

// Writes and finds the marks of one run; those of another run on the same server are not seen.
class Marker {
 public:
  explicit Marker(std::uint32_t run);

  // `length` bytes of text that need no escape in JSON; at least text_mark_bytes.
  void append_text(std::string& out, const Mark& mark, std::size_t length) const;
  void append_binary(std::string& out, const Mark& mark, std::size_t length) const;

  // Looked for first where the last one stood, then everywhere.
  std::optional<Mark> find_text(std::string_view bytes, std::size_t& hint) const noexcept;
  std::optional<Mark> read_binary(std::string_view bytes) const noexcept;

 private:
  std::uint32_t run_;
  std::string lead_;  // "~kb" and the run
};

}  // namespace kith::bench
