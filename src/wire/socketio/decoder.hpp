#pragma once

#include "base/limits.hpp"
#include "base/result.hpp"
#include "wire/json/parser.hpp"
#include "wire/socketio/packet.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kith::wire::socketio {

// A complete packet of a client. `name`, `data` and `args` live until the parser parses again;
// `nsp`, `query` and a `name` that was a number as long as the message's text, or, if the packet
// has attachments, as long as the packet (moved or not).
struct Packet {
  PacketType type = PacketType::connect;  // connect, disconnect, event or ack: binary ones are
                                          // events and acks too
  std::string_view nsp = "/";
  std::string_view query;  // protocol 4, percent-encoded
  std::optional<std::uint64_t>
      ack_id;             // an event: answer with it; an ack: what it answers, ignored if absent
  std::string_view name;  // of an event, never a reserved one; a number's digits as they came
  json::Value data;       // CONNECT: an object, or null if there was none
  json::Items args;       // of an event without its name, of an ack
  // What the placeholders in `args` stand for, by `num`. Checked: every `num` is an index of this.
  // Values are relayed with their placeholders (json::append_raw) and all attachments in order
  // behind.
  std::vector<std::string> attachments;
  std::unique_ptr<const std::string> text;  // keeps the views of a packet with attachments
};

// The packets of one connection, out of its Engine.IO messages. Small when nothing is due: what
// waits for attachments is allocated then. After a fault the connection is closed; its text says
// why.
class Decoder {
 public:
  struct Options {
    Protocol protocol = Protocol::v5;
    // Of a packet that waits for attachments, text included. Each message by itself is bounded by
    // the transport.
    std::size_t pending_bytes_max = 4 * 1024 * 1024;
  };

  explicit Decoder(Options options) noexcept;
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;
  ~Decoder();

  // A text message. No packet: it announced attachments, which are due now. JSON is parsed once,
  // when all is there.
  base::Result<std::optional<Packet>> text(std::string_view message, json::Parser& parser);
  // A binary message: the next attachment.
  base::Result<std::optional<Packet>> binary(std::string_view message, json::Parser& parser);

  // Attachments are due: the owner closes the connection limits::attachments_timeout_ms after this
  // became true.
  bool waiting() const noexcept { return pending_ != nullptr; }

  // What it holds now, for a bound over all connections.
  std::size_t pending_bytes() const noexcept;

  Protocol protocol() const noexcept { return options_.protocol; }

 private:
  struct Pending;

  Options options_;
  std::unique_ptr<Pending> pending_;
};

// Whether each `{"_placeholder":true,"num":k}` in the value has a whole k from 0 to `attachments`
// - 1.
bool placeholders_valid(json::Value value, std::size_t attachments);

}  // namespace kith::wire::socketio
