#include "base/assert.hpp"
#include "base/encoding.hpp"
#include "wire/json/parser.hpp"
#include "wire/json/value.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Any bytes: what is read is UTF-8, and reads and writes the same from then on.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kith;
  static wire::json::Parser parser{{.capacity_bytes_max = 64 * 1024, .kept_bytes = 1024}};
  const auto value = parser.parse({reinterpret_cast<const char*>(data), size});
  if (value.has_error()) return 0;
  const bool nul = wire::json::contains_nul(*value);
  std::string once;
  wire::json::append_raw(once, *value);
  KITH_ASSERT(base::is_utf8(once));

  // Written numbers can be longer than what came (1e3), so this one takes more.
  wire::json::Parser second{{.capacity_bytes_max = 1024 * 1024}};
  const auto again = second.parse(once);
  KITH_ASSERT(again.has_value());
  KITH_ASSERT(wire::json::contains_nul(*again) == nul);
  std::string twice;
  wire::json::append_raw(twice, *again);
  KITH_ASSERT(once == twice);
  return 0;
}
