#include "gateway/connect_replies.hpp"

#include "base/limits.hpp"
#include "gateway/gateway_world_test.hpp"
#include "ports/fake.hpp"

namespace kith::gateway {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the world of these tests
using std::chrono::milliseconds;

constexpr milliseconds longest{base::limits::connect_reply_wait_ms};

class ConnectRepliesTest : public ::testing::Test {
 protected:
  void hold(std::uint64_t client) {
    replies_.hold(client, {wire::engineio::OutMessage::text("0")});
  }

  base::ManualClock clock_;
  ports::FakeReactor reactor_{clock_};
  std::vector<std::uint64_t> overdue_;
  ConnectReplies replies_{reactor_, [this](std::uint64_t client) {
                            overdue_.push_back(client);
                            EXPECT_EQ(replies_.take(client).size(), 1U);
                          }};
};

TEST_F(ConnectRepliesTest, what_is_taken_is_not_there_again_and_never_overdue) {
  hold(1);
  EXPECT_EQ(replies_.take(1).size(), 1U);
  EXPECT_TRUE(replies_.take(1).empty());
  EXPECT_TRUE(replies_.take(2).empty());
  reactor_.advance(10 * longest);
  EXPECT_TRUE(overdue_.empty());
}

TEST_F(ConnectRepliesTest, each_is_overdue_after_its_own_time_in_the_order_they_came) {
  hold(7);
  hold(3);
  reactor_.advance(longest / 2);
  hold(5);
  reactor_.advance(longest / 2 - milliseconds{1});
  EXPECT_TRUE(overdue_.empty());
  reactor_.advance(milliseconds{1});
  EXPECT_EQ(overdue_, (std::vector<std::uint64_t>{7, 3}));
  reactor_.advance(longest / 2);
  EXPECT_EQ(overdue_, (std::vector<std::uint64_t>{7, 3, 5}));
  EXPECT_EQ(replies_.waiting(), 0U);
  hold(9);
  reactor_.advance(longest);
  EXPECT_EQ(overdue_.back(), 9U);
}

// A client whose reply to CONNECT waits: the store was asked, and has not answered.
class WaitingReplyTest : public ::testing::Test {
 protected:
  WaitingReplyTest() { ann_.text(GatewayWorld::auth(w_.token("ann"))); }

  // Starts of what it was sent, as far as they tell what it is.
  Lines kinds() {
    Lines found;
    for (const auto& line : ann_.take())
      found.push_back(line.substr(0, line.starts_with("0{") ? 1 : line.find(',')));
    return found;
  }

  GatewayWorld w_;
  Connection& ann_ = w_.open();
  const Lines greeting_{"0", R"(2["hello")"};
};

TEST_F(WaitingReplyTest, it_leaves_when_nothing_is_to_follow_it) {
  EXPECT_TRUE(kinds().empty());
  w_.run();
  EXPECT_EQ(kinds(), greeting_);
}

TEST_F(WaitingReplyTest, it_leaves_ahead_of_the_first_event_and_not_before) {
  w_.run();
  kinds();
  w_.make_group(1, {"ann", "bob"});
  w_.run();
  auto& other = w_.open();
  other.text(GatewayWorld::auth(w_.token("bob")));
  std::size_t with_nothing = 0;
  for (int i = 0; i < 50 && other.received.empty(); ++i) {
    ++with_nothing;
    w_.reactors[0]->run();
    w_.store.run();
  }
  EXPECT_GT(with_nothing, 2U);
  ASSERT_GT(other.received.size(), 2U) << "they come together";
  EXPECT_TRUE(other.received[0].starts_with("0{"));
  EXPECT_TRUE(other.received[1].starts_with(R"(2["hello")"));
  EXPECT_TRUE(other.received[2].starts_with(R"(2["conversation.added")"));
}

TEST_F(WaitingReplyTest, it_waits_no_longer_when_the_store_does_not_answer) {
  w_.reactors[0]->advance(longest - milliseconds{1});
  EXPECT_TRUE(kinds().empty());
  w_.reactors[0]->advance(milliseconds{1});
  EXPECT_EQ(kinds(), greeting_);
  w_.run();
  EXPECT_TRUE(kinds().empty());
}

TEST_F(WaitingReplyTest, it_leaves_ahead_of_an_answer) {
  ann_.text(R"(21["time",{}])");
  EXPECT_EQ(kinds(), (Lines{"0", R"(2["hello")", R"(31[{"ok":true)"}));
}

TEST_F(WaitingReplyTest, it_leaves_ahead_of_the_reason_why_it_is_closed) {
  w_.gateways[0]->close_all(delivery::CloseCode::draining);
  w_.reactors[0]->run();
  EXPECT_EQ(kinds(), (Lines{"0", R"(2["hello")", R"(2["session.closed")"}));
  EXPECT_EQ(ann_.closed, CloseReason::server_shutting_down);
}

TEST_F(WaitingReplyTest, it_leaves_before_a_client_that_breaks_the_rules_is_closed) {
  ann_.text("not a packet");
  EXPECT_EQ(kinds(), greeting_);
  EXPECT_EQ(ann_.closed, CloseReason::parse_error);
}

TEST_F(WaitingReplyTest, each_connect_has_its_own) {
  ann_.text("1");
  EXPECT_EQ(kinds(), greeting_);
  ann_.text(GatewayWorld::auth(w_.token("ann")));
  w_.run();
  EXPECT_EQ(kinds(), greeting_);
}

TEST_F(WaitingReplyTest, who_is_gone_meanwhile_leaves_nothing_behind) {
  ann_.hang_up();
  w_.reactors[0]->advance(2 * longest);
  EXPECT_TRUE(kinds().empty());
  ann_.listener.reset();
  w_.run();
  EXPECT_TRUE(kinds().empty());
}

TEST_F(WaitingReplyTest, one_whose_socket_is_destroyed_is_not_sent_to) {
  ann_.listener.reset();
  w_.reactors[0]->advance(2 * longest);
  w_.run();
  EXPECT_TRUE(kinds().empty());
}

}  // namespace
}  // namespace kith::gateway
