#include "gateway/gateway_world_test.hpp"

#include <chrono>

namespace kith::gateway {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the world of these tests

// What lies between `start` and the next quote.
std::string text_after(const std::string& line, std::string_view start) {
  const auto at = line.find(start);
  if (at == std::string::npos) return {};
  const auto from = at + start.size();
  return line.substr(from, line.find('"', from) - from);
}

// The last argument, if it is a string.
std::string offset_of(const std::string& line) {
  if (!line.ends_with("\"]")) return {};
  const auto from = line.rfind(",\"") + 2;
  return line.substr(from, line.size() - 2 - from);
}

// A client as the official one of version 4 is: it keeps the pid, and the offset of the last event.
struct Player {
  std::string user;
  std::string pid = {};
  std::string sid = {};
  std::string offset = {};
  bool recovered = false;
  std::size_t hellos = 0;
  std::vector<std::string> texts = {};  // of messages heard, over all connections

  void hear(const Lines& lines) {
    for (const auto& line : lines) {
      if (line.starts_with("0{")) {
        const auto now = text_after(line, R"("pid":")");
        recovered = !pid.empty() && now == pid;
        pid = now;
        sid = text_after(line, R"("sid":")");
      }
      if (!line.starts_with("2[")) continue;
      if (const auto at = offset_of(line); !at.empty()) offset = at;
      hellos += line.starts_with(R"(2["hello")") ? 1 : 0;
      if (line.starts_with(R"(2["message.new")")) texts.push_back(text_after(line, R"("text":")"));
    }
  }
};

class Recovery : public ::testing::Test {
 protected:
  static constexpr std::uint32_t keep_ms = 10'000;

  Connection& connect(Player& player, std::size_t reactor) {
    auto& connection = w_.open(reactor);
    std::string more;
    if (!player.pid.empty()) more += R"(,"pid":")" + player.pid + '"';
    if (!player.offset.empty()) more += R"(,"offset":")" + player.offset + '"';
    connection.text(GatewayWorld::auth(w_.token(player.user), more));
    w_.run();
    return connection;
  }

  Connection& enter(Player& player, std::size_t reactor) {
    auto& connection = connect(player, reactor);
    player.hear(connection.take());
    return connection;
  }

  void say(const std::string& text) {
    auto& writer = w_.enter("writer", 0);
    EXPECT_TRUE(w_.code(writer, "message.send", R"({"to":"ann","text":")" + text + R"("})")
                    .starts_with(R"({"ok":true)"));
    writer.hang_up();
    w_.run();
  }

  GatewayWorld w_{2, {.recovery_ms = keep_ms, .recovery_bytes_max = 1'000'000}};
  Player ann_{.user = "ann"};
};

TEST_F(Recovery, every_event_has_an_offset_and_answers_have_none) {
  auto& connection = connect(ann_, 1);
  say("one");
  const auto answer = w_.ask(connection, "time", "{}");
  EXPECT_TRUE(answer.ends_with("}")) << answer;
  for (const auto& line : connection.received)
    if (line.starts_with("2[")) {
      EXPECT_TRUE(offset_of(line).starts_with("1.")) << line;
    }
  ann_.hear(connection.take());
  EXPECT_FALSE(ann_.pid.empty());
  EXPECT_NE(ann_.pid, ann_.sid);
  EXPECT_EQ(ann_.hellos, 1U);
  EXPECT_EQ(ann_.texts, (Lines{"one"}));
}

TEST_F(Recovery, a_lost_connection_goes_on_where_it_was_wherever_it_comes_in) {
  for (const std::size_t reactor : {0, 1, 1, 0}) {
    auto& connection = enter(ann_, reactor);
    const auto sid = ann_.sid;
    say("heard");
    ann_.hear(connection.take());
    say("sent, and never heard");
    connection.take();
    connection.hang_up();
    w_.run();
    say("missed");
    auto& next = enter(ann_, 1 - reactor);
    EXPECT_TRUE(ann_.recovered);
    EXPECT_EQ(ann_.sid, sid);
    EXPECT_EQ(ann_.texts, (Lines{"heard", "sent, and never heard", "missed"}));
    ann_.texts.clear();
    next.hang_up();
    w_.run();
  }
  EXPECT_EQ(ann_.hellos, 1U);
}

