#include "wire/socketio/encode.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"

namespace kith::wire::socketio {
namespace {

void append_type(std::string& out, PacketType type) {
  out.push_back(static_cast<char>('0' + static_cast<int>(type)));
}

void append_namespace(std::string& out, std::string_view nsp) {
  if (nsp == "/") return;
  out.append(nsp);
  out.push_back(',');
}

json::Writer begin(std::string& out,
                   PacketType plain,
                   PacketType binary,
                   const Envelope& envelope) {
  KITH_ASSERT(envelope.attachments <= base::limits::attachments_max);
  append_type(out, envelope.attachments > 0 ? binary : plain);
  if (envelope.attachments > 0) {
    json::append_integer(out, envelope.attachments);
    out.push_back('-');
  }
  append_namespace(out, envelope.nsp);
  if (envelope.ack_id) json::append_integer(out, *envelope.ack_id);
  json::Writer writer{out};
  writer.begin_array();
  return writer;
}

}  // namespace

void append_connect_reply(std::string& out,
                          Protocol protocol,
                          std::string_view nsp,
                          std::string_view sid,
                          std::string_view pid) {
  append_type(out, PacketType::connect);
  append_namespace(out, nsp);
  if (protocol == Protocol::v4) return;
  json::Writer writer{out};
  writer.begin_object().field("sid", sid);
  if (!pid.empty()) writer.field("pid", pid);
  writer.end_object();
}

void append_connect_error(std::string& out,
                          Protocol protocol,
                          std::string_view nsp,
                          std::string_view message,
                          std::string_view data) {
  append_type(out, PacketType::connect_error);
  append_namespace(out, nsp);
  json::Writer writer{out};
  if (protocol == Protocol::v4) {
    if (data.empty())
      writer.string(message);
    else
      writer.raw(data);
    return;
  }
  writer.begin_object().field("message", message);
  if (!data.empty()) writer.key("data").raw(data);
  writer.end_object();
}

void append_invalid_namespace(std::string& out, std::string_view nsp) {
  append_connect_error(out, Protocol::v5, nsp, "Invalid namespace");
}

void append_disconnect(std::string& out, std::string_view nsp) {
  append_type(out, PacketType::disconnect);
  append_namespace(out, nsp);
}

json::Writer begin_event(std::string& out, std::string_view name, const Envelope& envelope) {
  json::Writer writer = begin(out, PacketType::event, PacketType::binary_event, envelope);
  writer.string(name);
  return writer;
}

json::Writer begin_ack(std::string& out, const Envelope& envelope) {
  KITH_ASSERT(envelope.ack_id.has_value());
  return begin(out, PacketType::ack, PacketType::binary_ack, envelope);
}

void append_event(std::string& out,
                  std::string_view name,
                  std::string_view args,
                  const Envelope& envelope) {
  begin_event(out, name, envelope).raw(args).end_array();
}

void append_ack(std::string& out, std::string_view args, const Envelope& envelope) {
  begin_ack(out, envelope).raw(args).end_array();
}

void write_placeholder(json::Writer& writer, std::size_t num) {
  writer.begin_object().field("_placeholder", true).field("num", num).end_object();
}

}  // namespace kith::wire::socketio
