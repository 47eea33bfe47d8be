#include "client/frames.hpp"

#include <cstring>

namespace kith::bench {
namespace {

constexpr std::size_t short_max = 125;
constexpr std::size_t medium_max = 65'535;

std::uint64_t big_endian(const char* at, std::size_t bytes) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    value = value << 8 | static_cast<std::uint8_t>(at[i]);
  return value;
}

struct Header {
  std::size_t size = 0;  // 0: not all there yet
  std::uint64_t payload = 0;
};

Header header_of(std::string_view bytes) noexcept {
  if (bytes.size() < 2) return {};
  const auto length = static_cast<std::uint8_t>(bytes[1]) & 0x7f;
  const std::size_t extra = length == 127 ? 8 : length == 126 ? 2 : 0;
  if (bytes.size() < 2 + extra) return {};
  if (extra == 0) return {2, static_cast<std::uint64_t>(length)};
  return {2 + extra, big_endian(bytes.data() + 2, extra)};
}

// XORs 8 bytes at a time; `key` holds the mask twice.
void copy_masked(char* to, std::string_view from, std::uint64_t key) noexcept {
  std::size_t i = 0;
  for (; i + 8 <= from.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, from.data() + i, 8);
    word ^= key;
    std::memcpy(to + i, &word, 8);
  }
  char tail[8];
  std::memcpy(tail, &key, 8);
  for (std::size_t j = 0; i < from.size(); ++i, ++j)
    to[i] = static_cast<char>(from[i] ^ tail[j]);
}

}  // namespace

FrameState next_frame(std::string_view bytes, std::size_t payload_max, Frame& frame) noexcept {
  if (bytes.size() < 2) return FrameState::partial;
  const auto first = static_cast<std::uint8_t>(bytes[0]);
  if ((first & 0x70) != 0 || (bytes[1] & 0x80) != 0) return FrameState::bad;
  const Header header = header_of(bytes);
  if (header.payload > payload_max) return FrameState::bad;
  if (header.size == 0 || bytes.size() < header.size + header.payload) return FrameState::partial;
  frame.opcode = static_cast<Opcode>(first & 0x0f);
  frame.last = (first & 0x80) != 0;
  frame.payload = bytes.substr(header.size, header.payload);
  frame.size = header.size + header.payload;
  return FrameState::complete;
}

void append_frame(std::string& out, Opcode opcode, std::string_view payload, std::uint32_t mask) {
  char header[14];
  std::size_t size = 0;
  header[size++] = static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode));
  if (payload.size() <= short_max) {
    header[size++] = static_cast<char>(0x80 | payload.size());
  } else {
    const int bytes = payload.size() <= medium_max ? 2 : 8;
    header[size++] = static_cast<char>(0x80 | (bytes == 2 ? 126 : 127));
    for (int i = bytes - 1; i >= 0; --i)
      header[size++] = static_cast<char>(static_cast<std::uint64_t>(payload.size()) >> (8 * i));
  }
  std::memcpy(header + size, &mask, 4);
  size += 4;
  const std::size_t at = out.size();
  out.resize(at + size + payload.size());
  std::memcpy(out.data() + at, header, size);
  copy_masked(out.data() + at + size, payload, std::uint64_t{mask} << 32 | mask);
}

}  // namespace kith::bench
