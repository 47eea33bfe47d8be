#include "features/presence/presence_world_test.hpp"

namespace kith::features::presence {
namespace {

TEST(Presence, who_subscribes_is_answered_and_told_on_whatever_reactor) {
  PresenceWorld w;
  auto& ann = w.connect("ann", 0);
  auto& cid = w.connect("cid", 1);
  w.connect("bob", 1);
  EXPECT_EQ(w.subscribe(ann, R"("bob","cid")"),
            w.answer(w.state("bob", "online") + "," + w.state("cid", "online")));
  EXPECT_EQ(w.subscribe(cid, R"("ann")"), w.answer(w.state("ann", "online")));
  w.set(ann, "busy");
  EXPECT_EQ(w.heard(cid), (Lines{w.changed(w.state("ann", "busy"))}));
  EXPECT_EQ(ann.take(), Lines{});
}

TEST(Presence, who_comes_is_told_at_once_and_who_goes_after_five_seconds) {
  PresenceWorld w;
  auto& ann = w.connect("ann");
  EXPECT_EQ(w.subscribe(ann, R"("bob")"), w.answer(w.state("bob", "offline")));
  auto& bob = w.connect("bob", 1);
  EXPECT_EQ(w.heard(ann), (Lines{w.changed(w.state("bob", "online"))}));
  const auto left_at = w.clock.wall();
  w.leave(bob);
  w.pass(4'500ms);
  EXPECT_EQ(ann.take(), Lines{});
  EXPECT_EQ(w.heard(ann), (Lines{w.changed(w.left("bob", left_at))}));
}

TEST(Presence, a_page_that_is_loaded_again_is_no_news) {
  PresenceWorld w;
  auto& ann = w.connect("ann");
  auto& bob = w.connect("bob", 1);
  w.subscribe(ann, R"("bob")");
  w.leave(bob);
  w.pass(1s);
  w.connect("bob", 0);
  w.pass(1min);
  EXPECT_EQ(ann.take(), Lines{});
}

TEST(Presence, when_somebody_was_last_seen_is_known_to_who_asks_later) {
  PresenceWorld w;
  auto& bob = w.connect("bob");
  const auto left_at = w.clock.wall();
  w.leave(bob);
  w.pass(5s);
  EXPECT_EQ(w.presences[0]->noted() + w.presences[1]->noted(), 0U);
  w.pass(1h);
  auto& ann = w.connect("ann");
  EXPECT_EQ(w.subscribe(ann, R"("bob")"), w.answer(w.left("bob", left_at)));
  w.connect("bob");
  w.pass(1s);
  EXPECT_EQ(w.ask_now(ann, "presence.get", R"({"users":["bob"]})"),
            w.answer(w.state("bob", "online")));
}

TEST(Presence, somebody_with_two_devices_is_there_until_both_are_gone) {
  PresenceWorld w;
  auto& ann = w.connect("ann");
  auto& phone = w.connect("bob", 0);
  auto& laptop = w.connect("bob", 1);
  w.subscribe(ann, R"("bob")");
  w.leave(phone);
  w.pass(10s);
  EXPECT_EQ(ann.take(), Lines{});
  w.leave(laptop);
  w.pass(10s);
  EXPECT_EQ(ann.take().size(), 1U);
}

TEST(Presence, he_is_away_when_both_devices_are) {
  PresenceWorld w;
  auto& ann = w.connect("ann");
  auto& phone = w.connect("bob", 0);
  auto& tablet = w.connect("bob", 0);
  auto& laptop = w.connect("bob", 1);
  w.subscribe(ann, R"("bob")");
  EXPECT_EQ(w.set(phone, "away"), R"({"status":"away"})");
  w.set(laptop, "away");
  EXPECT_EQ(w.heard(ann), Lines{});
  w.set(tablet, "away");
  EXPECT_EQ(w.heard(ann), (Lines{w.changed(w.state("bob", "away"))}));
  auto& watch = w.connect("bob", 1);
  EXPECT_EQ(w.heard(ann), (Lines{w.changed(w.state("bob", "online"))}));
  w.leave(watch);
  EXPECT_EQ(w.heard(ann), (Lines{w.changed(w.state("bob", "away"))}));
  w.set(phone, "online");
  EXPECT_EQ(w.heard(ann), (Lines{w.changed(w.state("bob", "online"))}));
}

TEST(Presence, the_invisible_are_offline_to_others) {
  PresenceWorld w;
  auto& ann = w.connect("ann");
  auto& bob = w.connect("bob", 1);
  w.subscribe(ann, R"("bob")");
  const auto hidden_at = w.clock.wall();
  w.set(bob, "offline");
  EXPECT_EQ(w.heard(ann), (Lines{w.changed(w.left("bob", hidden_at))}));
  w.connect("bob", 0);  // another device does not give him away
  EXPECT_EQ(w.heard(ann), Lines{});
  w.set(bob, "online");
  EXPECT_EQ(w.heard(ann), (Lines{w.changed(w.state("bob", "online"))}));
}

TEST(Presence, strangers_are_not_shown_and_not_watched) {
  PresenceWorld w;
  auto& ann = w.connect("ann");
  auto& eve = w.connect("eve", 1);
  auto& elsewhere = w.connect("ann", 1, other_app);
  EXPECT_EQ(w.subscribe(eve, R"("ann","bob","nobody")"), w.answer(""));
  EXPECT_EQ(w.subscribe(elsewhere, R"("ann","bob")"), w.answer(""));
  EXPECT_EQ(w.subscribe(ann, R"("eve","bob")"), w.answer(w.state("bob", "offline")));
  EXPECT_EQ(w.presences[0]->watched() + w.presences[1]->watched(), 1U);
  w.set(eve, "busy");
  w.set(ann, "busy");
  w.pass(10s);
  for (auto* person : {&ann, &eve, &elsewhere})
    EXPECT_EQ(person->take(), Lines{});
}

TEST(Presence, who_unsubscribes_or_ends_is_not_told_and_nothing_is_left) {
  PresenceWorld w;
  auto& ann = w.connect("ann");
  auto& cid = w.connect("cid", 1);
  auto& bob = w.connect("bob", 1);
  w.subscribe(ann, R"("bob")");
  w.subscribe(cid, R"("bob")");
  EXPECT_EQ(w.ask_now(ann, "presence.unsubscribe", R"({"users":["bob","cid"]})"), "{}");
  w.set(bob, "busy");
  EXPECT_EQ(w.heard(cid).size(), 1U);
  EXPECT_EQ(ann.take(), Lines{});
  w.set(bob, "online");
  w.leave(cid);
  w.pass(10s);
  EXPECT_EQ(w.presences[0]->watched() + w.presences[1]->watched(), 0U);
  EXPECT_EQ(w.presences[0]->noted() + w.presences[1]->noted(), 0U);
}

TEST(Presence, to_unsubscribe_before_the_answer_counts) {
  PresenceWorld w;
  auto& ann = w.connect("ann");
  auto& bob = w.connect("bob", 1);
  const auto asked = w.begin(ann, "presence.subscribe", R"({"users":["bob"]})");
  w.begin(ann, "presence.unsubscribe", R"({"users":["bob"]})");
  w.settle();
  EXPECT_EQ(asked->text, w.answer(""));
  w.set(bob, "busy");
  EXPECT_EQ(w.heard(ann), Lines{});
}

TEST(Presence, a_connection_that_ends_before_the_answer_leaves_nothing) {
  PresenceWorld w;
  auto& ann = w.connect("ann");
  w.connect("bob", 1);
  const auto asked = w.begin(ann, "presence.subscribe", R"({"users":["bob"]})");
  w.leave(ann);
  w.settle();
  EXPECT_EQ(asked->times, 1);
  EXPECT_EQ(w.presences[0]->watched() + w.presences[1]->watched(), 0U);
}

TEST(Presence, a_connection_watches_a_thousand_users_at_most) {
  PresenceWorld w;
  auto& ann = w.connect("ann");
  std::string many;
  for (std::size_t i = 0; i < base::limits::presence_watched_max; ++i)
    many += (i == 0 ? "\"u" : ",\"u") + std::to_string(i) + '"';
  EXPECT_EQ(w.subscribe(ann, many), w.answer(""));  // strangers take no room
  EXPECT_EQ(w.subscribe(ann, many + ",\"bob\""), "!too_large");
  w.begin(ann, "presence.subscribe", R"({"users":[)" + many + "]}");
  const auto more = w.begin(ann, "presence.subscribe", R"({"users":["bob"]})");
  w.settle();
  EXPECT_EQ(more->text, "!quota_exceeded");
  EXPECT_EQ(w.subscribe(ann, R"("bob")"), w.answer(w.state("bob", "offline")));
}

TEST(Presence, an_odd_argument_is_refused) {
  PresenceWorld w;
  auto& ann = w.connect("ann");
  for (const std::string& args :
       {std::string{"{}"}, std::string{R"({"users":[]})"}, std::string{R"({"users":"bob"})"}})
    for (const std::string_view command :
         {"presence.subscribe", "presence.unsubscribe", "presence.get"})
      EXPECT_EQ(w.ask_now(ann, command, args), "!validation_failed") << command << args;
  for (const char* status : {"", "Online", "gone"})
    EXPECT_EQ(w.set(ann, status), "!validation_failed");
  EXPECT_EQ(w.ask_now(ann, "presence.set", R"({"status":7})"), "!validation_failed");
}

TEST(Presence, over_rest_one_asks_and_neither_watches_nor_sets) {
  PresenceWorld w;
  w.connect("bob");
  Person rest;
  rest.user = {app, base::UserId{"ann"}};
  EXPECT_EQ(w.ask_now(rest, "presence.get", R"({"users":["bob","eve"]})"),
            w.answer(w.state("bob", "online")));
  EXPECT_EQ(w.subscribe(rest, R"("bob")"), "!validation_failed");
  EXPECT_EQ(w.set(rest, "busy"), "!validation_failed");
}

TEST(Presence, when_the_store_refuses_the_caller_is_told) {
  PresenceWorld w;
  auto& ann = w.connect("ann");
  w.store.fail_read = [] { return base::Fault{base::Errc::unavailable, "later"}; };
  EXPECT_EQ(w.subscribe(ann, R"("bob")"), "!unavailable");
  EXPECT_EQ(w.presences[0]->watched(), 0U);
  w.store.fail_read = nullptr;
  w.subscribe(ann, R"("bob")");
  w.store.fail_read = [] { return base::Fault{base::Errc::unavailable, "later"}; };
  EXPECT_EQ(w.subscribe(ann, R"("bob","cid")"), "!unavailable");
  EXPECT_EQ(w.presences[0]->watched(), 1U);
  w.store.fail_read = nullptr;
}

TEST(Presence, when_the_node_ends_all_who_are_there_were_last_seen_then) {
  PresenceWorld w;
  auto& bob = w.connect("bob", 1);
  auto& cid = w.connect("cid", 0);
  const auto hidden_at = w.clock.wall();
  w.set(cid, "offline");
  w.pass(1h);
  const auto end = w.clock.wall();
  for (int round = 0; round < 2; ++round) {
    for (auto& presence : w.presences)
      presence->flush();
    w.settle();
  }
  w.leave(bob);
  w.leave(cid);
  w.pass(10s);
  auto& ann = w.connect("ann");
  EXPECT_EQ(w.subscribe(ann, R"("bob","cid")"),
            w.answer(w.left("bob", end) + "," + w.left("cid", hidden_at)));
}

TEST(Presence, away_said_before_the_connection_listens_is_of_that_connection_alone) {
  PresenceWorld w;
  auto& ann = w.connect("ann");
  w.connect("bob");
  w.subscribe(ann, R"("bob")");
  auto& second = w.begin_connect("bob");
  w.begin(second, "presence.set", R"({"status":"away"})");
  EXPECT_EQ(w.heard(ann), (Lines{}));
  auto& third = w.begin_connect("cid");
  w.subscribe(ann, R"("cid")");
  w.begin(third, "presence.set", R"({"status":"away"})");
  EXPECT_EQ(w.heard(ann), (Lines{w.changed(w.state("cid", "away"))}));
}

}  // namespace
}  // namespace kith::features::presence
