#pragma once

#include "wire/engineio/message.hpp"
#include "wire/engineio/packet.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The bodies of long polling: several packets in one. Revision 4 joins text with U+001E; revision 3
// prefixes each packet with its length, in UTF-16 units (text form) or bytes (binary form).
namespace kith::wire::engineio {

enum class PayloadForm : std::uint8_t {
  text,
  octets,  // revision 3 only: application/octet-stream
};

// Reads a POST's body packet by packet, so that what precedes a bad packet is still handled. Ends
// after `payload_packets_max` packets with an error. The body must outlive the reader; a packet
// lives until the next call.
class PayloadReader {
 public:
  PayloadReader(Revision revision, PayloadForm form, std::string_view body);

  // Nothing: the end, or an error (`failed()` tells).
  std::optional<Packet> next();

  bool failed() const noexcept { return failed_; }

 private:
  std::optional<Packet> next_of_v4();
  std::optional<Packet> next_of_v3_text();
  std::optional<Packet> next_of_v3_octets();
  std::optional<Packet> fail() noexcept;
  std::optional<Packet> text_packet(std::string_view text);

  std::string_view rest_;
  std::string scratch_;
  std::size_t packets_ = 0;
  Revision revision_;
  PayloadForm form_;
  bool failed_ = false;
  bool ended_ = false;
};

// What a poll is answered with.
struct Payload {
  std::string body;
  PayloadForm form = PayloadForm::text;
};

// All packets in one body, never empty if `packets` is not. `base64_only`: a revision 3 client
// without binary (b64=1).
Payload encode_payload(Revision revision, bool base64_only, const std::vector<OutMessage>& packets);

}  // namespace kith::wire::engineio
