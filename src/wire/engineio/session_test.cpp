#include "wire/engineio/session.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <deque>
#include <functional>

namespace kith::wire::engineio {
namespace {

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

constexpr SessionOptions options{25'000, 20'000, 10'000};

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
    ASSERT_TRUE(session.on_probe_opened(false, now));
    probe("2probe");
    if (session.transport() == TransportName::polling) probe("5");
    out.take();
  }

  base::Instant now{};
  Recorder out;
  Session session;
  std::string handshake;
};

// ---- opening

TEST(Session, the_handshake_is_answered_with_the_open_packet_alone) {
  EXPECT_EQ(World(Revision::v4).polling().handshake, "0{}");
  EXPECT_EQ(World(Revision::v3).polling().handshake, "3:0{}");
}

TEST(Session, over_a_websocket_the_open_packet_is_the_first_frame) {
  World w;
  w.session.open_websocket("{}", w.now);
  EXPECT_EQ(w.out.ws,
            "\x81\x03"
            "0{}");
  EXPECT_EQ(w.session.transport(), TransportName::websocket);
}

TEST(Session, an_idle_websocket_session_is_small) {
  EXPECT_LE(sizeof(Session), 96U);
}

// ---- polling

TEST(Session, a_poll_is_held_until_something_is_sent_and_takes_all_of_a_tick) {
  World w;
  w.polling();
  EXPECT_EQ(w.get("a"), "held");
  w.send("1");
  w.send("2");
  EXPECT_TRUE(w.out.take().empty());
  w.tick();
  EXPECT_EQ(w.out.take(),
            (Strings{"answer 41\x1e"
                     "42",
                     "checkpoint 1"}));
}

TEST(Session, what_was_queued_answers_the_next_poll_at_once) {
  World w;
  w.polling();
  w.send("1");
  EXPECT_FALSE(w.out.flush_wanted);
  EXPECT_EQ(w.get("a"), "41");
}

TEST(Session, binary_leaves_in_the_form_of_the_revision) {
  World four;
  four.polling();
  four.session.send(OutMessage::binary("\x01\x02"));
  EXPECT_EQ(four.get(), "bAQI=");
  World three(Revision::v3, true);
  three.polling();
  three.session.send(OutMessage::binary("\x01\x02"));
  EXPECT_EQ(three.get(), "6:b4AQI=");
  World octets(Revision::v3);
  octets.polling();
  octets.session.send(OutMessage::binary("\x01\x02"));
  const auto decision = octets.session.on_get("", octets.now);
  EXPECT_EQ(decision.answer.form, PayloadForm::octets);
  EXPECT_EQ(*decision.answer.body, (std::string{"\x01\x03\xff\x04\x01\x02"}));
}

TEST(Session, a_post_delivers_its_packets_in_order) {
  World w;
  w.polling();
  EXPECT_TRUE(
      w.post("4a\x1e"
             "bAQI=\x1e"
             "4b"));
  EXPECT_EQ(w.out.take(), (Strings{"text a", "binary \x01\x02", "text b"}));
}

TEST(Session, packets_that_mean_nothing_from_a_client_are_ignored) {
  World w;
  w.polling();
  EXPECT_TRUE(
      w.post("0{}\x1e"
             "5\x1e"
             "6\x1e"
             "3"));
  EXPECT_TRUE(w.out.take().empty());
  EXPECT_FALSE(w.session.closed());
}

TEST(Session, a_bad_packet_closes_after_those_before_it_and_the_post_is_still_ok) {
  World w;
  w.polling();
  EXPECT_EQ(w.get(), "held");
  EXPECT_TRUE(
      w.post("4a\x1e"
             "9\x1e"
             "4b"));
  EXPECT_EQ(w.out.take(), (Strings{"text a", "answer 1", "closed parse error", "gone"}));
}

TEST(Session, octets_in_revision_4_are_refused_and_close) {
  World w;
  w.polling();
  EXPECT_FALSE(w.post("4a", PayloadForm::octets));
  EXPECT_EQ(w.out.take(), (Strings{"closed transport error", "gone"}));
}

TEST(Session, two_gets_at_once_close_the_session_and_the_first_is_told) {
  World w;
  w.polling();
  EXPECT_EQ(w.get("a"), "held");
  w.send("1");
  EXPECT_EQ(w.get("b"), "refused");
  EXPECT_EQ(w.out.take(),
            (Strings{"answer 41\x1e"
                     "1",
                     "closed transport error",
                     "gone"}));
  EXPECT_EQ(w.get("c"), "refused");
}

TEST(Session, two_posts_at_once_close_the_session_and_the_first_is_dropped) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_post_begin());
  EXPECT_FALSE(w.session.on_post_begin());
  EXPECT_EQ(w.out.take(), (Strings{"drop post", "closed transport error", "gone"}));
  EXPECT_FALSE(w.session.on_post(PayloadForm::text, "4a", w.now));
  EXPECT_TRUE(w.out.take().empty());
}

