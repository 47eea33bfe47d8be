#include "echo/echo_service.hpp"

#include "base/encoding.hpp"
#include "wire/json/writer.hpp"
#include "wire/socketio/decoder.hpp"
#include "wire/socketio/encode.hpp"
#include "wire/socketio/pending_acks.hpp"

#include <array>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace kith::echo {
namespace {

namespace json = wire::json;
namespace sio = wire::socketio;
using front::OutMessage;

constexpr std::chrono::seconds ack_patience{30};

std::string joined(json::Items items) {
  std::string args;
  for (const auto item : items) {
    if (!args.empty()) args.push_back(',');
    json::append_raw(args, item);
  }
  return args;
}

class SocketIoListener final : public front::EngineListener {
 public:
  SocketIoListener(front::EngineSocket& socket, json::Parser& parser)
      : socket_(socket),
        parser_(parser),
        protocol_(socket.revision() == 3 ? sio::Protocol::v4 : sio::Protocol::v5),
        decoder_({.protocol = protocol_}) {
    if (protocol_ == sio::Protocol::v4) join("/", {});
  }

  void on_text(std::string_view data) override { take(decoder_.text(data, parser_)); }

  void on_binary(std::string_view data) override { take(decoder_.binary(data, parser_)); }

  void on_drained() override {}

  void on_checkpoint(std::uint64_t /*n*/) override {}

  void on_proved(std::uint64_t /*n*/) override {}

  void on_closed(front::CloseReason /*reason*/) override {}

 private:
  void take(base::Result<std::optional<sio::Packet>> decoded) {
    if (decoded.has_error()) return socket_.close(front::CloseReason::parse_error);
    const auto& packet = decoded.value();
    if (!packet) return;
    const std::string nsp{packet->nsp};
    const bool joined_before = sockets_.contains(nsp);
    if ((packet->type == sio::PacketType::connect) == joined_before)
      return socket_.close(front::CloseReason::parse_error);
    switch (packet->type) {
      case sio::PacketType::connect:
        return connect(nsp, *packet);
      case sio::PacketType::disconnect:
        sockets_.erase(nsp);
        return;
      case sio::PacketType::ack:
        return answered(nsp, *packet);
      default:
        return event(nsp, *packet);
    }
  }

  void connect(const std::string& nsp, const sio::Packet& packet) {
    std::string auth;
    if (!packet.data.is_null()) json::append_raw(auth, packet.data);
    if (nsp == "/" || nsp == "/custom") return join(nsp, auth.empty() ? "{}" : auth);
    std::string out;
    if (nsp == "/refuse")
      sio::append_connect_error(out, protocol_, nsp, "refused", "{\"code\":\"refused\"}");
    else
      sio::append_invalid_namespace(out, nsp);
    socket_.send(OutMessage::text(out));
  }

  void join(const std::string& nsp, std::string_view auth) {
    sockets_.try_emplace(nsp);
    std::array<std::uint8_t, 15> id{};
    socket_.reactor().random().fill(id);
    const auto sid = base::base64url_encode({reinterpret_cast<const char*>(id.data()), id.size()});
    std::string out;
    sio::append_connect_reply(out, protocol_, nsp, sid);
    socket_.send(OutMessage::text(out));
    if (protocol_ == sio::Protocol::v5) emit(nsp, "auth", auth, {});
  }

  void event(const std::string& nsp, const sio::Packet& packet) {
    const std::string args = joined(packet.args);
    if (packet.name == "message") return emit(nsp, "message-back", args, packet.attachments);
    if (packet.name == "message-with-ack" && packet.ack_id)
      return acknowledge(nsp, *packet.ack_id, args, packet.attachments);
    if (packet.name == "emit-with-ack") return ask(nsp, args, packet.attachments);
    if (packet.name == "send-binary") {
      const std::array<std::string, 2> bytes{std::string{"\x01\x02\x03"}, std::string{"\x04"}};
      return emit(nsp,
                  "binary",
                  R"({"a":{"_placeholder":true,"num":0},"b":[{"_placeholder":true,"num":1}]})",
                  bytes);
    }
    if (packet.name == "leave") {
      sockets_.erase(nsp);
      std::string out;
      sio::append_disconnect(out, nsp);
      socket_.send(OutMessage::text(out));
      return;
    }
    if (packet.name == "close") socket_.close();
  }

