#include "features/typing/typing_world_test.hpp"

namespace kith::features::typing {
namespace {

TEST(Typing, the_others_are_told_on_whatever_reactor_they_are) {
  TypingWorld w;
  const auto crew = w.make_group(1, {"ann", "bob", "cid"});
  auto& ann = w.connect("ann", 0);
  auto& bob = w.connect("bob", 0);
  auto& cid = w.connect("cid", 1);
  auto& eve = w.connect("eve", 1);
  EXPECT_EQ(w.start(ann, crew), "{}");
  EXPECT_EQ(bob.take(), (Lines{w.line("start", crew, "ann")}));
  EXPECT_EQ(cid.take(), (Lines{w.line("start", crew, "ann")}));
  EXPECT_EQ(w.stop(ann, crew), "{}");
  EXPECT_EQ(bob.take(), (Lines{w.line("stop", crew, "ann")}));
  EXPECT_EQ(cid.take(), (Lines{w.line("stop", crew, "ann")}));
  EXPECT_EQ(ann.take(), (Lines{}));
  EXPECT_EQ(eve.take(), (Lines{}));
}

TEST(Typing, it_ends_by_itself_six_seconds_after_the_last_start) {
  TypingWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  auto& ann = w.connect("ann");
  auto& bob = w.connect("bob", 1);
  w.start(ann, crew);
  w.pass(2s);
  w.start(ann, crew);
  bob.take();
  w.pass(5'900ms);
  EXPECT_EQ(bob.take(), (Lines{}));
  w.pass(300ms);
  EXPECT_EQ(bob.take(), (Lines{w.line("stop", crew, "ann")}));
  w.pass(20s);
  EXPECT_EQ(bob.take(), (Lines{}));
  EXPECT_EQ(w.typing[0]->noted(), 0U);
}

TEST(Typing, who_goes_on_is_told_again_every_three_seconds) {
  TypingWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  auto& ann = w.connect("ann");
  auto& bob = w.connect("bob");
  for (int i = 0; i < 9; ++i) {
    w.start(ann, crew);
    w.pass(1s);
  }
  const auto again = w.line("start", crew, "ann");
  EXPECT_EQ(bob.take(), (Lines{again, again, again}));
}

TEST(Typing, it_ends_with_the_connection) {
  TypingWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  const auto pair = w.make_group(2, {"ann", "bob"});
  auto& ann = w.connect("ann");
  auto& bob = w.connect("bob");
  w.start(ann, crew);
  w.start(ann, pair);
  w.stop(ann, pair);
  bob.take();
  w.leave(ann);
  w.settle();
  EXPECT_EQ(bob.take(), (Lines{w.line("stop", crew, "ann")}));
  EXPECT_EQ(w.typing[0]->noted(), 0U);
}

TEST(Typing, one_connection_ending_does_not_end_that_of_another) {
  TypingWorld w;
  const auto crew = w.make_group(1, {"ann", "bob", "cid"});
  auto& ann = w.connect("ann");
  auto& cid = w.connect("cid");
  auto& bob = w.connect("bob", 1);
  w.start(ann, crew);
  w.start(cid, crew);
  bob.take();
  w.leave(ann);
  w.settle();
  EXPECT_EQ(bob.take(), (Lines{w.line("stop", crew, "ann")}));
}

TEST(Typing, a_start_right_after_a_stop_is_refused_with_the_time_to_wait) {
  TypingWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  auto& ann = w.connect("ann");
  auto& bob = w.connect("bob");
  w.start(ann, crew);
  w.stop(ann, crew);
  EXPECT_EQ(w.start(ann, crew), "!rate_limited");
  EXPECT_EQ(bob.take().size(), 2U);
  w.pass(1s);
  EXPECT_EQ(w.start(ann, crew), "{}");
  EXPECT_EQ(bob.take(), (Lines{w.line("start", crew, "ann")}));
}

TEST(Typing, a_stop_without_a_start_is_no_news) {
  TypingWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  auto& ann = w.connect("ann");
  auto& bob = w.connect("bob");
  EXPECT_EQ(w.stop(ann, crew), "{}");
  w.start(ann, crew);
  w.stop(ann, crew);
  w.stop(ann, crew);
  EXPECT_EQ(bob.take(), (Lines{w.line("start", crew, "ann"), w.line("stop", crew, "ann")}));
}

TEST(Typing, a_connection_types_in_sixteen_conversations_at_most) {
  TypingWorld w;
  auto& ann = w.connect("ann");
  std::vector<base::ConversationKey> groups;
  for (std::uint8_t i = 0; i <= base::limits::typing_per_session_max; ++i)
    groups.push_back(w.make_group(i + 1, {"ann"}));
  for (std::size_t i = 0; i < base::limits::typing_per_session_max; ++i)
    EXPECT_EQ(w.start(ann, groups[i]), "{}");
  EXPECT_EQ(w.start(ann, groups.back()), "!quota_exceeded");
  EXPECT_EQ(w.start(ann, groups.front()), "{}");
  w.pass(7s);
  EXPECT_EQ(w.start(ann, groups.back()), "{}");
}

TEST(Typing, in_a_large_conversation_nobody_is_told) {
  TypingWorld w;
  std::vector<std::string> names{"ann", "bob"};
  for (std::size_t i = 2; i <= base::limits::typing_members_max; ++i)
    names.push_back("u" + std::to_string(i));
  const auto crowd = w.make_group(1, names);
  auto& ann = w.connect("ann");
  auto& bob = w.connect("bob", 1);
  w.write(crowd, "u2", 1);  // tells how many they are
  bob.take();
  EXPECT_EQ(w.start(ann, crowd), "{}");
  EXPECT_EQ(bob.take(), (Lines{}));
}

TEST(Typing, a_stranger_learns_nothing_and_a_former_member_that_he_is_one) {
  TypingWorld w;
  const auto crew = w.make_group(1, {"ann", "bob", "cid"});
  auto& ann = w.connect("ann");
  auto& bob = w.connect("bob");
  auto& eve = w.connect("eve");
  auto& elsewhere = w.connect("ann", 0, other_app);
  base::ConversationKey unknown{app, {}};
  unknown.cid.bytes = {'?'};
  for (const std::string_view command : {"typing.start", "typing.stop"}) {
    EXPECT_EQ(w.ask_now(eve, command, w.named(crew)), "!not_found");
    EXPECT_EQ(w.ask_now(elsewhere, command, w.named(crew)), "!not_found");
    EXPECT_EQ(w.ask_now(ann, command, w.named(unknown)), "!not_found");
    EXPECT_EQ(w.ask_now(ann, command, "{}"), "!validation_failed");
    EXPECT_EQ(w.ask_now(ann, command, R"({"cid":7})"), "!validation_failed");
  }
  w.remove(crew, "ann", "bob");
  ann.take();
  EXPECT_EQ(w.start(bob, crew), "!not_member");
  EXPECT_EQ(ann.take(), (Lines{}));
}

TEST(Typing, nobody_types_into_his_own_log) {
  TypingWorld w;
  auto& ann = w.connect("ann");
  const base::ConversationKey own{app, domain::user_cid(w.store.meta().id_key, app, ann.user.user)};
  w.make_group(1, {"ann"});
  EXPECT_EQ(w.start(ann, own), "!forbidden");
  EXPECT_EQ(ann.take().size(), 1U);  // that of the group
}

TEST(Typing, who_was_removed_while_typing_tells_the_rest_that_he_stopped) {
  TypingWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  auto& ann = w.connect("ann");
  auto& bob = w.connect("bob", 1);
  w.start(bob, crew);
  ann.take();
  w.remove(crew, "ann", "bob");
  w.settle();
  const auto told = ann.take();
  EXPECT_EQ(std::count(told.begin(), told.end(), w.line("stop", crew, "bob")), 1);
  EXPECT_EQ(w.typing[1]->noted(), 0U);
  w.pass(7s);
  EXPECT_EQ(ann.take(), (Lines{}));
}

TEST(Typing, who_was_removed_hears_on_none_of_his_devices_that_he_stopped) {
  TypingWorld w;
  for (std::uint8_t n = 1; n <= 4; ++n) {  // whose home is here, and whose is not
    const auto crew = w.make_group(n, {"ann", "bob"});
    auto& phone = w.connect("bob");
    auto& desk = w.connect("bob");
    w.start(phone, crew);
    w.start(desk, crew);
    phone.take();
    desk.take();
    w.remove(crew, "ann", "bob");
    w.settle();
    for (auto* device : {&phone, &desk})
      for (const auto& line : device->take())
        EXPECT_EQ(line.find("typing.stop"), std::string::npos) << line;
    w.leave(phone);
    w.leave(desk);
  }
}

}  // namespace
}  // namespace kith::features::typing
