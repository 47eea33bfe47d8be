#include "conversations/homes.hpp"

#include "conversations/world_test.hpp"

#include <gtest/gtest.h>

// Several reactors: each is home to some conversations, and anybody may ask.
namespace kith::conversations {
namespace {

using base::Errc;

// Remembers in which order things came to a reactor.
struct Order final : Listening {
  void publish(const Committed& committed) override {
    came.push_back("event " + std::to_string(committed.event.seq));
  }

  std::vector<std::string> came;
};

class HomesTest : public ::testing::Test {
 protected:
  HomesTest() { world_.start({&order_[0], &order_[1], &order_[2]}); }

  Order order_[3];
  World world_{3};
};

TEST_F(HomesTest, the_answer_to_a_send_passes_the_home_behind_the_events_below_it) {
  const auto key = World::group(1);
  world_.make_group(key, {"ann", "bob"});
  const auto home = world_.homes.index_of(key);
  const auto asker = (home + 1) % 3;
  auto entry = world_.send_entry(key, "ann", "m1");
  entry->asker = asker;
  Answered<SendResult> answered;
  entry->done = answered.into();
  world_.submit(std::move(entry));
  world_.store.run_lane();
  world_.reactors[asker]->run();
  EXPECT_EQ(answered.times, 0);  // whatever the asker does, the home is first
  world_.reactors[home]->run();
  EXPECT_EQ(order_[home].came.back(), "event 1");
  EXPECT_EQ(answered.times, 0);
  world_.reactors[asker]->run();
  EXPECT_TRUE(answered.ok());
}

TEST_F(HomesTest, events_go_to_the_homes_of_their_conversations) {
  const auto key = World::group(1);
  world_.make_group(key, {"ann"});
  const auto own = world_.own_log("ann");
  EXPECT_EQ(order_[world_.homes.index_of(own)].came, std::vector<std::string>{"event 1"});
  world_.submit(world_.send_entry(key, "ann", "m1"));
  world_.settle();
  std::size_t heard = 0;
  for (const auto& order : order_)
    heard += order.came.size();
  EXPECT_EQ(heard, 2U);
}

TEST_F(HomesTest, a_refusal_reaches_the_reactor_that_asked) {
  const auto key = World::group(7);
  const auto home = world_.homes.index_of(key);
  const auto asker = (home + 2) % 3;
  SendRequest request;
  request.key = key;
  request.sender = user("ann");
  request.client_id = ClientId{"m1"};
  request.asker = asker;
  Answered<SendResult> answered;
  request.done = answered.into();
  world_.home[home]->send(std::move(request));
  world_.store.run();
  world_.reactors[home]->run();
  EXPECT_EQ(answered.times, 0);
  world_.reactors[asker]->run();
  EXPECT_TRUE(answered.refused(Errc::not_found));
}

TEST_F(HomesTest, homes_spread_over_all_reactors) {
  std::vector<std::size_t> count(3);
  for (std::uint8_t n = 0; n < 200; ++n)
    ++count[world_.homes.index_of(World::group(n))];
  for (const auto one : count)
    EXPECT_GT(one, 30U);
}

}  // namespace
}  // namespace kith::conversations
