#pragma once

#include "wire/json/writer.hpp"
#include "wire/socketio/packet.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What a server sends. Every function appends one packet to `out`, behind what is there (an
// Engine.IO packet type, a frame's header). A packet with attachments is this text and, right
// behind it, each attachment as a binary message.
namespace kith::wire::socketio {

// Where a packet goes and what it brings along.
struct Envelope {
  std::string_view nsp = "/";
  std::optional<std::uint64_t> ack_id =
      {};                       // an event: the client is asked to answer; an ack: its event's id
  std::size_t attachments = 0;  // at most limits::attachments_max
};

// Accepts a CONNECT. Protocol 4 has no payload; `pid` only where connection state recovery is on.
void append_connect_reply(std::string& out,
                          Protocol protocol,
                          std::string_view nsp,
                          std::string_view sid,
                          std::string_view pid = {});

// Refuses a CONNECT; the connection stays. `data` is JSON, or empty. Protocol 5:
// `{"message":…,"data":…}`, a `connect_error` on the client. Protocol 4: `data` alone, else the
// message as a string; an `error` on the client.
void append_connect_error(std::string& out,
                          Protocol protocol,
                          std::string_view nsp,
                          std::string_view message,
                          std::string_view data = {});

// Refuses a namespace that does not exist, the same in both protocols.
void append_invalid_namespace(std::string& out, std::string_view nsp);

// The client will not come back by itself.
void append_disconnect(std::string& out, std::string_view nsp);

// An event or ack in two steps, to write arguments in place: write them to the writer, then call
// its end_array().
//   begin_event(out, "typing.start").begin_object().field("cid", cid).end_object().end_array();
json::Writer begin_event(std::string& out, std::string_view name, const Envelope& envelope = {});
json::Writer begin_ack(std::string& out, const Envelope& envelope);

// The same with arguments encoded before: JSON values with commas between them, or nothing.
void append_event(std::string& out,
                  std::string_view name,
                  std::string_view args,
                  const Envelope& envelope = {});
void append_ack(std::string& out, std::string_view args, const Envelope& envelope);

// Stands for attachment `num` (from 0, in depth-first order).
void write_placeholder(json::Writer& writer, std::size_t num);

}  // namespace kith::wire::socketio
