#include "delivery/relay_frames.hpp"

#include "base/names.hpp"

#include <charconv>
#include <cstring>

namespace kith::delivery {
namespace {

constexpr char version = 1;
enum class FrameKind : std::uint8_t { event = 1, head, early, retract, greeting, ephemeral };
constexpr std::size_t head_bytes = 3;  // version, kind, length of the publisher
constexpr std::string_view channel_start = "c:";

class Bytes {
 public:
  template <class Number>
  Bytes& number(Number value) {
    for (std::size_t i = 0; i < sizeof value; ++i)
      out_ += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i));
    return *this;
  }

  Bytes& text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    out_ += value;
    return *this;
  }

  template <class Id>
  Bytes& id(const Id& value) {
    out_ += value.view();
    return *this;
  }

  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

// Reads until something is missing; from then on it gives nothing, and says so at the end.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : left_(bytes) {}

  template <class Number>
  Number number() {
    std::uint64_t value = 0;
    const auto bytes = take(sizeof(Number));
    for (std::size_t i = 0; i < bytes.size(); ++i)
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    return static_cast<Number>(value);
  }

  // From 1 to `most`.
  template <class Enum>
  Enum one_of(Enum most) {
    const auto value = number<std::uint8_t>();
    if (value < 1 || value > static_cast<std::uint8_t>(most)) ok_ = false;
    return static_cast<Enum>(value);
  }

  std::string text() { return std::string{take(number<std::uint32_t>())}; }

  template <class Id>
  Id id() {
    const auto bytes = take(sizeof(Id));
    return bytes.empty() ? Id{} : Id::from_view(bytes);
  }

  bool whole() const noexcept { return ok_ && left_.empty(); }

 private:
  std::string_view take(std::size_t count) {
    if (count > left_.size()) {
      ok_ = false;
      left_ = {};
      return {};
    }
    const auto taken = left_.substr(0, count);
    left_.remove_prefix(count);
    return taken;
  }

  std::string_view left_;
  bool ok_ = true;
};

FrameKind kind_of(const RelayBody& body) {
  return static_cast<FrameKind>(body.index() + 1);
}

void write(Bytes& out, const EventFrame& frame) {
  const auto& committed = frame.committed;
  const auto& event = committed.event;
  out.number(static_cast<std::uint8_t>(committed.kind))
      .number(committed.access_rev)
      .number(committed.members)
      .number(event.seq)
      .number(event.no)
      .number(static_cast<std::uint8_t>(event.kind))
      .number(static_cast<std::uint8_t>(event.role))
      .number(event.ts.ms)
      .id(event.target)
      .text(event.actor.str())
      .text(event.client_id.str())
      .text(event.subject.str())
      .text(event.body);
}

void write(Bytes& out, const HeadFrame& frame) {
  out.number(frame.head);
}

void write(Bytes& out, const EarlyFrame& frame) {
  const auto& message = frame.message;
  out.id(message.id)
      .number(message.number)
      .number(message.after)
      .number(message.follows)
      .number(message.ts.ms)
      .text(message.sender.str())
      .text(message.client_id.str())
      .text(message.body)
      .number(static_cast<std::uint8_t>(message.ahead.has_value()));
  if (message.ahead) out.id(message.ahead->id).number(message.ahead->number);
}

void write(Bytes& out, const RetractFrame& frame) {
  out.id(frame.id);
}

void write(Bytes& /*out*/, const GreetingFrame& /*frame*/) {}

void write(Bytes& out, const EphemeralFrame& frame) {
  out.text(frame.packet);
}

EventFrame read_event(const ConversationKey& key, Cursor& in) {
  EventFrame frame;
  auto& committed = frame.committed;
  auto& event = committed.event;
  committed.key = key;
  committed.foreign = true;
  committed.kind = in.one_of(domain::Kind::user_log);
  committed.access_rev = in.number<std::uint64_t>();
  committed.members = in.number<std::uint32_t>();
  event.seq = in.number<Seq>();
  event.no = in.number<domain::No>();
  event.kind = in.one_of(domain::EventKind::conversation_removed);
  event.role = in.one_of(domain::Role::owner);
  event.ts = {in.number<std::int64_t>()};
  event.target = in.id<Cid>();
  event.actor = UserId{in.text()};
  event.client_id = conversations::ClientId{in.text()};
  event.subject = UserId{in.text()};
  event.body = in.text();
  return frame;
}

