#include "gateway/recovery.hpp"

#include <gtest/gtest.h>

namespace kith::gateway {
namespace {

using base::Cid;

const Cid one = Cid::from_view("one");
const Cid two = Cid::from_view("two");

base::Instant at_ms(std::int64_t ms) {
  return {ms * 1'000'000};
}

base::UserKey user(const std::string& name) {
  return {base::AppId{1}, base::UserId{name}};
}

Parked parked(const std::string& name) {
  Parked session;
  session.user = user(name);
  session.places = {{one, 5}, {two, 7}};
  return session;
}

TEST(Offset, is_read_as_it_is_written) {
  EXPECT_EQ((Offset{3, 517}.text()), "3.517");
  EXPECT_EQ(Offset::parse("3.517"), (Offset{3, 517}));
  for (const auto* text : {"",
                           ".",
                           "3.",
                           ".5",
                           "3",
                           "a.5",
                           "3.x",
                           "3.5.1",
                           "-1.5",
                           "3. 5",
                           "3.99999999999999999999999"})
    EXPECT_EQ(Offset::parse(text), std::nullopt) << text;
}

TEST(SentEvents, what_came_after_the_offset_was_not_received) {
  SentEvents sent;
  sent.note(10, one, 3);
  sent.note(11, two, 6);
  sent.note(12, one, 4);
  const auto at = [&](std::uint64_t number) {
    Places places{{one, 5}, {two, 7}};
    EXPECT_TRUE(sent.rewind(number, places));
    return places;
  };
  EXPECT_EQ(at(12), (Places{{one, 5}, {two, 7}}));
  EXPECT_EQ(at(11), (Places{{one, 4}, {two, 7}}));
  EXPECT_EQ(at(10), (Places{{one, 4}, {two, 6}}));
  EXPECT_EQ(at(0), (Places{{one, 3}, {two, 6}}));
}

TEST(SentEvents, only_so_many_are_told_apart) {
  SentEvents sent;
  for (std::uint64_t i = 1; i <= base::limits::recovery_events_max + 2; ++i)
    sent.note(i, one, i);
  Places places{{one, 5'000}};
  EXPECT_FALSE(sent.rewind(1, places));
  EXPECT_TRUE(sent.rewind(2, places));
  EXPECT_EQ(places, (Places{{one, 3}}));
}

TEST(Parked,
     with_an_offset_of_an_earlier_connection_nothing_was_received_without_one_not_even_hello) {
  auto session = parked("ann");
  session.reactor = 1;
  session.sent.note(10, one, 4);
  EXPECT_EQ(session.places_at("1.10"), (Places{{one, 5}, {two, 7}}));
  EXPECT_EQ(session.places_at("0.99"), (Places{{one, 4}, {two, 7}}));
  EXPECT_EQ(session.places_at(""), std::nullopt);
  EXPECT_EQ(session.places_at("what"), std::nullopt);
}

class ParkedSessionsTest : public ::testing::Test {
 protected:
  ParkedSessions sessions_{std::chrono::milliseconds{1'000}, 10 * parked("ann").bytes()};
};

TEST_F(ParkedSessionsTest, a_session_is_taken_once_in_time_and_by_its_user) {
  sessions_.park("p", parked("ann"), at_ms(0));
  EXPECT_FALSE(sessions_.take("p", user("eve"), at_ms(1)));
  EXPECT_FALSE(sessions_.take("q", user("ann"), at_ms(1)));
  EXPECT_TRUE(sessions_.take("p", user("ann"), at_ms(999)));
  EXPECT_FALSE(sessions_.take("p", user("ann"), at_ms(999)));
  sessions_.park("p", parked("ann"), at_ms(0));
  EXPECT_FALSE(sessions_.take("p", user("ann"), at_ms(1'000)));
  EXPECT_EQ(sessions_.parked(), 0U);
  EXPECT_EQ(sessions_.bytes(), 0U);
}

TEST_F(ParkedSessionsTest, the_oldest_go_when_there_are_too_many) {
  for (int i = 0; i < 100; ++i)
    sessions_.park("p" + std::to_string(i), parked("ann"), at_ms(i));
  EXPECT_EQ(sessions_.parked(), 10U);
  EXPECT_FALSE(sessions_.take("p89", user("ann"), at_ms(100)));
  EXPECT_TRUE(sessions_.take("p90", user("ann"), at_ms(100)));
  sessions_.sweep(at_ms(5'000));
  EXPECT_EQ(sessions_.parked(), 0U);
  EXPECT_EQ(sessions_.bytes(), 0U);
}

TEST_F(ParkedSessionsTest, one_that_is_larger_than_all_room_is_not_kept) {
  auto huge = parked("ann");
  huge.places.resize(100'000);
  sessions_.park("p", std::move(huge), at_ms(0));
  EXPECT_EQ(sessions_.parked(), 0U);
  EXPECT_EQ(sessions_.bytes(), 0U);
}

TEST_F(ParkedSessionsTest, one_that_was_taken_and_parked_again_has_its_whole_time) {
  sessions_.park("p", parked("ann"), at_ms(0));
  EXPECT_TRUE(sessions_.take("p", user("ann"), at_ms(500)));
  sessions_.park("p", parked("ann"), at_ms(600));
  sessions_.sweep(at_ms(1'100));  // the first one's time
  EXPECT_TRUE(sessions_.take("p", user("ann"), at_ms(1'500)));
  sessions_.park("p", parked("ann"), at_ms(2'000));
  sessions_.park("p", parked("ann"), at_ms(2'100));
  EXPECT_EQ(sessions_.parked(), 1U);
}

TEST_F(ParkedSessionsTest, those_who_are_lost_and_come_back_all_the_time_leave_nothing_behind) {
  for (int i = 0; i < 1'000; ++i) {
    sessions_.park("p" + std::to_string(i % 3), parked("ann"), at_ms(i / 10));
    EXPECT_TRUE(sessions_.take("p" + std::to_string(i % 3), user("ann"), at_ms(i / 10)));
  }
  EXPECT_LE(sessions_.turns(), 64U);
  sessions_.park("p", parked("ann"), at_ms(100));
  sessions_.sweep(at_ms(1'099));
  EXPECT_TRUE(sessions_.take("p", user("ann"), at_ms(1'099)));
}

TEST_F(ParkedSessionsTest, it_is_known_where_a_session_has_its_connection) {
  EXPECT_EQ(sessions_.find_live("p"), std::nullopt);
  sessions_.connect("p", {.reactor = 1, .client = 7});
  EXPECT_EQ(sessions_.find_live("p"), (ParkedSessions::Place{1, 7}));
  sessions_.disconnect("p", {.reactor = 1, .client = 6});  // an earlier one
  EXPECT_TRUE(sessions_.find_live("p"));
  sessions_.disconnect("p", {.reactor = 1, .client = 7});
  EXPECT_EQ(sessions_.live(), 0U);
  sessions_.connect("p", {.reactor = 1, .client = 8});
  sessions_.park("p", parked("ann"), at_ms(0));
  EXPECT_EQ(sessions_.live(), 0U);
}

}  // namespace
}  // namespace kith::gateway
