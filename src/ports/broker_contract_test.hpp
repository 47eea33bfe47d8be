#pragma once

#include "ports/broker_fixture_test.hpp"

#include <algorithm>
#include <string>

// The contract of ports::BrokerLink. An implementation includes this in one of its tests and says
//   using kith::ports::contract::BrokerContract;
//   INSTANTIATE_TEST_SUITE_P(Redis, BrokerContract, ::testing::Values(BrokerAdapter{...}));
namespace kith::ports::contract {

TEST_P(BrokerContract, a_link_is_down_until_it_is_started_and_has_connected) {
  EXPECT_FALSE(user(0).link().up());
  EXPECT_TRUE(user(0).link().server().empty());
  user(0).start();
  EXPECT_TRUE(heard(user(0), {"up"}));
  EXPECT_TRUE(user(0).link().up());
}

TEST_P(BrokerContract, links_to_one_server_give_it_one_name) {
  start_all();
  EXPECT_EQ(user(0).link().server(), user(1).link().server());
  EXPECT_EQ(user(0).link().server(), user(2).link().server());
}

TEST_P(BrokerContract, each_channel_is_confirmed_once_in_the_order_asked) {
  start_all();
  user(0).subscribe({"c", "a", "b"});
  user(0).subscribe({"d"});
  EXPECT_TRUE(heard(user(0), {"+c", "+a", "+b", "+d"}));
  EXPECT_TRUE(quiet(user(0)));
}

TEST_P(BrokerContract, what_is_published_after_the_confirmation_comes_in_order) {
  start_all();
  ASSERT_TRUE(subscribed(user(0), "a"));
  Texts expected;
  for (int i = 0; i < 100; ++i) {
    user(1).publish("a", std::to_string(i));
    expected.push_back("a:" + std::to_string(i));
  }
  EXPECT_TRUE(heard(user(0), expected));
}

TEST_P(BrokerContract, what_was_published_before_the_subscription_or_elsewhere_does_not_come) {
  start_all();
  user(1).publish("a", "early");
  ASSERT_TRUE(heard(user(1), {">0"}));
  ASSERT_TRUE(subscribed(user(0), "a"));
  user(1).publish("A", "another");
  user(1).publish("a*", "no pattern");
  user(1).publish("a", "late");
  EXPECT_TRUE(heard(user(0), {"a:late"}));
  EXPECT_TRUE(quiet(user(0)));
}

TEST_P(BrokerContract, after_an_unsubscription_nothing_comes_until_the_next_confirmation) {
  start_all();
  ASSERT_TRUE(subscribed(user(0), "a"));
  ASSERT_TRUE(subscribed(user(0), "b"));
  user(0).unsubscribe({"a"});
  ASSERT_TRUE(quiet(user(0)));
  user(1).publish("a", "1");
  user(1).publish("b", "2");
  EXPECT_TRUE(heard(user(1), {">0", ">1"}));
  EXPECT_TRUE(heard(user(0), {"b:2"}));
  ASSERT_TRUE(subscribed(user(0), "a"));
  user(1).publish("a", "3");
  EXPECT_TRUE(heard(user(0), {"a:3"}));
}

TEST_P(BrokerContract, confirmations_are_counted_so_that_an_old_one_is_not_taken_for_the_new) {
  start_all();
  user(0).subscribe({"a"});
  user(0).unsubscribe({"a"});
  user(0).subscribe({"a"});
  EXPECT_TRUE(heard(user(0), {"+a", "+a"}));
  user(1).publish("a", "x");
  EXPECT_TRUE(heard(user(0), {"a:x"}));
}

TEST_P(BrokerContract, subscribed_twice_it_is_confirmed_twice_and_hears_once) {
  start_all();
  user(0).subscribe({"a", "a"});
  ASSERT_TRUE(heard(user(0), {"+a", "+a"}));
  user(1).publish("a", "x");
  EXPECT_TRUE(heard(user(1), {">1"}));
  EXPECT_TRUE(heard(user(0), {"a:x"}));
  EXPECT_TRUE(quiet(user(0)));
}

TEST_P(BrokerContract, a_publication_tells_over_how_many_links_it_went_its_own_included) {
  start_all();
  user(0).publish("a", "1");
  ASSERT_TRUE(heard(user(0), {">0"}));
  ASSERT_TRUE(subscribed(user(1), "a"));
  user(0).publish("a", "2");
  ASSERT_TRUE(heard(user(0), {">1"}));
  ASSERT_TRUE(subscribed(user(0), "a"));
  user(2).publish("a", "3");
  EXPECT_TRUE(heard(user(2), {">2"}));
  EXPECT_TRUE(heard(user(1), {"a:2", "a:3"}));
  EXPECT_TRUE(heard(user(0), {"a:3"}));
  user(0).unsubscribe({"a"});
  ASSERT_TRUE(quiet(user(0)));
  ASSERT_TRUE(subscribed(user(2), "a"));
  user(2).publish("a", "4");
  ASSERT_TRUE(world_->run_until([&] { return user(2).heard.size() == 2; }));
  EXPECT_EQ(std::count(user(2).heard.begin(), user(2).heard.end(), ">2"), 1);
  EXPECT_EQ(std::count(user(2).heard.begin(), user(2).heard.end(), "a:4"), 1);
}

TEST_P(BrokerContract, channels_and_payloads_are_any_bytes) {
  start_all();
  const std::string channel("g:\0 \r\n\xff*", 8);
  ASSERT_TRUE(subscribed(user(0), channel));
  const Texts payloads{
      "", std::string("\0\r\n$-1\r\n\xff", 9), std::string(256 * 1024, 'x'), "end"};
  Texts expected;
  for (const auto& payload : payloads) {
    user(1).publish(channel, payload);
    expected.push_back(channel + ":" + payload);
  }
  EXPECT_TRUE(heard(user(0), expected));
}

TEST_P(BrokerContract, a_count_tells_the_links_of_each_channel_in_the_order_asked) {
  start_all();
  ASSERT_TRUE(subscribed(user(0), "a"));
  ASSERT_TRUE(subscribed(user(1), "a"));
  ASSERT_TRUE(subscribed(user(1), "b"));
  user(2).count({"b", "nobody's", "a", "b"});
  EXPECT_TRUE(heard(user(2), {"=1,0,2,1"}));
  user(1).unsubscribe({"b"});
  ASSERT_TRUE(quiet(user(1)));
  user(1).count({"a", "b"});
  EXPECT_TRUE(heard(user(1), {"=2,0"}));
}

TEST_P(BrokerContract, a_count_of_five_hundred_channels_is_one_answer) {
  start_all();
  ASSERT_TRUE(subscribed(user(0), "c499"));
  Texts channels;
  for (int i = 0; i < 500; ++i)
    channels.push_back("c" + std::to_string(i));
  std::string expected = "=0";
  for (int i = 1; i < 500; ++i)
    expected += i == 499 ? ",1" : ",0";
  user(1).count(channels);
  EXPECT_TRUE(heard(user(1), {expected}));
}

TEST_P(BrokerContract, commands_are_answered_in_the_order_they_were_given) {
  start_all();
  ASSERT_TRUE(subscribed(user(1), "a"));
  user(0).publish("a", "1");
  user(0).count({"b"});
  user(0).publish("b", "2");
  user(0).count({"a"});
  EXPECT_TRUE(heard(user(0), {">1", "=0", ">0", "=1"}));
}

TEST_P(BrokerContract, who_subscribes_hears_a_publication_or_is_confirmed_after_it) {
  start_all();
  for (int i = 0; i < 20; ++i) {
    const auto channel = "c" + std::to_string(i);
    user(0).subscribe({channel});
    user(1).publish(channel, "head");
    user(1).count({channel});
    ASSERT_TRUE(world_->run_until([&] { return user(1).heard.size() == 2; }));
    const bool went_out = user(1).heard[0] == ">1";
    if (went_out) {
      EXPECT_EQ(user(1).heard[1], "=1");
    }
    user(1).heard.clear();
    EXPECT_TRUE(
        heard(user(0), went_out ? Texts{"+" + channel, channel + ":head"} : Texts{"+" + channel}));
  }
}

TEST_P(BrokerContract, a_link_that_breaks_comes_back_with_nothing_subscribed) {
  start_all();
  ASSERT_TRUE(subscribed(user(0), "a"));
  world_->cut(user(0).link());
  ASSERT_TRUE(heard(user(0), {"down", "up"}));
  user(1).publish("a", "lost");
  ASSERT_TRUE(heard(user(1), {">0"}));
  EXPECT_TRUE(quiet(user(0)));
  ASSERT_TRUE(subscribed(user(0), "a"));
  user(1).publish("a", "back");
  EXPECT_TRUE(heard(user(0), {"a:back"}));
}

TEST_P(BrokerContract, what_is_asked_of_a_link_that_is_down_is_not_done) {
  for (const std::size_t i : {1, 2})
    user(i).start();
  ASSERT_TRUE(heard(user(1), {"up"}));
  ASSERT_TRUE(heard(user(2), {"up"}));
  ASSERT_TRUE(subscribed(user(1), "a"));
  user(0).subscribe({"a"});
  user(0).publish("a", "nothing");
  user(0).count({"a"});
  user(0).unsubscribe({"a"});
  user(0).reconnect();
  user(0).start();
  ASSERT_TRUE(heard(user(0), {"up"}));
  user(2).count({"a"});
  EXPECT_TRUE(heard(user(2), {"=1"}));
  EXPECT_TRUE(quiet(user(0)));
  EXPECT_TRUE(quiet(user(1)));
}

TEST_P(BrokerContract, what_was_asked_over_a_link_that_is_given_up_stays_unanswered) {
  start_all();
  ASSERT_TRUE(subscribed(user(0), "a"));
  user(0).subscribe({"b"});
  user(0).count({"a"});
  user(0).publish("nobody's", "x");
  user(0).reconnect();
  ASSERT_TRUE(
      world_->run_until([&] { return !user(0).heard.empty() && user(0).heard.back() == "up"; }));
  EXPECT_EQ(user(0).heard, (Texts{"down", "up"}));
  user(0).heard.clear();
  EXPECT_TRUE(quiet(user(0)));
  ASSERT_TRUE(world_->run_until([&] {  // the server may see the end a little later
    user(1).count({"a", "b"});
    return world_->run_until([&] { return !user(1).heard.empty(); }) &&
           std::exchange(user(1).heard, {}).at(0) == "=0,0";
  }));
}

TEST_P(BrokerContract, another_server_has_another_name) {
  start_all();
  const std::string before = user(0).link().server();
  world_->restart();
  for (const std::size_t i : {0, 1, 2})
    EXPECT_TRUE(heard(user(i), {"down", "up"}));
  EXPECT_NE(user(0).link().server(), before);
  EXPECT_EQ(user(0).link().server(), user(1).link().server());
}

TEST_P(BrokerContract, a_link_that_ends_says_nothing_more_and_is_not_counted) {
  start_all();
  ASSERT_TRUE(subscribed(user(0), "a"));
  user(0).count({"a"});
  user(0).subscribe({"b"});
  user(0).leave();
  ASSERT_TRUE(world_->run_until([&] {
    user(1).count({"a", "b"});
    return world_->run_until([&] { return !user(1).heard.empty(); }) &&
           std::exchange(user(1).heard, {}).at(0) == "=0,0";
  }));
  EXPECT_TRUE(user(0).heard.empty());
}

}  // namespace kith::ports::contract
