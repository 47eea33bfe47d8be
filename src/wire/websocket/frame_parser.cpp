#include "wire/websocket/frame_parser.hpp"

#include "base/encoding.hpp"
#include "base/limits.hpp"

#include <algorithm>

namespace kith::wire::websocket {
namespace {

bool is_control(Opcode opcode) noexcept {
  return static_cast<std::uint8_t>(opcode) >= 8;
}

std::uint64_t big_endian(std::string_view bytes) noexcept {
  std::uint64_t value = 0;
  for (const char c : bytes)
    value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

FrameParser::FrameParser(std::size_t message_bytes_max, Peer peer)
    : message_bytes_max_(message_bytes_max), peer_(peer) {}

Event FrameParser::next(std::string_view& bytes, std::string& scratch) {
  while (!finished_) {
    if (partial_ != nullptr && partial_->in_payload) {
      const Event event = take_payload(bytes, scratch);
      if (event.kind != Event::Kind::none || partial_ == nullptr || partial_->in_payload)
        return event;
      continue;  // a fragment is complete, its message is not
    }
    const bool complete = take_header(bytes);
    if (header_bytes_ >= 2)
      if (const char* flaw = flaw_of_start()) return fail(close_code::protocol_error, flaw);
    if (!complete) return {};
    const FrameHeader header = read_header();
    header_bytes_ = 0;
    const Event event = begin_frame(header, bytes, scratch);
    if (event.kind != Event::Kind::none) return event;
  }
  bytes = {};  // behind a close or an error nothing has a meaning
  return {};
}

bool FrameParser::take_header(std::string_view& bytes) {
  // First two bytes say how many more there are.
  for (int step = 0; step < 2; ++step) {
    const std::size_t size = header_bytes_ < 2 ? 2 : header_size();
    const std::size_t take = std::min(size - header_bytes_, bytes.size());
    std::copy_n(bytes.data(), take, header_.data() + header_bytes_);
    header_bytes_ = static_cast<std::uint8_t>(header_bytes_ + take);
    bytes.remove_prefix(take);
    if (header_bytes_ < size) return false;
  }
  return header_bytes_ == header_size();
}

std::size_t FrameParser::header_size() const noexcept {
  const auto second = static_cast<unsigned char>(header_[1]);
  const std::size_t mask_bytes = (second & 0x80) != 0 ? 4 : 0;
  if ((second & 0x7f) == 127) return 10 + mask_bytes;
  return ((second & 0x7f) == 126 ? 4 : 2) + mask_bytes;
}

const char* FrameParser::flaw_of_start() const noexcept {
  const auto first = static_cast<unsigned char>(header_[0]);
  const auto second = static_cast<unsigned char>(header_[1]);
  const unsigned opcode = first & 0x0f;
  const bool final = (first & 0x80) != 0;
  if ((first & 0x70) != 0) return "a reserved bit is set, and no extension was agreed on";
  if ((opcode > 2 && opcode < 8) || opcode > 10) return "the opcode is reserved";
  if (opcode >= 8 && !final) return "a control frame is fragmented";
  if (opcode >= 8 && (second & 0x7f) > control_payload_bytes_max)
    return "a control frame is longer than 125 bytes";
  if (peer_ == Peer::client && (second & 0x80) == 0) return "a client's frame is not masked";
  if (peer_ == Peer::server && (second & 0x80) != 0) return "a server's frame is masked";
  if (opcode == 0 && !message_begun()) return "a continuation continues nothing";
  if ((opcode == 1 || opcode == 2) && message_begun()) return "a message begins inside another";
  return nullptr;
}

FrameParser::FrameHeader FrameParser::read_header() const noexcept {
  const std::string_view all{header_.data(), header_size()};
  const auto first = static_cast<unsigned char>(all[0]);
  const auto second = static_cast<unsigned char>(all[1]);
  FrameHeader header;
  header.opcode = static_cast<Opcode>(first & 0x0f);
  header.final = (first & 0x80) != 0;
  header.masked = (second & 0x80) != 0;
  const unsigned short_length = second & 0x7f;
  header.length = short_length;
  if (short_length == 126) header.length = big_endian(all.substr(2, 2));
  if (short_length == 127) header.length = big_endian(all.substr(2, 8));
  if (header.masked)
    header.key = static_cast<std::uint32_t>(big_endian(all.substr(all.size() - 4)));
  return header;
}

bool FrameParser::message_begun() const noexcept {
  return partial_ != nullptr && partial_->message_opcode != Opcode::continuation;
}

Event FrameParser::begin_frame(const FrameHeader& header,
                               std::string_view& bytes,
                               std::string& scratch) {
  if (header.length >> 63 != 0)
    return fail(close_code::protocol_error, "the top bit of a length is set");
  if (!is_control(header.opcode)) {
    const std::size_t held_bytes = message_begun() ? partial_->message.size() : 0;
    if (header.length > message_bytes_max_ - held_bytes)
      return fail(close_code::too_big, "the message is larger than maxPayload");
    if (message_begun() && partial_->fragments == base::limits::websocket_fragments_max)
      return fail(close_code::too_big, "the message has too many fragments");
  }
  const bool whole_message = header.final && header.opcode != Opcode::continuation;
  if (!whole_message || bytes.size() < header.length) {
    keep(header);
    return {};
  }
  std::string_view payload = bytes.substr(0, header.length);
  bytes.remove_prefix(header.length);
  if (header.masked) {
    scratch.resize(payload.size());
    apply_mask(scratch.data(), payload, header.key);
    payload = scratch;
  }
  return deliver(header.opcode, payload);
}

void FrameParser::keep(const FrameHeader& header) {
  if (partial_ == nullptr) partial_ = std::make_unique<Partial>();
  partial_->missing_bytes = header.length;
  partial_->key = header.key;
  partial_->mask_phase = 0;
  partial_->frame_opcode = header.opcode;
  partial_->final = header.final;
  partial_->in_payload = true;
  if (is_control(header.opcode)) return;
  ++partial_->fragments;
  if (header.opcode != Opcode::continuation) partial_->message_opcode = header.opcode;
}

// Memory grows with the bytes that came, not with those that were declared.
Event FrameParser::take_payload(std::string_view& bytes, std::string& scratch) {
  Partial& partial = *partial_;
  const bool control = is_control(partial.frame_opcode);
  std::string& target = control ? partial.control : partial.message;
  const std::size_t take = std::min<std::uint64_t>(partial.missing_bytes, bytes.size());
  const std::size_t at = target.size();
  target += bytes.substr(0, take);
  apply_mask(target.data() + at, bytes.substr(0, take), partial.key, partial.mask_phase);
  bytes.remove_prefix(take);
  partial.mask_phase = static_cast<std::uint8_t>((partial.mask_phase + take) % 4);
  partial.missing_bytes -= take;
  if (partial.missing_bytes > 0) return {};

  partial.in_payload = false;
  if (!control && !partial.final) return {};
  const Opcode opcode = control ? partial.frame_opcode : partial.message_opcode;
  scratch = std::move(target);
  target.clear();
  if (!control || !message_begun()) partial_.reset();
  return deliver(opcode, scratch);
}

Event FrameParser::deliver(Opcode opcode, std::string_view payload) {
  switch (opcode) {
    case Opcode::binary:
      return {Event::Kind::binary, 0, payload};
    case Opcode::ping:
      return {Event::Kind::ping, 0, payload};
    case Opcode::pong:
      return {Event::Kind::pong, 0, payload};
    case Opcode::close:
      return deliver_close(payload);
    default:
      break;
  }
  if (!base::is_utf8(payload)) return fail(close_code::invalid_text, "a text is not UTF-8");
  return {Event::Kind::text, 0, payload};
}

Event FrameParser::deliver_close(std::string_view payload) {
  if (payload.size() == 1)
    return fail(close_code::protocol_error, "a close frame holds half a code");
  std::uint16_t code = close_code::no_status;
  if (!payload.empty()) {
    code = static_cast<std::uint16_t>(big_endian(payload.substr(0, 2)));
    if (!is_wire_close_code(code))
      return fail(close_code::protocol_error, "a close frame holds an unknown code");
    payload.remove_prefix(2);
    if (!base::is_utf8(payload))
      return fail(close_code::invalid_text, "the reason of a close is not UTF-8");
  }
  finished_ = true;
  partial_.reset();
  return {Event::Kind::close, code, payload};
}

Event FrameParser::fail(std::uint16_t code, const char* text) {
  finished_ = true;
  header_bytes_ = 0;
  partial_.reset();
  return {Event::Kind::error, code, text};
}

}  // namespace kith::wire::websocket
