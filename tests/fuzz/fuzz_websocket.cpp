// A client's frames: whole or cut, the same events come out; and what the server writes, a client
// reads.
#include "base/encoding.hpp"
#include "fuzz/cuts.hpp"
#include "wire/websocket/frame_parser.hpp"

#include <string>

namespace kith::fuzz {
namespace {

using wire::websocket::Event;
using wire::websocket::FrameParser;
using wire::websocket::Opcode;
using Kind = Event::Kind;

constexpr std::size_t message_bytes_max = 400;

void check_event(const Event& event) {
  const bool control = event.kind == Kind::ping || event.kind == Kind::pong;
  require(event.payload.size() <= message_bytes_max, "a message keeps its limit");
  require(!control || event.payload.size() <= 125, "a control frame keeps its limit");
  if (event.kind == Kind::text || event.kind == Kind::close)
    require(base::is_utf8(event.payload), "text is UTF-8");
  if (event.kind == Kind::error)
    require(event.code == 1002 || event.code == 1007 || event.code == 1009, "an error has a code");
  if (event.kind == Kind::close)
    require(event.code == 1005 || wire::websocket::is_wire_close_code(event.code),
            "a close has a code for the wire");
}

void write_down(std::string& transcript, const Event& event) {
  transcript += std::to_string(static_cast<int>(event.kind)) + ' ' + std::to_string(event.code);
  transcript.append(" ").append(event.payload).append("\n");
}

void feed(FrameParser& parser, std::string_view piece, std::string& transcript) {
  std::string scratch;
  for (auto event = parser.next(piece, scratch); event.kind != Kind::none;
       event = parser.next(piece, scratch)) {
    check_event(event);
    write_down(transcript, event);
  }
  require(piece.empty(), "without an event all bytes are taken");
}

std::string read_cut(std::string_view bytes, std::size_t longest) {
  std::string transcript;
  FrameParser parser(message_bytes_max);
  for (Cuts cuts(bytes, longest); !cuts.done();)
    feed(parser, cuts.next(), transcript);
  return transcript;
}

// The server's answer to each event, read by a client.
void check_answers(std::string_view bytes) {
  FrameParser server(message_bytes_max);
  FrameParser client(message_bytes_max, FrameParser::Peer::server);
  std::string scratch;
  std::string client_scratch;
  std::string answer;
  for (auto event = server.next(bytes, scratch); event.kind != Kind::none;
       event = server.next(bytes, scratch)) {
    answer.clear();
    Kind expected = event.kind;
    if (event.kind == Kind::text)
      wire::websocket::append_frame(answer, Opcode::text, event.payload);
    if (event.kind == Kind::binary)
      wire::websocket::append_frame(answer, Opcode::binary, event.payload);
    if (event.kind == Kind::pong)
      wire::websocket::append_frame(answer, Opcode::pong, event.payload);
    if (event.kind == Kind::ping) {
      wire::websocket::append_frame(answer, Opcode::pong, event.payload);
      expected = Kind::pong;
    }
    if (event.kind == Kind::close || event.kind == Kind::error) {
      wire::websocket::append_close_frame(
          answer, event.code == 1005 ? 1000 : event.code, event.payload);
      expected = Kind::close;
    }
    std::string_view rest{answer};
    const auto heard = client.next(rest, client_scratch);
    require(heard.kind == expected && heard.payload == event.payload, "an answer is heard");
    require(rest.empty(), "an answer is one frame");
  }
}

}  // namespace
}  // namespace kith::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kith::fuzz;
  const std::string_view bytes = as_text(data, size);
  std::string whole;
  kith::wire::websocket::FrameParser parser(message_bytes_max);
  feed(parser, bytes, whole);
  require(read_cut(bytes, 1) == whole, "byte by byte gives the same events");
  require(read_cut(bytes, 30) == whole, "in pieces gives the same events");
  check_answers(bytes);
  return 0;
}
