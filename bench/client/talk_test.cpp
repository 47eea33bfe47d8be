#include "client/talk.hpp"

#include "client/drive.hpp"
#include "client/history.hpp"

#include <gtest/gtest.h>

namespace kith::bench {
namespace {

struct Silent final : Listener {
  std::string auth(const Connection&) override { return "{}"; }

  void on_ready(Connection&, std::int64_t) override {}

  void on_event(Connection&, const Packet&, std::int64_t) override {}

  void on_ack(Connection&, const Packet&, std::int64_t) override {}

  void on_attachment(Connection&, std::string_view, std::string_view, std::int64_t) override {}

  void on_closed(Connection&, std::string_view) override {}
};

// Two users who count as connected; what they send stays in their buffers and is never on a wire.
class TalkTest : public testing::Test {
 protected:
  TalkTest() {
    options_.servers.push_back({"127.0.0.1", 1});
    EXPECT_TRUE(loop_.create(2, 0));
    for (const std::uint32_t user : {0U, 1U})
      loop_.at(user).state = Connection::State::ready;
  }

  // What user 0 has sent, unmasked, as the texts of its frames.
  std::vector<std::string> sent() {
    std::vector<std::string> texts;
    Connection& connection = loop_.at(0);
    for (std::string_view left = connection.out; left.size() > 8;) {
      const std::size_t length =
          static_cast<std::uint8_t>(left[2]) << 8 | static_cast<std::uint8_t>(left[3]);
      std::string text{left.substr(8, length)};
      for (std::size_t i = 0; i < text.size(); ++i)
        text[i] = static_cast<char>(text[i] ^ left[4 + i % 4]);
      texts.push_back(std::move(text));
      left.remove_prefix(8 + length);
    }
    return texts;
  }

  void answer(std::uint32_t id, std::string_view body) {
    const auto asked = loop_.at(0).pending.take(id);
    ASSERT_TRUE(asked);
    Packet packet;
    packet.body = body;
    EXPECT_TRUE(talk_.on_ack(*asked, packet, 200));
  }

  std::optional<std::uint32_t> deliver(const std::string& sent_text) {
    return talk_.on_message(loop_.at(1), sent_text, 300);
  }

  Options options_;
  Conductor conductor_{options_, 1};
  bench::Run run_{options_, conductor_, Marker(5), "00000005", 0, 1};
  Silent listener_;
  Tally tally_;
  Loop loop_{options_with_server(), listener_};
  Talk talk_{run_, loop_, tally_};
  std::uint32_t stream_ =
      talk_.add_stream(talk_.add_conversation(Audience::range(0, 2)), 0, "\"to\":\"u1\"");

