#include "wire/socketio/decoder.hpp"

#include <algorithm>
#include <utility>

namespace kith::wire::socketio {
namespace {

using base::Errc;
using base::Fault;

constexpr Fault text_while_due{Errc::validation_failed,
                               "send the announced attachments before the next packet"};
constexpr Fault binary_unannounced{Errc::validation_failed,
                                   "announce attachments with a binary packet first"};
constexpr Fault pending_too_large{Errc::too_large, "send smaller attachments"};
constexpr Fault bad_placeholder{Errc::validation_failed,
                                "number placeholders from 0 to one less than the attachments"};
constexpr Fault bad_connect{Errc::validation_failed,
                            "send an object, or nothing, as payload of CONNECT"};
constexpr Fault bad_disconnect{Errc::validation_failed, "send DISCONNECT without payload"};
constexpr Fault bad_event{Errc::validation_failed,
                          "send an event as an array that starts with its name"};
constexpr Fault bad_name{Errc::validation_failed, "name an event with a string"};
constexpr Fault reserved_name{Errc::validation_failed,
                              "name an event with a word that is not reserved"};
constexpr Fault bad_ack{Errc::validation_failed, "send an ack as an array"};

// A number as event name, as it came: the first element of the array that was parsed from
// `payload`.
std::string_view number_name(std::string_view payload) noexcept {
  constexpr std::string_view blanks = " \t\r\n";
  payload.remove_prefix(payload.find('[') + 1);
  payload.remove_prefix(payload.find_first_not_of(blanks));
  return payload.substr(0, payload.find_first_of(" \t\r\n,]"));
}

base::Result<void> read_connect(Packet& packet, const Head& head, json::Parser& parser) {
  if (head.payload.empty()) return {};
  KITH_TRY(value, parser.parse(head.payload));
  if (!value.is_object()) return bad_connect;
  packet.data = value;
  return {};
}

base::Result<void> read_event(Packet& packet, const Head& head, json::Parser& parser) {
  if (head.payload.empty()) return bad_event;
  KITH_TRY(value, parser.parse(head.payload));
  const json::Items items = value.items();
  if (items.empty()) return bad_event;
  const json::Value name = items.front();
  if (!name.is_string() && !name.is_number()) return bad_name;
  packet.name = name.is_string() ? *name.as_string() : number_name(head.payload);
  if (is_reserved_event(packet.name)) return reserved_name;
  if (head.attachments > 0 && !placeholders_valid(value, head.attachments)) return bad_placeholder;
  packet.args = items.rest();
  return {};
}

base::Result<void> read_ack(Packet& packet, const Head& head, json::Parser& parser) {
  if (head.payload.empty()) return bad_ack;
  KITH_TRY(value, parser.parse(head.payload));
  if (!value.is_array()) return bad_ack;
  if (head.attachments > 0 && !placeholders_valid(value, head.attachments)) return bad_placeholder;
  packet.args = value.items();
  return {};
}

base::Result<Packet> read_packet(const Head& head, json::Parser& parser) {
  Packet packet;
  packet.nsp = head.nsp;
  packet.query = head.query;
  packet.ack_id = head.ack_id;
  switch (head.type) {
    case PacketType::connect:
      packet.type = PacketType::connect;
      KITH_CHECK(read_connect(packet, head, parser));
      break;
    case PacketType::disconnect:
      packet.type = PacketType::disconnect;
      if (!head.payload.empty()) return bad_disconnect;
      break;
    case PacketType::event:
    case PacketType::binary_event:
      packet.type = PacketType::event;
      KITH_CHECK(read_event(packet, head, parser));
      break;
    case PacketType::ack:
    case PacketType::binary_ack:
      packet.type = PacketType::ack;
      KITH_CHECK(read_ack(packet, head, parser));
      break;
    case PacketType::connect_error:
      KITH_ASSERT(false);  // parse_head refuses it
  }
  return packet;
}

}  // namespace

struct Decoder::Pending {
  std::unique_ptr<const std::string> text;
  Head head;  // views into *text
  std::vector<std::string> attachments;
  std::size_t bytes = 0;
};

Decoder::Decoder(Options options) noexcept : options_(options) {}

Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;
Decoder::~Decoder() = default;

std::size_t Decoder::pending_bytes() const noexcept {
  return pending_ ? pending_->bytes : 0;
}

base::Result<std::optional<Packet>> Decoder::text(std::string_view message, json::Parser& parser) {
  if (pending_) {
    pending_.reset();
    return text_while_due;
  }
  KITH_TRY(head, parse_head(message, options_.protocol));
  if (head.attachments == 0) {
    KITH_TRY(packet, read_packet(head, parser));
    return std::optional<Packet>{std::move(packet)};
  }
  if (message.size() > options_.pending_bytes_max) return pending_too_large;
  pending_ = std::make_unique<Pending>();
  pending_->text = std::make_unique<const std::string>(message);
  pending_->bytes = message.size();
  // Again, for views into the copy.
  pending_->head = parse_head(*pending_->text, options_.protocol).value();
  return std::optional<Packet>{};
}

base::Result<std::optional<Packet>> Decoder::binary(std::string_view message,
                                                    json::Parser& parser) {
  if (!pending_) return binary_unannounced;
  if (message.size() > options_.pending_bytes_max - pending_->bytes) {
    pending_.reset();
    return pending_too_large;
  }
  pending_->attachments.emplace_back(message);
  pending_->bytes += message.size();
  if (pending_->attachments.size() < pending_->head.attachments) return std::optional<Packet>{};

  const auto complete = std::exchange(pending_, nullptr);
  KITH_TRY(packet, read_packet(complete->head, parser));
  packet.attachments = std::move(complete->attachments);
  packet.text = std::move(complete->text);
  return std::optional<Packet>{std::move(packet)};
}

bool placeholders_valid(json::Value value, std::size_t attachments) {
  if (value.is_array()) {
    const json::Items items = value.items();
    return std::all_of(items.begin(), items.end(), [&](json::Value item) {
      return placeholders_valid(item, attachments);
    });
  }
  if (!value.is_object()) return true;
  const auto mark = value.find("_placeholder");
  if (mark && mark->as_bool() == true) {
    const auto num = value.find("num");
    const auto index = num ? num->as_uint() : std::nullopt;
    return index && *index < attachments;
  }
  const json::Members members = value.members();
  return std::all_of(members.begin(), members.end(), [&](const json::Member& member) {
    return placeholders_valid(member.value, attachments);
  });
}

}  // namespace kith::wire::socketio
