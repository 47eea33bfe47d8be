#pragma once

#include "wire/websocket/frame_parser.hpp"

#include <string>
#include <string_view>
#include <vector>

// For tests: what a parser says about bytes, cut into pieces of the lengths in `cuts`, used in turn
// (none: one piece).
namespace kith::wire::websocket {

inline std::string to_text(const Event& event) {
  static constexpr const char* names[] = {
      "none", "text", "binary", "ping", "pong", "close", "error"};
  std::string text = names[static_cast<std::size_t>(event.kind)];
  if (event.kind >= Event::Kind::close) text += ' ' + std::to_string(event.code);
  if (event.kind != Event::Kind::error) text += " [" + std::string{event.payload} + ']';
  return text;
}

inline std::vector<std::string> transcript(FrameParser& parser,
                                           std::string_view bytes,
                                           const std::vector<std::size_t>& cuts = {}) {
  std::vector<std::string> lines;
  std::string scratch;
  for (std::size_t turn = 0; !bytes.empty(); ++turn) {
    const std::size_t length = cuts.empty() ? bytes.size() : cuts[turn % cuts.size()];
    std::string_view piece = bytes.substr(0, length);
    bytes.remove_prefix(piece.size());
    for (Event event = parser.next(piece, scratch); event.kind != Event::Kind::none;
         event = parser.next(piece, scratch))
      lines.push_back(to_text(event));
  }
  return lines;
}

// A masked frame with any first byte, as a hostile client may send it.
inline std::string raw_frame(unsigned first_byte, std::string_view payload) {
  std::string out;
  append_masked_frame(out, {.opcode = Opcode::text, .key = 0x0102a0ff}, payload);
  out[0] = static_cast<char>(first_byte);
  return out;
}

}  // namespace kith::wire::websocket