 private:
  const Options& options_with_server() {
    if (options_.servers.empty()) options_.servers.push_back({"127.0.0.1", 1});
    return options_;
  }
};

TEST_F(TalkTest, a_message_names_whom_it_is_for_and_can_be_told_from_all_others) {
  EXPECT_TRUE(talk_.send(stream_, 100));
  EXPECT_TRUE(talk_.send(stream_, 101));
  const auto texts = sent();
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_EQ(texts[0].find(
                R"(420["message.send",{"to":"u1","client_id":"00000005-0-0","text":"~kb00000005)"),
            0U);
  EXPECT_EQ(texts[1].find(R"(421["message.send",{"to":"u1","client_id":"00000005-0-1","text":")"),
            0U);
}

TEST_F(TalkTest, a_message_is_in_flight_until_it_is_acked_and_delivered) {
  talk_.send(stream_, 100);
  EXPECT_EQ(talk_.in_flight(stream_), 1U);
  answer(0, R"([{"ok":true,"data":{}}])");
  EXPECT_EQ(talk_.in_flight(stream_), 1U);
  EXPECT_EQ(deliver(sent().front()), stream_);
  EXPECT_EQ(talk_.in_flight(stream_), 0U);
  EXPECT_TRUE(talk_.settled());
}

TEST_F(TalkTest, times_count_from_when_it_was_due_and_only_while_measuring) {
  talk_.send(stream_, 100);
  answer(0, R"([{"data":{},"ok":true}])");
  EXPECT_EQ(tally_.ack.count(), 0U);
  tally_.measuring = true;
  talk_.send(stream_, 100);
  answer(1, R"([{"ok":true}])");
  deliver(sent()[0]);
  deliver(sent()[1]);
  EXPECT_DOUBLE_EQ(tally_.ack.max_ms(), 100e-6);
  EXPECT_DOUBLE_EQ(tally_.delivery.max_ms(), 200e-6);
  EXPECT_EQ(tally_.delivered, 2U);
}

TEST_F(TalkTest, a_refusal_is_counted_by_its_code_and_is_not_missed) {
  talk_.send(stream_, 100);
  answer(0, R"([{"ok":false,"error":{"code":"overloaded","message":"x"}}])");
  EXPECT_EQ(tally_.errors["overloaded"], 1U);
  EXPECT_EQ(talk_.in_flight(stream_), 0U);
  talk_.judge();
  EXPECT_EQ(tally_.sums.refused, 1U);
  EXPECT_EQ(tally_.sums.lost, 0U);
}

TEST_F(TalkTest, a_message_that_is_swallowed_is_lost_and_one_without_answer_is_unanswered) {
  talk_.send(stream_, 100);
  talk_.send(stream_, 100);
  answer(0, R"([{"ok":true}])");
  talk_.judge();
  EXPECT_EQ(tally_.sums.lost, 1U);
  EXPECT_EQ(tally_.sums.unanswered, 1U);
}

TEST_F(TalkTest, a_message_that_comes_twice_is_no_second_delivery) {
  talk_.send(stream_, 100);
  EXPECT_TRUE(deliver(sent().front()));
  EXPECT_FALSE(deliver(sent().front()));
  talk_.judge();
  EXPECT_EQ(tally_.sums.duplicated, 1U);
}

TEST_F(TalkTest, messages_of_others_are_not_looked_at) {
  EXPECT_FALSE(deliver(R"({"cid":"c_1","text":"hello"})"));
  talk_.judge();
  EXPECT_EQ(tally_.sums.strange, 0U);
}

TEST_F(TalkTest, after_a_reconnect_what_has_no_answer_is_sent_again_as_it_was) {
  talk_.send(stream_, 100);
  talk_.send(stream_, 101);
  answer(0, R"([{"ok":true}])");
  const std::string open = sent()[1];
  loop_.at(0).out.clear();
  talk_.send_open_again(loop_.at(0));
  ASSERT_EQ(sent().size(), 1U);
  EXPECT_EQ(sent()[0].substr(sent()[0].find('[')), open.substr(open.find('[')));
  EXPECT_EQ(talk_.sent(), 2U);
}

TEST_F(TalkTest, who_is_not_connected_sends_nothing) {
  loop_.at(0).state = Connection::State::closed;
  EXPECT_FALSE(talk_.send(stream_, 100));
  EXPECT_EQ(talk_.sent(), 0U);
}

TEST_F(TalkTest, what_is_due_while_the_sender_waits_keeps_its_time) {
  options_.rate = 1'000'000;
  Drive drive(talk_, tally_, options_);
  drive.add(stream_);
  drive.start(now_ns() - 1'000'000, 1);
  while (talk_.sent() < Drive::open_loop_window)
    drive.turn();
  drive.turn();
  EXPECT_EQ(talk_.sent(), Drive::open_loop_window);
  tally_.measuring = true;
  const std::string first = sent().front();
  answer(0, R"([{"ok":true}])");
  deliver(first);
  drive.credit(stream_);
  EXPECT_EQ(talk_.sent(), Drive::open_loop_window + 1);
  drive.stop();
  EXPECT_GT(tally_.not_sent, 0U);
}

TEST_F(TalkTest, a_closed_loop_keeps_its_window_full) {
  options_.window = 3;
  Drive drive(talk_, tally_, options_);
  drive.add(stream_);
  drive.start(0, 1);
  EXPECT_EQ(talk_.sent(), 3U);
  answer(0, R"([{"ok":true}])");
  drive.credit(stream_);
  EXPECT_EQ(talk_.sent(), 3U);
  deliver(sent().front());
  drive.credit(stream_);
  EXPECT_EQ(talk_.sent(), 4U);
  drive.stop();
  drive.credit(stream_);
  EXPECT_EQ(talk_.sent(), 4U);
}

TEST_F(TalkTest, who_was_refused_holds_still_and_then_goes_on) {
  constexpr std::int64_t hour_ns = 3'600'000'000'000;
  options_.window = 1;
  Drive drive(talk_, tally_, options_);
  drive.add(stream_);
  drive.start(0, 1);
  answer(0, R"([{"ok":false,"error":{"code":"rate_limited"}}])");
  drive.refused(stream_, now_ns() - hour_ns);
  drive.turn();
  EXPECT_EQ(talk_.sent(), 2U);
  answer(1, R"([{"ok":false,"error":{"code":"rate_limited"}}])");
  drive.refused(stream_, now_ns() + hour_ns);
  EXPECT_GT(drive.turn(), 0);
  EXPECT_EQ(talk_.sent(), 2U);
}

TEST(Answers, are_good_wherever_ok_stands) {
  EXPECT_TRUE(is_ok(R"([{"ok":true,"data":{}}])"));
  EXPECT_TRUE(is_ok(R"([{"data":{},"ok":true}])"));
  EXPECT_FALSE(is_ok(R"([{"ok":false}])"));
  EXPECT_FALSE(is_ok("[]"));
}

TEST(HistoryPages, are_so_many_messages_that_rise_from_the_place) {
  const std::string_view page = R"({"messages":[{"seq":7},{"x":1,"seq":8},{"seq":12}],"head":90})";
  EXPECT_TRUE(is_history_page(page, 6, 3));
  EXPECT_FALSE(is_history_page(page, 6, 4)) << "too few";
  EXPECT_FALSE(is_history_page(page, 6, 2)) << "too many";
  EXPECT_FALSE(is_history_page(page, 7, 3)) << "not behind the place";
  EXPECT_FALSE(is_history_page(R"([{"seq":8},{"seq":7}])", 6, 2)) << "not ascending";
  EXPECT_FALSE(is_history_page(R"([{"seq":null}])", 6, 1));
}

}  // namespace
}  // namespace kith::bench
