#include "client/report.hpp"

#include <gtest/gtest.h>

#include <gmock/gmock.h>

namespace kith::bench {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A run of two seconds in which 1,000 messages went to 3,000 receivers.
class Reports : public testing::Test {
 protected:
  Reports() {
    options_.label = "a run";
    options_.servers.push_back({"127.0.0.1", 1});
    tally_.wanted = tally_.connected = 10;
    tally_.sent = tally_.acked = 1'000;
    tally_.delivered = 3'000;
    tally_.sums.sent = tally_.sums.acked = 1'000;
    tally_.sums.expected = tally_.sums.delivered = 3'000;
    for (int i = 0; i < 1'000; ++i)
      tally_.ack.add(2'000'000);
    conductor_.ended().at_ns = 2'000'000'000;
    conductor_.ended().user_s = 0.5;
    ProcessWatch process;
    process.watched = {"kith", 77};
    process.before.resident = 1'000'000;
    process.end = {0.2, 0.1, 3'000'000, 4'000'000};
    process.later.resident = 3'500'000;
    conductor_.processes().push_back(process);
  }

  Outcome outcome() const { return {options_, tally_, conductor_, "2026-01-01T10:00:00.000Z"}; }

  Options options_;
  Tally tally_;
  Conductor conductor_{options_, 1};
};

TEST_F(Reports, a_clean_run_is_ok_in_table_and_json) {
  EXPECT_THAT(reasons(outcome()), IsEmpty());
  EXPECT_THAT(to_table(outcome()), HasSubstr("verified   ok"));
  EXPECT_THAT(to_json(outcome()), HasSubstr(R"("verdict":"ok","reasons":[])"));
}

TEST_F(Reports, rates_are_by_the_measured_time_and_costs_by_what_was_done_in_it) {
  EXPECT_THAT(to_json(outcome()),
              AllOf(HasSubstr(R"("acked_per_s":500,"delivered_per_s":1500)"),
                    HasSubstr(R"("us_per_message":300,"us_per_delivery":100)"),
                    HasSubstr(R"("utilisation":0.15)"),
                    HasSubstr(R"("resident":3000000,"peak":4000000)")));
  EXPECT_THAT(to_table(outcome()), HasSubstr("300.00 us a message, 100.00 us a delivery"));
}

TEST_F(Reports, each_kind_of_fault_fails_the_run_and_is_named) {
  const auto fails = [&](std::uint64_t& count, std::string_view name) {
    count += 3;
    EXPECT_THAT(reasons(outcome()), Contains(HasSubstr("3 " + std::string(name))));
    EXPECT_THAT(to_json(outcome()), HasSubstr(R"("verdict":"failed")"));
    EXPECT_THAT(to_table(outcome()), AllOf(HasSubstr("FAILED"), Not(HasSubstr("verified"))));
    count -= 3;
  };
  fails(tally_.sums.lost, "lost");
  fails(tally_.sums.duplicated, "duplicated");
  fails(tally_.sums.reordered, "reordered");
  fails(tally_.sums.refused, "refused");
  fails(tally_.sums.unanswered, "unanswered");
  fails(tally_.sums.strange, "deliveries of what was not sent there");
  fails(tally_.not_sent, "due and not sent");
  fails(tally_.wrong_pages, "pages");
  fails(tally_.gaps, "gaps");
  fails(tally_.connect_failed, "not connected");
  fails(tally_.closed_early, "connections ended early");
  fails(tally_.errors["forbidden"], "requests refused");
  EXPECT_THAT(reasons(outcome()), IsEmpty());
}

TEST_F(Reports, what_the_server_does_not_offer_or_paces_fails_nothing) {
  tally_.not_offered = tally_.paced = tally_.stored = tally_.sums.again = 5;
  EXPECT_THAT(reasons(outcome()), IsEmpty());
  EXPECT_THAT(to_table(outcome()), HasSubstr("5 requests the server does not offer"));
}

TEST_F(Reports, a_server_that_ended_fails_the_run) {
  conductor_.processes().front().gone = true;
  EXPECT_THAT(reasons(outcome()), Contains("the process kith ended"));
}

TEST_F(Reports, the_first_problem_stands_behind_the_reasons) {
  tally_.sums.lost = 1;
  tally_.note_problem("the server \"closed\" it");
  tally_.note_problem("later");
  EXPECT_EQ(reasons(outcome()).back(), "first problem: the server \"closed\" it");
  EXPECT_THAT(to_json(outcome()), HasSubstr(R"(the server \"closed\" it)"));
}

TEST_F(Reports, a_generator_that_is_the_limit_says_so) {
  EXPECT_THAT(to_table(outcome()), Not(HasSubstr("LIMIT")));
  conductor_.ended().system_s = 1.4;
  EXPECT_THAT(to_table(outcome()), HasSubstr("IT IS THE LIMIT"));
  EXPECT_NEAR(own_share(outcome()), 0.95, 1e-9);
}

TEST_F(Reports, idle_tells_bytes_a_connection_and_a_further_membership) {
  options_.scenario = ScenarioName::idle;
  options_.further = 5;
  EXPECT_THAT(to_json(outcome()),
              HasSubstr(R"("bytes_per_connection":200000,"bytes_per_membership":10000)"));
  EXPECT_THAT(to_table(outcome()), HasSubstr("200,000 bytes a connection"));
}

TEST_F(Reports, storms_tell_connects_and_rounds) {
  tally_.connects = 10;
  tally_.connecting_s = 0.5;
  tally_.rounds.push_back({0.25, 0.75, 3});
  EXPECT_THAT(to_json(outcome()),
              AllOf(HasSubstr(R"("connects_per_s":20)"),
                    HasSubstr(R"("us_per_connect":30000)"),
                    HasSubstr(R"("rounds":[{"online_s":0.25,"complete_s":0.75,"again":3}])")));
}

TEST_F(Reports, ticks_are_there_in_a_room_only) {
  EXPECT_THAT(to_json(outcome()), Not(HasSubstr("ticks\":{")));
  tally_.ticks_due = 9;
  tally_.ticks_late = 2;
  EXPECT_THAT(to_json(outcome()), HasSubstr(R"("ticks":{"due":9,"late":2,"lost":0})"));
}

TEST(Tallies, of_threads_are_merged) {
  Tally one;
  one.sent = 1;
  one.rounds = {{1, 2, 3}};
  one.errors["a"] = 1;
  Tally other;
  other.sent = 2;
  other.rounds = {{2, 1, 4}, {5, 6, 7}};
  other.errors["a"] = 2;
  other.ack.add(1);
  other.problem = "p";
  one.merge(other);
  EXPECT_EQ(one.sent, 3U);
  EXPECT_EQ(one.errors["a"], 3U);
  EXPECT_EQ(one.ack.count(), 1U);
  ASSERT_EQ(one.rounds.size(), 2U);
  EXPECT_EQ(one.rounds[0].online_s, 2);
  EXPECT_EQ(one.rounds[0].complete_s, 2);
  EXPECT_EQ(one.rounds[0].again, 7U);
  EXPECT_EQ(one.problem, "p");
}

TEST(Tallies, remember_so_many_names_and_call_the_rest_more) {
  Tally tally;
  for (std::size_t i = 0; i < Tally::codes_max + 5; ++i)
    Tally::note(tally.others, "event" + std::to_string(i));
  EXPECT_EQ(tally.others.size(), Tally::codes_max + 1);
  EXPECT_EQ(tally.others["more"], 5U);
}

}  // namespace
}  // namespace kith::bench