TEST(Session, posts_one_after_the_other_are_fine) {
  World w;
  w.polling();
  EXPECT_TRUE(w.post("4a"));
  EXPECT_TRUE(w.post("4b"));
  EXPECT_EQ(w.out.take(), (Strings{"text a", "text b"}));
}

TEST(Session, aborting_a_held_get_closes) {
  World w;
  w.polling();
  w.session.on_get_aborted();
  EXPECT_TRUE(w.out.take().empty()) << "nothing was held";
  EXPECT_EQ(w.get(), "held");
  w.session.on_get_aborted();
  EXPECT_EQ(w.out.take(), (Strings{"closed transport error", "gone"}));
}

TEST(Session, aborting_a_post_closes) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_post_begin());
  w.session.on_post_aborted();
  EXPECT_EQ(w.out.take(), (Strings{"closed transport error", "gone"}));
}

// ---- proof of receipt over polling

TEST(Session, the_next_poll_proves_the_last_answer) {
  World w;
  w.polling();
  EXPECT_EQ(w.get("a"), "held");
  w.send("1");
  w.tick();
  EXPECT_EQ(w.out.take(), (Strings{"answer 41", "checkpoint 1"}));
  EXPECT_EQ(w.get("b"), "held");
  EXPECT_EQ(w.out.take(), (Strings{"proved 1"}));
}

TEST(Session, a_repeated_poll_gets_the_last_answer_again_and_proves_nothing) {
  World w;
  w.polling();
  w.send("1");
  EXPECT_EQ(w.get("a"), "41");
  w.out.take();
  w.send("2");
  EXPECT_EQ(w.get("a"), "41");
  EXPECT_EQ(w.get("a"), "41");
  EXPECT_TRUE(w.out.take().empty());
  EXPECT_EQ(w.get("b"), "42");
  EXPECT_EQ(w.out.take(), (Strings{"proved 1", "checkpoint 2"}));
}

TEST(Session, polls_without_t_are_never_repetitions) {
  World w;
  w.polling();
  w.send("1");
  EXPECT_EQ(w.get(), "41");
  EXPECT_EQ(w.get(), "held");
}

TEST(Session, a_giant_t_is_not_kept) {
  World w;
  w.polling();
  const std::string t(1000, 'x');
  w.send("1");
  EXPECT_EQ(w.get(t), "41");
  EXPECT_EQ(w.get(t), "held");
}

TEST(Session, bytes_wait_until_the_next_poll_takes_or_proves_them) {
  World w;
  w.polling();
  EXPECT_EQ(w.session.queued_bytes(), 0U);
  w.send("123");
  EXPECT_EQ(w.session.queued_bytes(), 4U);
  EXPECT_EQ(w.get("a"), "4123");
  EXPECT_EQ(w.session.queued_bytes(), 4U);
  EXPECT_EQ(w.get("b"), "held");
  EXPECT_EQ(w.session.queued_bytes(), 0U);
}

// ---- closing

TEST(Session, a_client_that_says_close_ends_its_poll_with_a_noop) {
  World w;
  w.polling();
  EXPECT_EQ(w.get(), "held");
  EXPECT_TRUE(
      w.post("4a\x1e"
             "1\x1e"
             "4b"));
  EXPECT_EQ(w.out.take(), (Strings{"text a", "answer 6", "closed transport close", "gone"}));
}