  void answered(const std::string& nsp, const sio::Packet& packet) {
    if (!packet.ack_id) return;
    sockets_[nsp].resolve(*packet.ack_id, {packet.args, packet.attachments});
  }

  void ask(const std::string& nsp, std::string_view args, std::span<const std::string> bytes) {
    const auto deadline = socket_.reactor().clock().now() + ack_patience;
    const auto id = sockets_[nsp].add(deadline, [this, nsp](base::Result<sio::AckReply> reply) {
      if (reply.has_error()) return;
      emit(nsp, "message-back", joined(reply.value().args), reply.value().attachments);
    });
    if (id.has_error()) return;
    send("emit-with-ack", args, bytes, {nsp, id.value(), bytes.size()});
  }

  void emit(std::string_view nsp,
            std::string_view name,
            std::string_view args,
            std::span<const std::string> bytes) {
    send(name, args, bytes, {nsp, std::nullopt, bytes.size()});
  }

  void acknowledge(std::string_view nsp,
                   std::uint64_t id,
                   std::string_view args,
                   std::span<const std::string> bytes) {
    OutMessage::Builder text(OutMessage::Builder::Kind::text, args.size());
    sio::append_ack(text.buffer(), args, {nsp, id, bytes.size()});
    socket_.send(std::move(text).finish());
    for (const auto& attachment : bytes)
      socket_.send(OutMessage::binary(attachment));
  }

  void send(std::string_view name,
            std::string_view args,
            std::span<const std::string> bytes,
            const sio::Envelope& envelope) {
    OutMessage::Builder text(OutMessage::Builder::Kind::text, args.size());
    sio::append_event(text.buffer(), name, args, envelope);
    socket_.send(std::move(text).finish());
    for (const auto& attachment : bytes)
      socket_.send(OutMessage::binary(attachment));
  }

  front::EngineSocket& socket_;
  json::Parser& parser_;
  sio::Protocol protocol_;
  sio::Decoder decoder_;
  std::map<std::string, sio::PendingAcks> sockets_;  // of the namespaces joined
};

class EngineIoListener final : public front::EngineListener {
 public:
  explicit EngineIoListener(front::EngineSocket& socket) : socket_(socket) {}

  void on_text(std::string_view data) override { socket_.send(OutMessage::text(data)); }

  void on_binary(std::string_view data) override { socket_.send(OutMessage::binary(data)); }

  void on_drained() override {}

  void on_checkpoint(std::uint64_t /*n*/) override {}

  void on_proved(std::uint64_t /*n*/) override {}

  void on_closed(front::CloseReason /*reason*/) override {}

 private:
  front::EngineSocket& socket_;
};

}  // namespace

std::optional<base::Fault> SocketIoEcho::admit(const front::Handshake& /*handshake*/) {
  return std::nullopt;
}

std::unique_ptr<front::EngineListener> SocketIoEcho::open(front::EngineSocket& socket,
                                                          const front::Handshake& /*handshake*/) {
  return std::make_unique<SocketIoListener>(socket, parser_);
}

std::optional<base::Fault> EngineIoEcho::admit(const front::Handshake& /*handshake*/) {
  return std::nullopt;
}

std::unique_ptr<front::EngineListener> EngineIoEcho::open(front::EngineSocket& socket,
                                                          const front::Handshake& /*handshake*/) {
  return std::make_unique<EngineIoListener>(socket);
}

}  // namespace kith::echo