TEST_F(Recovery, a_connection_that_is_lost_before_its_first_event_is_recovered_from_its_beginning) {
  auto& first = enter(ann_, 0);
  say("heard");
  ann_.hear(first.take());
  first.hang_up();
  w_.run();
  say("missed");
  connect(ann_, 1).hang_up();  // nothing of this one arrives
  w_.run();
  enter(ann_, 0);
  EXPECT_TRUE(ann_.recovered);
  EXPECT_EQ(ann_.texts, (Lines{"heard", "missed"}));
}

TEST_F(Recovery, only_the_same_user_recovers_and_he_still_can_after_others_tried) {
  enter(ann_, 0).hang_up();
  w_.run();
  Player eve{.user = "eve", .pid = ann_.pid, .offset = ann_.offset};
  enter(eve, 1);
  EXPECT_FALSE(eve.recovered);
  EXPECT_NE(eve.pid, ann_.pid);
  EXPECT_EQ(eve.hellos, 1U);
  enter(ann_, 1);
  EXPECT_TRUE(ann_.recovered);
}

TEST_F(Recovery, a_token_is_checked_as_ever) {
  enter(ann_, 0).hang_up();
  w_.run();
  auto& late = w_.open(0);
  late.text(GatewayWorld::auth(w_.token("ann", {.ttl_s = -60}), R"(,"pid":")" + ann_.pid + '"'));
  w_.run();
  EXPECT_EQ(late.count("4{"), 1U);
  enter(ann_, 1);
  EXPECT_TRUE(ann_.recovered);
}

TEST_F(Recovery, after_its_time_it_begins_anew_and_nothing_is_missed) {
  auto& connection = enter(ann_, 0);
  connection.hang_up();
  w_.let_pass(std::chrono::milliseconds{keep_ms});
  say("missed");
  const auto pid = ann_.pid;
  enter(ann_, 0);
  EXPECT_FALSE(ann_.recovered);
  EXPECT_NE(ann_.pid, pid);
  EXPECT_EQ(ann_.hellos, 2U);
  EXPECT_EQ(ann_.texts, (Lines{"missed"}));
}

TEST_F(Recovery, one_whose_connection_still_looks_alive_takes_it_over) {
  for (const std::size_t reactor : {0, 1}) {
    auto& old = enter(ann_, 0);
    say("heard");
    ann_.hear(old.take());
    say("lost");
    auto& next = enter(ann_, reactor);
    EXPECT_TRUE(ann_.recovered);
    EXPECT_EQ(old.closed, CloseReason::forced_close);
    EXPECT_EQ(ann_.texts, (Lines{"heard", "lost"}));
    ann_.texts.clear();
    next.hang_up();
    w_.run();
  }
}

TEST_F(Recovery, nobody_elses_connection_gives_way) {
  auto& connection = enter(ann_, 0);
  for (const std::size_t reactor : {0, 1}) {
    Player eve{.user = "eve", .pid = ann_.pid};
    enter(eve, reactor);
    EXPECT_FALSE(eve.recovered);
  }
  EXPECT_FALSE(connection.closed);
}

TEST_F(Recovery, who_said_goodbye_does_not_come_back_to_it) {
  auto& connection = enter(ann_, 0);
  connection.text("1");
  connection.hang_up();
  w_.run();
  enter(ann_, 0);
  EXPECT_FALSE(ann_.recovered);
}

TEST_F(Recovery, who_is_told_to_stay_away_does_not_come_back_to_it_and_who_may_return_does) {
  auto& revoked = enter(ann_, 0);
  w_.gateways[0]->close_all(delivery::CloseCode::session_revoked);
  w_.run();
  EXPECT_TRUE(revoked.closed);
  auto& moved = enter(ann_, 0);
  EXPECT_FALSE(ann_.recovered);
  w_.gateways[0]->close_all(delivery::CloseCode::slow_reader);
  w_.run();
  EXPECT_TRUE(moved.closed);
  enter(ann_, 1);
  EXPECT_TRUE(ann_.recovered);
}

// A connection that is closed at the end of a tick is handed nothing that comes before.
TEST_F(Recovery, whenever_a_connection_is_closed_what_comes_then_comes_when_it_is_recovered) {
  auto& writer = w_.enter("writer", 1);
  for (int steps = 0; steps < 8; ++steps) {
    Player ann{.user = "ann" + std::to_string(steps)};
    auto& old = enter(ann, 0);
    writer.text(R"(21["message.send",{"to":")" + ann.user + R"(","text":"late"}])");
    for (int i = 0; i < steps; ++i) {
      for (const auto& reactor : w_.reactors)
        reactor->run();
      w_.store.run();
    }
    w_.reactors[0]->post([this] { w_.gateways[0]->close_all(delivery::CloseCode::slow_reader); });
    w_.run();
    ann.hear(old.take());
    auto& next = enter(ann, 1);
    EXPECT_TRUE(ann.recovered);
    EXPECT_EQ(ann.texts, (Lines{"late"})) << steps;
    next.text("1");
    w_.run();
  }
}

TEST_F(Recovery, one_who_is_lost_again_before_his_conversations_are_found_misses_nothing) {
  for (const bool told : {false, true}) {
    enter(ann_, 0).hang_up();
    w_.run();
    say(told ? "told" : "not told");
    auto& brief = w_.open(1);
    brief.text(GatewayWorld::auth(
        w_.token("ann"), R"(,"pid":")" + ann_.pid + R"(","offset":")" + ann_.offset + '"'));
    w_.reactors[1]->run();
    w_.reactors[0]->run();
    w_.reactors[1]->run();  // it has its session back, and the store has not answered
    if (told)
      w_.reactors[0]->advance(std::chrono::milliseconds{base::limits::connect_reply_wait_ms},
                              {w_.reactors[1].get()});
    EXPECT_EQ(brief.count("0{"), told ? 1U : 0U);
    brief.take();
    brief.hang_up();
    w_.run();
    enter(ann_, 0);
    EXPECT_TRUE(ann_.recovered);
    EXPECT_EQ(ann_.texts, told ? (Lines{"not told", "told"}) : (Lines{"not told"}));
  }
}

TEST_F(Recovery, who_never_got_his_hello_begins_anew) {
  auto& first = connect(ann_, 0);
  Player deaf{.user = "ann", .pid = text_after(first.received.at(0), R"("pid":")")};
  EXPECT_FALSE(deaf.pid.empty());
  first.hang_up();
  w_.run();
  enter(deaf, 0);
  EXPECT_FALSE(deaf.recovered);
  EXPECT_EQ(deaf.hellos, 1U);
}

TEST_F(Recovery, places_of_another_history_are_not_gone_back_to) {
  enter(ann_, 0);
  for (auto& hub : w_.hubs)
    hub->begin_epoch("another");
  w_.gateways[0]->close_all(delivery::CloseCode::epoch_changed);
  w_.run();
  enter(ann_, 0);
  EXPECT_FALSE(ann_.recovered);
}

TEST_F(Recovery, offsets_that_say_nothing_begin_anew) {
  enter(ann_, 0).hang_up();
  w_.run();
  Player odd{.user = "ann", .pid = ann_.pid, .offset = "what is this"};
  enter(odd, 0);
  EXPECT_FALSE(odd.recovered);
  EXPECT_EQ(odd.hellos, 1U);
}

TEST_F(Recovery, what_is_no_string_is_ignored) {
  auto& connection = w_.open(0);
  connection.text(GatewayWorld::auth(w_.token("ann"), R"(,"pid":7,"offset":{})"));
  w_.run();
  EXPECT_EQ(connection.count(R"(2["hello")"), 1U);
}

TEST_F(Recovery, a_client_of_version_2_has_none) {
  auto& old = w_.open(0, 3, "token=" + w_.token("ann"));
  w_.run();
  const auto lines = old.take();
  EXPECT_EQ(lines.at(0), "0");
  EXPECT_EQ(offset_of(lines.at(1)), "");
}

TEST(RecoveryOff, there_is_no_pid_and_no_offset) {
  GatewayWorld w;
  auto& ann = w.open(0);
  ann.text(GatewayWorld::auth(w.token("ann"), R"(,"pid":"x","offset":"0.1")"));
  w.run();
  for (const auto& line : ann.take()) {
    EXPECT_EQ(line.find("\"pid\""), std::string::npos);
    EXPECT_EQ(offset_of(line), "");
  }
}

}  // namespace
}  // namespace kith::gateway