TEST(Session, a_client_of_revision_3_closes_the_same_way) {
  World w(Revision::v3);
  w.polling();
  EXPECT_EQ(w.get(), "held");
  EXPECT_TRUE(w.post("1:1"));
  EXPECT_EQ(w.out.take(), (Strings{"answer 1:6", "closed transport close", "gone"}));
}

TEST(Session, the_server_closes_the_open_poll_with_what_is_queued_and_a_close_packet) {
  World w;
  w.polling();
  EXPECT_EQ(w.get(), "held");
  w.send("bye");
  w.session.close(CloseReason::forced_close, w.now);
  EXPECT_EQ(w.out.take(),
            (Strings{"answer 4bye\x1e"
                     "1",
                     "closed forced close",
                     "gone"}));
  w.tick();
  w.send("x");
  w.session.close(CloseReason::forced_close, w.now);
  EXPECT_TRUE(w.out.take().empty());
}

TEST(Session, without_an_open_poll_a_closed_session_waits_for_one) {
  World w;
  w.polling();
  w.send("bye");
  w.session.close(CloseReason::forced_close, w.now);
  EXPECT_EQ(w.out.take(), (Strings{"closed forced close"}));
  EXPECT_TRUE(w.post("4late"));
  EXPECT_EQ(w.get("a"),
            "4bye\x1e"
            "1");
  EXPECT_EQ(w.out.take(), (Strings{"gone"}));
}

