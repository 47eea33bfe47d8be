#pragma once

#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "fuzz/cuts.hpp"
#include "wire/engineio/session.hpp"

#include <string>
#include <string_view>
#include <vector>

// What both revisions of Engine.IO promise about any body, frame and order of requests.
namespace kith::fuzz {

namespace engineio = wire::engineio;

// Reads a body; what is a message is encoded again and read back.
inline void check_payload(engineio::Revision revision,
                          engineio::PayloadForm form,
                          std::string_view body) {
  engineio::PayloadReader reader(revision, form, body);
  std::vector<engineio::OutMessage> messages;
  std::vector<std::string> expected;
  std::size_t packets = 0;
  while (const auto packet = reader.next()) {
    require(++packets <= base::limits::payload_packets_max, "the packets of a body are bounded");
    require(packet->binary || base::is_utf8(packet->data), "text is UTF-8");
    if (packet->type != engineio::PacketType::message) continue;
    // The record separator can not stand in the text of a payload of revision 4, and JSON never has
    // it.
    if (packet->data.find('\x1e') != std::string_view::npos && !packet->binary) continue;
    messages.push_back(packet->binary ? engineio::OutMessage::binary(packet->data)
                                      : engineio::OutMessage::text(packet->data));
    expected.emplace_back(packet->data);
  }
  if (messages.empty()) return;
  for (const bool base64_only : {false, true}) {
    const auto payload = engineio::encode_payload(revision, base64_only, messages);
    engineio::PayloadReader again(revision, payload.form, payload.body);
    for (const auto& data : expected) {
      const auto packet = again.next();
      require(packet && packet->data == data, "what was encoded is read back");
    }
    require(!again.next() && !again.failed(), "and nothing else");
  }
}

// Counts what a session says, and checks that it keeps to its contract.
class Judge final : public engineio::SessionOutput {
 public:
  void answer_held_poll(const engineio::PollAnswer& answer) override {
    require(held, "only a held poll is answered");
    require(!answer.body->empty(), "no poll is answered with nothing");
    held = false;
  }

  void drop_open_post() override { require(!gone, "a session that is gone asks for nothing"); }

  void write(engineio::Lane lane, std::string bytes) override {
    require(has(lane) && !bytes.empty(), "frames go to a WebSocket that is there");
  }

  void write(engineio::Lane lane,
             const base::SharedBytes& bytes,
             std::size_t at,
             std::size_t n) override {
    require(has(lane) && n > 0 && at + n <= bytes->size(), "frames are within their bytes");
  }

  void adopt_probe() override {
    require(probe && !transport, "a probe becomes the transport once");
    transport = true;
    probe = false;
  }

  void close_websocket(engineio::Lane lane, engineio::CloseReason) override {
    require(has(lane), "a WebSocket that is there is closed");
    (lane == engineio::Lane::probe ? probe : transport) = false;
  }

  void want_flush() override { flush_wanted = true; }

  void on_text(std::string_view data) override {
    require(!closed && base::is_utf8(data), "text is UTF-8, and comes before the end");
  }

  void on_binary(std::string_view) override { require(!closed, "nothing comes after the end"); }

  void on_checkpoint(std::uint64_t n) override {
    require(n > checkpoint, "checkpoints rise");
    checkpoint = n;
  }

  void on_proved(std::uint64_t n) override {
    require(n > 0 && n <= checkpoint, "only what was numbered is proved");
  }

  void on_closed(engineio::CloseReason) override {
    require(!closed, "a session closes once");
    closed = true;
  }

  void on_gone() override {
    require(closed && !gone, "a session goes once, after it closed");
    gone = true;
  }

  bool has(engineio::Lane lane) const { return lane == engineio::Lane::probe ? probe : transport; }

  std::uint64_t checkpoint = 0;
  bool held = false;
  bool probe = false;
  bool transport = false;
  bool flush_wanted = false;
  bool closed = false;
  bool gone = false;
};

// The input as a life of a session: the first byte of each piece says what the rest is.
inline void live(engineio::Revision revision, std::string_view bytes) {
  constexpr engineio::SessionOptions options{};
  Judge judge;
  engineio::Session session(judge, options, revision, bytes.size() % 2 == 1);
  base::Instant now{};
  (void)session.open_polling("{}", now);
  bool post_open = false;
  for (Cuts cuts(bytes, 40); !cuts.done();) {
    std::string_view rest = cuts.next();
    const auto what = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    switch (what % 16) {
      case 0:
      case 1: {
        const auto decision = session.on_get(rest.substr(0, 2), now);
        judge.held = judge.held || decision.kind == engineio::Session::PollDecision::Kind::hold;
        break;
      }
      case 2:
      case 3:
        if (session.on_post_begin()) (void)session.on_post(engineio::PayloadForm::text, rest, now);
        break;
      case 4:
        if (session.on_post_begin())
          (void)session.on_post(engineio::PayloadForm::octets, rest, now);
        break;
      case 5:
        post_open = session.on_post_begin();
        break;
      case 6:
        if (post_open) session.on_post_aborted();
        post_open = false;
        break;
      case 7:
        if (!judge.probe && session.on_probe_opened(false, now)) judge.probe = true;
        break;
      case 8:
        session.on_websocket_text(engineio::Lane::probe, "2probe", now);
        break;
      case 9:
        session.on_websocket_text(engineio::Lane::probe, "5", now);
        break;
      case 10:
        if (base::is_utf8(rest)) session.on_websocket_text(engineio::Lane::transport, rest, now);
        break;
      case 11:
        session.on_websocket_binary(engineio::Lane::transport, rest, now);
        break;
      case 12:
        session.send(engineio::OutMessage::binary(rest));
        break;
      case 13:
        now = now + std::chrono::milliseconds{what * 20};
        while (session.next_deadline() <= now)
          session.on_deadline(now);
        break;
      case 14:
        if (what > 200) session.close(engineio::CloseReason::forced_close, now);
        (void)session.ping_now(now);
        break;
      default:
        if (std::exchange(judge.flush_wanted, false)) session.flush();
        break;
    }
  }
  while (!judge.gone) {
    now = session.next_deadline();
    session.on_deadline(now);
  }
}

inline void check_engineio(engineio::Revision revision, std::string_view bytes) {
  check_payload(revision, engineio::PayloadForm::text, bytes);
  check_payload(revision, engineio::PayloadForm::octets, bytes);
  live(revision, bytes);
}

}  // namespace kith::fuzz
