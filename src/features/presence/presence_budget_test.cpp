#include "features/presence/presence_world_test.hpp"

namespace kith::features::presence {
namespace {

// Thousands who leave at once must not fill the way to the database before the messages.
TEST(Presence, those_who_leave_together_are_looked_at_within_the_budget_of_a_node) {
  PresenceWorld w;
  constexpr std::size_t slice_users =
      std::size_t{base::limits::presence_users_per_s} * base::limits::presence_slice_ms / 1'000;
  constexpr std::size_t crowd = slice_users * 5;
  for (std::size_t i = 0; i < crowd; ++i)
    w.begin_connect("u" + std::to_string(i), i % 2);
  w.settle();
  for (auto& person : w.people)
    w.leave(person);
  w.settle();
  const auto noted = [&] { return w.presences[0]->noted() + w.presences[1]->noted(); };
  EXPECT_EQ(noted(), crowd);
  w.pass(std::chrono::milliseconds{base::limits::presence_grace_ms});
  EXPECT_EQ(noted(), crowd - 2 * slice_users);
  w.pass(std::chrono::milliseconds{base::limits::presence_slice_ms});
  EXPECT_EQ(noted(), crowd - 4 * slice_users);
  w.pass(std::chrono::milliseconds{10 * base::limits::presence_slice_ms});
  EXPECT_EQ(noted(), 0U);
}

TEST(Presence, many_who_ask_at_once_wait_for_each_other_and_not_in_front_of_others) {
  PresenceWorld w;
  std::vector<Person*> crowd;
  for (int i = 0; i < 40; ++i)
    crowd.push_back(&w.connect("ann"));
  std::vector<commands::testing::AskedPtr> asked;
  for (const auto* person : crowd)
    asked.push_back(w.begin(*person, "presence.get", R"({"users":["bob"]})"));
  EXPECT_EQ(w.store.reads_waiting(), base::limits::presence_reads_max / 2);
  w.settle();
  for (const auto& one : asked)
    EXPECT_EQ(one->text, w.answer(w.state("bob", "offline")));
}

TEST(Presence, of_an_application_without_it_nothing_is_stored_when_the_node_ends) {
  PresenceWorld w;
  for (auto& presence : w.presences)
    presence->set_served([](base::AppId of) { return of != app; });
  w.connect("bob", 1);
  for (auto& presence : w.presences)
    presence->flush();
  w.settle();
  EXPECT_EQ(w.presences[0]->noted() + w.presences[1]->noted(), 0U);
  w.connect("bob", 1, other_app);
}

}  // namespace
}  // namespace kith::features::presence
