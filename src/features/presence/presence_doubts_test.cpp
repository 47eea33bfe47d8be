#include "features/presence/presence_world_test.hpp"

// Who is out of a conversation, and whom he watched there, and who watched him.
namespace kith::features::presence {
namespace {

Lines presence_of(Person& person, PresenceWorld& w) {
  auto lines = w.heard(person);
  std::erase_if(lines, [](const auto& line) { return line.find("presence.") == line.npos; });
  return lines;
}

class Removed : public ::testing::TestWithParam<std::size_t> {
 protected:
  Removed() {
    w.subscribe(ann, R"("bob","cid")");
    w.subscribe(cid, R"("ann","bob")");
    w.subscribe(bob, R"("ann","cid")");
  }

  void everybody_changes(const std::string& status) {
    for (auto* person : {&ann, &bob, &cid})
      w.set(*person, status);
  }

  PresenceWorld w;
  Person& ann = w.connect("ann", 0);
  Person& cid = w.connect("cid", GetParam());
  Person& bob = w.connect("bob", 1);
};

TEST_P(Removed, who_is_out_of_their_last_conversation_sees_nobody_and_is_not_seen) {
  w.remove(w.crew, "ann", "bob");
  everybody_changes("busy");
  EXPECT_EQ(presence_of(bob, w), (Lines{}));
  EXPECT_EQ(presence_of(ann, w), (Lines{w.changed(w.state("cid", "busy"))}));
  EXPECT_EQ(presence_of(cid, w), (Lines{w.changed(w.state("ann", "busy"))}));
}

TEST_P(Removed, those_who_share_another_conversation_go_on_seeing_each_other) {
  w.make_group(2, {"ann", "bob"});
  w.remove(w.crew, "ann", "bob");
  everybody_changes("busy");
  EXPECT_EQ(presence_of(bob, w), (Lines{w.changed(w.state("ann", "busy"))}));
  EXPECT_EQ(presence_of(cid, w), (Lines{w.changed(w.state("ann", "busy"))}));
}

TEST_P(Removed, one_who_is_removed_while_he_is_away_is_not_seen_when_he_comes_back) {
  w.leave(bob);
  w.pass(10s);
  w.remove(w.crew, "ann", "bob");
  ann.take();
  cid.take();
  w.connect("bob", 1);
  EXPECT_EQ(presence_of(ann, w), (Lines{}));
  EXPECT_EQ(presence_of(cid, w), (Lines{}));
}

TEST_P(Removed, while_the_store_can_not_say_it_is_asked_again) {
  w.store.fail_read = [] { return base::Fault{base::Errc::unavailable, "later"}; };
  w.remove(w.crew, "ann", "bob");
  w.pass(3s);
  w.store.fail_read = nullptr;
  w.pass(2s);
  for (auto* person : {&ann, &bob, &cid})
    person->take();
  everybody_changes("busy");
  EXPECT_EQ(presence_of(bob, w), (Lines{}));
  EXPECT_EQ(presence_of(ann, w), (Lines{w.changed(w.state("cid", "busy"))}));
}

TEST_P(Removed, who_is_added_again_subscribes_again) {
  w.remove(w.crew, "ann", "bob");
  w.make_group(2, {"ann", "bob"});
  EXPECT_EQ(w.subscribe(bob, R"("ann","cid")"), w.answer(w.state("ann", "online")));
  bob.take();
  everybody_changes("busy");
  EXPECT_EQ(presence_of(bob, w), (Lines{w.changed(w.state("ann", "busy"))}));
}

// Between the question about the subscription and the place in the log nothing tells of it.
TEST_P(Removed, one_who_subscribes_while_he_is_being_removed_does_not_go_on_seeing) {
  auto& flo = w.begin_connect("bob", GetParam());
  const auto asked = w.begin(flo, "presence.subscribe", R"({"users":["ann"]})");
  w.remove(w.crew, "ann", "bob");
  EXPECT_EQ(asked->times, 1);
  w.pass(1s);
  flo.take();
  everybody_changes("busy");
  EXPECT_EQ(presence_of(flo, w), (Lines{}));
}

INSTANTIATE_TEST_SUITE_P(on_one_reactor_and_on_two, Removed, ::testing::Values(0U, 1U));

}  // namespace
}  // namespace kith::features::presence
