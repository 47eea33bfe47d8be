#pragma once

#include "base/assert.hpp"
#include "wire/engineio/session.hpp"

#include <functional>
#include <string>
#include <vector>

// For the tests of the session machine: what it says becomes lines, and time passes by hand.
namespace kith::wire::engineio::testing {
using Strings = std::vector<std::string>;
using Kind = Session::PollDecision::Kind;

// Records what a session says, as a line each.
class Recorder final : public SessionOutput {
 public:
  void answer_held_poll(const PollAnswer& answer) override { add("answer " + *answer.body); }

  void drop_open_post() override { add("drop post"); }

  void write(Lane lane, std::string bytes) override { written(lane, bytes); }

  void write(Lane lane,
             const base::SharedBytes& bytes,
             std::size_t offset,
             std::size_t length) override {
    written(lane, std::string_view{*bytes}.substr(offset, length));
  }

  void adopt_probe() override {
    add("adopt");
    ws = std::exchange(probe_ws, {});
  }

  void close_websocket(Lane lane, CloseReason) override {
    add(lane == Lane::probe ? "close probe" : "close ws");
  }

  void want_flush() override { flush_wanted = true; }

  void on_text(std::string_view data) override {
    add("text " + std::string{data});
    if (on_message) on_message();
  }

  void on_binary(std::string_view data) override { add("binary " + std::string{data}); }

  void on_checkpoint(std::uint64_t n) override {
    add("checkpoint " + std::to_string(n));
    if (on_number) on_number();
  }

  void on_proved(std::uint64_t n) override { add("proved " + std::to_string(n)); }

  void on_closed(CloseReason reason) override {
    add("closed " + std::string{to_text(reason)});
    ++closed;
  }

  void on_gone() override {
    add("gone");
    ++gone;
  }

  Strings take() { return std::exchange(lines, {}); }

  Strings lines;
  std::string ws;        // bytes written to the transport
  std::string probe_ws;  // and to the probe
  bool flush_wanted = false;
  int closed = 0;
  int gone = 0;
  std::function<void()> on_message;
  std::function<void()> on_number;

 private:
  void add(std::string line) { lines.push_back(std::move(line)); }

  void written(Lane lane, std::string_view bytes) {
    (lane == Lane::probe ? probe_ws : ws).append(bytes);
    add(std::string{lane == Lane::probe ? "probe< " : "ws< "}.append(bytes));
  }
};

inline constexpr SessionOptions options{25'000, 20'000, 10'000};

struct World {
  explicit World(Revision revision = Revision::v4, bool base64_only = false)
      : session(out, options, revision, base64_only) {}

  World& polling() {
    handshake = *session.open_polling("{}", now).body;
    return *this;
  }

  World& websocket() {
    session.open_websocket("{}", now);
    out.take();
    return *this;
  }

  // A GET; its answer, or "held" or "refused".
  std::string get(std::string_view t = {}) {
    const auto decision = session.on_get(t, now);
    if (decision.kind == Kind::hold) return "held";
    if (decision.kind == Kind::refuse) return "refused";
    return *decision.answer.body;
  }

  bool post(std::string_view body, PayloadForm form = PayloadForm::text) {
    return session.on_post_begin() && session.on_post(form, body, now);
  }

  void probe(std::string_view text) { session.on_websocket_text(Lane::probe, text, now); }

  void ws(std::string_view text) { session.on_websocket_text(Lane::transport, text, now); }

  void send(std::string_view text) { session.send(OutMessage::text(text)); }

  void tick() {
    if (std::exchange(out.flush_wanted, false)) session.flush();
  }

  // Lets time pass, deadline by deadline.
  void pass(std::int64_t ms) {
    const base::Instant end = now + std::chrono::milliseconds{ms};
    while (session.next_deadline() <= end) {
      now = session.next_deadline();
      session.on_deadline(now);
      tick();
    }
    now = end;
  }

  void upgrade() {
    KITH_ASSERT(session.on_probe_opened(false, now));
    probe("2probe");
    if (session.transport() == TransportName::polling) probe("5");
    out.take();
  }

  base::Instant now{};
  Recorder out;
  Session session;
  std::string handshake;
};

}  // namespace kith::wire::engineio::testing