EarlyFrame read_early(const ConversationKey& key, Cursor& in) {
  EarlyFrame frame;
  auto& message = frame.message;
  message.key = key;
  message.here = false;
  message.id = in.id<MessageId>();
  message.number = in.number<std::uint64_t>();
  message.after = in.number<Seq>();
  message.follows = in.number<Seq>();
  message.ts = {in.number<std::int64_t>()};
  message.sender = UserId{in.text()};
  message.client_id = conversations::ClientId{in.text()};
  message.body = in.text();
  if (in.number<std::uint8_t>() != 0) {
    message.ahead.emplace();
    message.ahead->id = in.id<MessageId>();
    message.ahead->number = in.number<std::uint64_t>();
  }
  return frame;
}

RelayBody read_body(const ConversationKey& key, FrameKind kind, Cursor& in) {
  switch (kind) {
    case FrameKind::event:
      return read_event(key, in);
    case FrameKind::head:
      return HeadFrame{in.number<Seq>()};
    case FrameKind::early:
      return read_early(key, in);
    case FrameKind::retract:
      return RetractFrame{in.id<MessageId>()};
    case FrameKind::ephemeral:
      return EphemeralFrame{in.text()};
    case FrameKind::greeting:
      break;
  }
  return GreetingFrame{};
}

}  // namespace

std::string channel_of(const ConversationKey& key) {
  return std::string{channel_start} + std::to_string(static_cast<std::uint32_t>(key.app)) + ':' +
         base::to_text(key.cid);
}

std::optional<ConversationKey> key_of(std::string_view channel) {
  if (!channel.starts_with(channel_start)) return std::nullopt;
  channel.remove_prefix(channel_start.size());
  std::uint32_t app = 0;
  const auto [end, error] = std::from_chars(channel.data(), channel.data() + channel.size(), app);
  if (error != std::errc{}) return std::nullopt;
  channel.remove_prefix(static_cast<std::size_t>(end - channel.data()));
  if (!channel.starts_with(':')) return std::nullopt;
  const auto cid = base::parse_cid(channel.substr(1));
  if (cid.has_error()) return std::nullopt;
  return ConversationKey{static_cast<domain::AppId>(app), *cid};
}

std::string write_frame(const RelayFrame& frame) {
  Bytes out;
  out.number(version)
      .number(static_cast<std::uint8_t>(kind_of(frame.body)))
      .number(static_cast<std::uint8_t>(frame.publisher.size()));
  std::string bytes = out.take() + frame.publisher;
  Bytes body;
  body.text(frame.epoch);
  std::visit([&](const auto& it) { write(body, it); }, frame.body);
  return bytes += body.take();
}

std::string_view publisher_of(std::string_view bytes) noexcept {
  if (bytes.size() < head_bytes || bytes[0] != version) return {};
  return bytes.substr(head_bytes, static_cast<unsigned char>(bytes[2]));
}

base::Result<RelayFrame> read_frame(const ConversationKey& key, std::string_view bytes) {
  constexpr base::Fault not_a_frame{base::Errc::validation_failed,
                                    "another version of Kith, or not Kith, publishes here"};
  const auto publisher = publisher_of(bytes);
  if (publisher.empty()) return not_a_frame;
  const auto kind = static_cast<std::uint8_t>(bytes[1]);
  if (kind < 1 || kind > std::variant_size_v<RelayBody>) return not_a_frame;
  Cursor in{bytes.substr(head_bytes + publisher.size())};
  RelayFrame frame{.publisher = std::string{publisher}, .epoch = in.text(), .body = {}};
  frame.body = read_body(key, static_cast<FrameKind>(kind), in);
  if (!in.whole()) return not_a_frame;
  return frame;
}

}  // namespace kith::delivery
