#include "gateway/client.hpp"
#include "gateway/gateway_world_test.hpp"

namespace kith::gateway {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the world of these tests

constexpr std::string_view one_due = R"(51-1["test.count",{"_placeholder":true,"num":0}])";

TEST(Client, an_event_runs_when_its_attachments_are_there) {
  GatewayWorld w;
  auto& ann = w.enter("ann");
  ann.text(R"(52-1["test.count",{"a":{"_placeholder":true,"num":0}}])");
  ann.binary("x");
  EXPECT_TRUE(ann.take().empty());
  EXPECT_GT(w.shared.attachment_bytes, 0U);
  ann.binary("");
  EXPECT_EQ(ann.take(), (Lines{R"(31[{"ok":true,"data":2}])"}));
  EXPECT_EQ(w.shared.attachment_bytes, 0U);
}

TEST(Client, an_event_that_would_lose_its_attachments_is_refused) {
  GatewayWorld w;
  auto& ann = w.enter("ann");
  ann.text(R"(51-1["test.hold",{"custom":{"_placeholder":true,"num":0}}])");
  ann.binary("x");
  const auto answers = ann.take();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_NE(answers[0].find(R"("code":"validation_failed")"), std::string::npos) << answers[0];
  EXPECT_NE(answers[0].find("binary"), std::string::npos) << answers[0];
}

TEST(Client, attachments_that_do_not_come_close_the_connection) {
  GatewayWorld w;
  auto& late = w.enter("late");
  auto& ann = w.enter("ann");
  ann.text(std::string{one_due});
  ann.binary("x");
  late.text(std::string{one_due});
  w.let_pass(std::chrono::milliseconds{base::limits::attachments_timeout_ms - 100});
  EXPECT_FALSE(late.closed);
  w.let_pass(std::chrono::milliseconds{200});
  EXPECT_EQ(late.closed, CloseReason::parse_error);
  EXPECT_FALSE(ann.closed);
  EXPECT_EQ(w.shared.attachment_bytes, 0U);
}

TEST(Client, wrong_attachments_close_the_connection_and_are_not_counted_on) {
  for (const auto& packets : std::vector<Lines>{{std::string{one_due}, "2[\"time\",{}]"},
                                                {"511-[\"x\",{}]"},
                                                {"50-[\"x\",{}]"},
                                                {"5[\"x\",{}]"}}) {
    GatewayWorld w;
    auto& eve = w.enter("eve");
    for (const auto& packet : packets)
      eve.text(packet);
    EXPECT_EQ(eve.closed, CloseReason::parse_error);
    EXPECT_EQ(w.shared.attachment_bytes, 0U);
  }
  GatewayWorld w;
  auto& eve = w.enter("eve");
  eve.text(R"(51-["test.count",{"_placeholder":true,"num":1}])");
  eve.binary("x");
  EXPECT_EQ(eve.closed, CloseReason::parse_error);
}

TEST(Client, no_event_is_larger_than_an_outbox_could_take) {
  GatewayWorld w(1, {.max_payload_bytes = 100'000});
  auto& eve = w.enter("eve");
  eve.text(R"(59-["test.count",{}])");
  for (int i = 0; i < 4; ++i)
    eve.binary(std::string(100'000, 'x'));
  EXPECT_EQ(eve.closed, CloseReason::parse_error);
  EXPECT_EQ(w.shared.attachment_bytes, 0U);
}

TEST(Client, when_all_connections_wait_for_too_much_those_that_hold_much_are_closed) {
  GatewayWorld w;
  auto& small = w.enter("ann");
  auto& large = w.enter("bob");
  large.text(R"(52-1["test.count",{}])");
  w.shared.attachment_bytes += base::limits::attachments_pending_bytes_max;  // of others
  small.text(std::string{one_due});
  EXPECT_FALSE(small.closed);
  large.binary(std::string(base::limits::attachments_fair_bytes, 'x'));
  EXPECT_EQ(large.closed, CloseReason::parse_error);
  w.run();
  small.binary("x");
  EXPECT_EQ(small.take(), (Lines{R"(31[{"ok":true,"data":1}])"}));
  w.shared.attachment_bytes += base::limits::attachments_pending_bytes_max;  // twice as much
  small.text(std::string{one_due});
  EXPECT_EQ(small.closed, CloseReason::parse_error);
  w.run();
  EXPECT_EQ(w.shared.attachment_bytes, 2 * base::limits::attachments_pending_bytes_max);
  w.shared.attachment_bytes = 0;
}

}  // namespace
}  // namespace kith::gateway