TEST(Session, a_closed_session_is_forgotten_after_30_seconds) {
  World w;
  w.polling();
  w.session.close(CloseReason::forced_close, w.now);
  w.out.take();
  w.pass(29'999);
  EXPECT_FALSE(w.session.gone());
  w.pass(1);
  EXPECT_EQ(w.out.take(), (Strings{"gone"}));
}

TEST(Session, closing_from_a_message_drops_the_packets_behind_it) {
  World w;
  w.polling();
  w.out.on_message = [&w] { w.session.close(CloseReason::forced_close, w.now); };
  EXPECT_TRUE(
      w.post("4a\x1e"
             "4b"));
  EXPECT_EQ(w.out.take(), (Strings{"text a", "closed forced close"}));
}

TEST(Session, sending_and_closing_from_a_checkpoint_is_safe) {
  World w;
  w.polling();
  w.send("1");
  w.out.on_number = [&w] {
    w.out.on_number = nullptr;
    w.send("2");
    w.session.close(CloseReason::forced_close, w.now);
  };
  EXPECT_EQ(w.get("a"), "41");
  EXPECT_EQ(w.get("b"),
            "42\x1e"
            "1");
  EXPECT_EQ(w.out.take(), (Strings{"checkpoint 1", "closed forced close", "gone"}));
}

// ---- heartbeat of revision 4

TEST(Session, the_first_ping_comes_after_one_interval_and_the_pong_proves) {
  World w;
  w.websocket();
  w.pass(24'999);
  EXPECT_TRUE(w.out.take().empty());
  w.pass(1);
  EXPECT_EQ(w.out.take(),
            (Strings{"ws< \x81\x01"
                     "2",
                     "checkpoint 1"}));
  w.pass(5'000);
  w.ws("3");
  EXPECT_EQ(w.out.take(), (Strings{"proved 1"}));
  w.pass(24'999);
  EXPECT_TRUE(w.out.take().empty());
  w.pass(1);
  EXPECT_EQ(w.out.take(),
            (Strings{"ws< \x81\x01"
                     "2",
                     "checkpoint 2"}));
}

TEST(Session, no_pong_within_the_timeout_closes) {
  World w;
  w.websocket();
  w.pass(44'999);
  EXPECT_EQ(w.out.closed, 0);
  w.out.take();
  w.pass(1);
  EXPECT_EQ(w.out.take(), (Strings{"close ws", "closed ping timeout", "gone"}));
}

TEST(Session, a_ping_completes_the_open_poll) {
  World w;
  w.polling();
  EXPECT_EQ(w.get("a"), "held");
  w.pass(25'000);
  EXPECT_EQ(w.out.take(), (Strings{"checkpoint 1", "answer 2", "checkpoint 2"}));
  EXPECT_EQ(w.get("b"), "held");
  EXPECT_TRUE(w.post("3"));
  EXPECT_EQ(w.out.take(), (Strings{"proved 2", "proved 1"}));
}

TEST(Session, a_session_that_is_never_polled_dies) {
  World w;
  w.polling();
  w.pass(45'000);
  EXPECT_EQ(w.out.take(), (Strings{"checkpoint 1", "closed ping timeout", "gone"}));
}

TEST(Session, unsolicited_pongs_change_nothing) {
  World w;
  w.websocket();
  const auto before = w.session.next_deadline();
  w.pass(1'000);
  for (int i = 0; i < 100; ++i)
    w.ws("3");
  EXPECT_EQ(w.session.next_deadline(), before);
  EXPECT_TRUE(w.out.take().empty());
}

TEST(Session, heartbeats_in_the_wrong_direction_close) {
  World four;
  four.websocket();
  four.ws("2");
  EXPECT_EQ(four.out.take(), (Strings{"close ws", "closed transport error", "gone"}));
  World three(Revision::v3);
  three.polling();
  EXPECT_TRUE(three.post("1:3"));
  EXPECT_EQ(three.out.take(), (Strings{"closed transport error", "gone"}));
}

TEST(Session, an_early_ping_is_sent_once_and_moves_the_next_one) {
  World w;
  w.websocket();
  w.pass(1'000);
  EXPECT_TRUE(w.session.ping_now(w.now));
  EXPECT_FALSE(w.session.ping_now(w.now)) << "one is in flight";
  EXPECT_EQ(w.out.take(),
            (Strings{"ws< \x81\x01"
                     "2",
                     "checkpoint 1"}));
  w.ws("3");
  EXPECT_EQ(w.out.take(), (Strings{"proved 1"}));
  w.pass(24'999);
  EXPECT_TRUE(w.out.take().empty());
}

TEST(Session, a_polling_session_needs_no_early_ping) {
  World w;
  w.polling();
  EXPECT_FALSE(w.session.ping_now(w.now));
}

// ---- heartbeat of revision 3

TEST(Session, a_client_of_revision_3_pings_and_is_answered) {
  World w(Revision::v3);
  w.polling();
  EXPECT_EQ(w.get(), "held");
  EXPECT_TRUE(w.post("6:2probe"));
  w.tick();
  EXPECT_EQ(w.out.take(), (Strings{"answer 1:3", "checkpoint 1"}));
}

TEST(Session, a_flood_of_pings_queues_one_pong) {
  World w(Revision::v3);
  w.polling();
  for (int i = 0; i < 1000; ++i)
    EXPECT_TRUE(w.post("1:2"));
  EXPECT_EQ(w.get(), "1:3");
  EXPECT_TRUE(w.post("1:2"));
  EXPECT_EQ(w.get(), "1:3");
}

TEST(Session, a_client_of_revision_3_that_does_not_ping_dies) {
  World w(Revision::v3);
  w.polling();
  w.pass(44'000);
  EXPECT_TRUE(w.post("1:2"));
  w.pass(44'999);
  EXPECT_EQ(w.out.closed, 0);
  w.pass(1);
  EXPECT_EQ(w.out.lines.back(), "gone");
  EXPECT_EQ(w.out.closed, 1);
}

TEST(Session, revision_3_proves_by_websocket_pings_at_the_same_interval) {
  World w(Revision::v3);
  w.websocket();
  w.pass(25'000);
  ASSERT_EQ(w.out.lines.size(), 2U);
  EXPECT_EQ(w.out.lines[1], "checkpoint 1");
  ASSERT_EQ(w.out.ws.substr(5, 2), "\x89\x08");  // behind the open packet
  const std::string token = w.out.ws.substr(7);
  w.out.take();
  w.session.on_websocket_pong(Lane::transport, "other");
  EXPECT_TRUE(w.out.take().empty());
  w.session.on_websocket_pong(Lane::transport, token);
  w.session.on_websocket_pong(Lane::transport, token);
  EXPECT_EQ(w.out.take(), (Strings{"proved 1"}));
  w.ws("2");
  w.out.take();
  EXPECT_TRUE(w.session.ping_now(w.now));
  EXPECT_FALSE(w.session.ping_now(w.now));
  EXPECT_EQ(w.out.lines.back(), "checkpoint 2");
}

TEST(Session, an_unanswered_websocket_ping_is_not_repeated) {
  World w(Revision::v3);
  w.websocket();
  for (int i = 0; i < 5; ++i) {
    w.pass(20'000);
    w.ws("2");
  }
  int checkpoints = 0;
  for (const auto& line : w.out.lines)
    checkpoints += line.starts_with("checkpoint") ? 1 : 0;
  EXPECT_EQ(checkpoints, 1);
  EXPECT_FALSE(w.session.closed());
}

// ---- WebSocket

TEST(Session, websocket_messages_are_one_frame_each) {
  World w;
  w.websocket();
  w.send("a");
  w.session.send(OutMessage::binary("\x01"));
  EXPECT_EQ(w.out.take(),
            (Strings{"ws< \x81\x02"
                     "4a",
                     "ws< \x82\x01\x01"}));
  w.ws("4hello");
  w.session.on_websocket_binary(Lane::transport, "\x04x", w.now);
  EXPECT_EQ(w.out.take(), (Strings{"text hello", "binary \x04x"}));
  EXPECT_EQ(w.session.queued_bytes(), 0U);
}

TEST(Session, binary_of_revision_3_has_its_type_byte) {
  World w(Revision::v3);
  w.websocket();
  w.session.send(OutMessage::binary("\x01"));
  EXPECT_EQ(w.out.ws.substr(5), "\x82\x02\x04\x01");
  w.out.ws.clear();
  w.session.send(OutMessage::binary(""));
  EXPECT_EQ(w.out.ws, "\x82\x01\x04");
  w.out.take();
  w.session.on_websocket_binary(Lane::transport, "\x04x", w.now);
  EXPECT_EQ(w.out.take(), (Strings{"binary x"}));
  w.session.on_websocket_binary(Lane::transport, "x", w.now);
  EXPECT_EQ(w.out.take(), (Strings{"close ws", "closed parse error", "gone"}));
}

TEST(Session, a_revision_3_client_without_binary_gets_base64_frames) {
  World w(Revision::v3, true);
  w.websocket();
  w.session.send(OutMessage::binary("\x01\x02"));
  EXPECT_EQ(w.out.take(),
            (Strings{"ws< \x81\x06"
                     "b4AQI="}));
}

TEST(Session, close_over_a_websocket_closes) {
  World w;
  w.websocket();
  w.ws("1");
  EXPECT_EQ(w.out.take(), (Strings{"close ws", "closed transport close", "gone"}));
}

TEST(Session, a_bad_packet_over_a_websocket_closes) {
  World w;
  w.websocket();
  w.ws("");
  EXPECT_EQ(w.out.take(), (Strings{"close ws", "closed parse error", "gone"}));
  w.ws("4late");
  EXPECT_TRUE(w.out.take().empty());
}

TEST(Session, a_websocket_that_closes_ends_the_session) {
  World w;
  w.websocket();
  w.session.on_websocket_closed(Lane::transport);
  EXPECT_EQ(w.out.take(), (Strings{"closed transport close", "gone"}));
}

TEST(Session, a_websocket_session_refuses_polls) {
  World w;
  w.websocket();
  EXPECT_EQ(w.get(), "refused");
  EXPECT_FALSE(w.post("4a"));
  EXPECT_FALSE(w.session.closed());
}

// ---- upgrade

TEST(Upgrade, the_whole_sequence_flushes_the_queue_once_and_in_order) {
  World w;
  w.polling();
  EXPECT_EQ(w.get("a"), "held");
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("2probe");
  EXPECT_EQ(w.out.take(),
            (Strings{"probe< \x81\x06"
                     "3probe",
                     "answer 6"}));
  w.send("1");
  w.session.send(OutMessage::binary("\x02"));
  EXPECT_TRUE(w.out.take().empty());
  w.probe("5");
  EXPECT_EQ(w.out.take(),
            (Strings{"adopt",
                     "ws< \x81\x02"
                     "41",
                     "ws< \x82\x01\x02"}));
  EXPECT_EQ(w.session.transport(), TransportName::websocket);
  w.send("2");
  EXPECT_EQ(w.out.take(),
            (Strings{"ws< \x81\x02"
                     "42"}));
  EXPECT_EQ(w.get("b"), "refused");
}

TEST(Upgrade, of_revision_3_releases_the_poll_with_a_text_noop) {
  World w(Revision::v3);
  w.polling();
  EXPECT_EQ(w.get(), "held");
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("2probe");
  EXPECT_EQ(w.out.take(),
            (Strings{"probe< \x81\x06"
                     "3probe",
                     "answer 1:6"}));
}

TEST(Upgrade, every_poll_that_comes_while_upgrading_is_released) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  EXPECT_EQ(w.get("a"), "held") << "not before the 3probe";
  w.probe("2probe");
  w.out.take();
  for (const auto* t : {"b", "c", "d"}) {
    EXPECT_EQ(w.get(t), "held");
    w.pass(99);
    EXPECT_TRUE(w.out.take().empty());
    w.pass(1);
    EXPECT_EQ(w.out.take(), (Strings{"answer 6"}));
  }
}

TEST(Upgrade, a_poll_that_comes_just_after_the_probe_is_released_at_once) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("2probe");
  EXPECT_EQ(w.get("a"), "6");
}

TEST(Upgrade, an_event_completes_the_open_poll_instead_of_the_noop) {
  World w;
  w.polling();
  EXPECT_EQ(w.get("a"), "held");
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.send("1");
  w.probe("2probe");
  w.tick();
  EXPECT_EQ(w.out.take(),
            (Strings{"probe< \x81\x06"
                     "3probe",
                     "answer 41",
                     "checkpoint 1"}));
}

TEST(Upgrade, posts_are_still_processed) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("2probe");
  w.out.take();
  EXPECT_TRUE(w.post("4a"));
  EXPECT_EQ(w.out.take(), (Strings{"text a"}));
}

TEST(Upgrade, a_post_that_ends_after_the_switch_is_refused_without_harm) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_post_begin());
  w.upgrade();
  EXPECT_FALSE(w.session.on_post(PayloadForm::text, "4a", w.now));
  w.session.on_post_aborted();
  EXPECT_TRUE(w.out.take().empty());
  EXPECT_FALSE(w.session.closed());
}

TEST(Upgrade, a_poll_left_open_is_ended_before_the_queue_is_flushed) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("2probe");
  w.out.take();
  EXPECT_EQ(w.get("a"), "6");
  EXPECT_EQ(w.get("b"), "held");
  w.send("1");
  w.probe("5");
  EXPECT_EQ(w.out.take(),
            (Strings{"answer 1",
                     "adopt",
                     "ws< \x81\x02"
                     "41"}));
  w.session.flush();
  EXPECT_TRUE(w.out.take().empty());
}

TEST(Upgrade, a_5_without_probe_is_accepted) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("5");
  EXPECT_EQ(w.out.take(), (Strings{"adopt"}));
}

TEST(Upgrade, anything_but_a_probe_closes_that_socket_and_leaves_the_session) {
  for (const auto* text : {"2", "2prob", "4hello", "3probe", "", "9", "6"}) {
    World w;
    w.polling();
    EXPECT_EQ(w.get(), "held");
    EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
    w.probe(text);
    EXPECT_EQ(w.out.take(), (Strings{"close probe"})) << text;
    EXPECT_TRUE(w.session.on_probe_opened(false, w.now)) << "a later attempt is allowed";
    w.session.on_websocket_binary(Lane::probe, "x", w.now);
    EXPECT_EQ(w.out.take(), (Strings{"close probe"}));
    w.send("1");
    w.tick();
    EXPECT_EQ(w.out.take(), (Strings{"answer 41", "checkpoint 1"}));
  }
}

TEST(Upgrade, a_probe_that_closes_leaves_the_session) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("2probe");
  w.session.on_websocket_closed(Lane::probe);
  w.out.take();
  EXPECT_EQ(w.get("a"), "held");
  w.pass(1'000);
  EXPECT_TRUE(w.out.take().empty()) << "no more noops";
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
}

TEST(Upgrade, a_probe_has_ten_seconds) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("2probe");
  w.out.take();
  w.pass(9'999);
  EXPECT_TRUE(w.out.take().empty());
  w.pass(1);
  EXPECT_EQ(w.out.take(), (Strings{"close probe"}));
  EXPECT_FALSE(w.session.closed());
}

TEST(Upgrade, an_abandoned_probe_does_not_keep_the_session_alive) {
  World w;
  w.polling();
  for (int i = 0; i < 9; ++i) {
    (void)w.session.on_probe_opened(false, w.now);
    w.probe("2probe");
    w.pass(5'000);
  }
  EXPECT_EQ(w.out.closed, 1);
  EXPECT_EQ(w.out.lines.back(), "gone");
}

TEST(Upgrade, a_second_websocket_is_refused_without_harm) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  EXPECT_FALSE(w.session.on_probe_opened(false, w.now));
  w.probe("2probe");
  w.probe("5");
  EXPECT_FALSE(w.session.on_probe_opened(false, w.now));
  EXPECT_FALSE(w.session.closed());
}

TEST(Upgrade, a_session_that_closes_closes_its_probe) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.session.close(CloseReason::forced_close, w.now);
  EXPECT_EQ(w.out.take(), (Strings{"close probe", "closed forced close"}));
  w.probe("5");
  EXPECT_TRUE(w.out.take().empty());
  EXPECT_FALSE(w.session.on_probe_opened(false, w.now));
}

TEST(Upgrade, a_ping_may_wait_for_the_websocket_and_is_proved_there) {
  World w;
  w.polling();
  w.pass(24'000);
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("2probe");
  w.pass(1'000);
  EXPECT_EQ(w.out.take(),
            (Strings{"probe< \x81\x06"
                     "3probe",
                     "checkpoint 1"}));
  w.probe("5");
  EXPECT_EQ(w.out.take(),
            (Strings{"adopt",
                     "ws< \x81\x01"
                     "2"}));
  w.ws("3");
  EXPECT_EQ(w.out.take(), (Strings{"proved 1"}));
}

TEST(Upgrade, base64_is_decided_anew_by_the_websockets_own_url) {
  World w(Revision::v3, true);
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("5");
  w.out.take();
  w.session.send(OutMessage::binary("\x01"));
  EXPECT_EQ(w.out.ws, "\x82\x02\x04\x01");
}

// ---- any order of inputs

TEST(Session, any_order_of_inputs_keeps_its_promises) {
  EXPECT_TRUE(rc::check("hostile order", [](bool v3, const std::vector<std::uint8_t>& steps) {
    World w(v3 ? Revision::v3 : Revision::v4);
    w.polling();
    int posts = 0;
    for (const auto step : steps) {
      switch (step % 18) {
        case 0:
          w.get(std::string(1, static_cast<char>('a' + step % 7)));
          break;
        case 1:
          w.get();
          break;
        case 2:
          w.post(v3 ? "2:4a" : "4a");
          break;
        case 3:
          posts += w.session.on_post_begin() ? 1 : 0;
          break;
        case 4:
          w.session.on_post_aborted();
          break;
        case 5:
          (void)w.session.on_probe_opened(false, w.now);
          break;
        case 6:
          w.probe("2probe");
          break;
        case 7:
          w.probe("5");
          break;
        case 8:
          w.session.on_websocket_closed(Lane::probe);
          break;
        case 9:
          w.send("x");
          break;
        case 10:
          w.session.send(OutMessage::binary("y"));
          break;
        case 11:
          w.tick();
          break;
        case 12:
          w.pass(step * 40);
          break;
        case 13:
          w.ws(v3 ? "2" : "3");
          break;
        case 14:
          w.ws("4m");
          break;
        case 15:
          w.session.ping_now(w.now);
          break;
        case 16:
          if (step > 200) w.session.close(CloseReason::forced_close, w.now);
          break;
        default:
          if (step > 200) w.session.on_get_aborted();
          break;
      }
      RC_ASSERT(w.out.closed <= 1);
      RC_ASSERT(w.out.gone <= w.out.closed);
      RC_ASSERT(w.session.closed() == (w.out.closed == 1));
    }
    w.pass(200'000);  // v3 does not ping, v4 does not pong: it must end
    RC_ASSERT(w.out.closed == 1);
    RC_ASSERT(w.out.gone == 1);
  }));
}

}  // namespace
}  // namespace kith::wire::engineio
