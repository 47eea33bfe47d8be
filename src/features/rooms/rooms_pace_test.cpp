#include "features/rooms/rooms_world_test.hpp"

// Where much is said in rooms, the reactor takes messages together.
namespace kith::features::rooms {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the world of these tests
using std::chrono::milliseconds;

constexpr std::chrono::microseconds gather{1'000};

class RoomPace : public ::testing::Test {
 protected:
  // Messages of one connection, evenly.
  void send(RoomsWorld& w, int messages, milliseconds every) {
    auto& ann = w.connect("ann", 0);
    w.join(ann, "r");
    for (int i = 0; i < messages; ++i) {
      w.begin(ann, {"room.send", in_room("r", R"("data":1)")});
      w.pass(every);
    }
  }
};

TEST_F(RoomPace, where_much_is_sent_sockets_are_looked_at_together) {
  RoomsWorld w{2, {.gather = gather}};
  auto& ann = w.connect("ann", 0);
  w.join(ann, "r");
  for (int ms = 0; ms < 30; ++ms) {
    for (int i = 0; i < 3; ++i)
      w.begin(ann, {"room.send", in_room("r", R"("data":1)")});
    w.pass(milliseconds{1});
  }
  EXPECT_EQ(w.reactors[0]->paced, gather);
  EXPECT_EQ(w.reactors[1]->paced, base::Duration::zero());  // its sockets bring nothing
}

TEST_F(RoomPace, where_little_is_sent_nobody_waits) {
  RoomsWorld w{2, {.gather = gather}};
  send(w, 100, milliseconds{1});
  EXPECT_EQ(w.reactors[0]->paced, base::Duration::zero());
}

TEST_F(RoomPace, a_burst_after_silence_is_not_much_yet) {
  RoomsWorld w{2, {.gather = gather}};
  send(w, 100, milliseconds{0});
  w.pass(std::chrono::seconds{1});
  send(w, 1, milliseconds{0});
  EXPECT_EQ(w.reactors[0]->paced, base::Duration::zero());
}

TEST_F(RoomPace, without_gathering_nothing_is_paced) {
  RoomsWorld w{2, {}};
  auto& ann = w.connect("ann", 0);
  w.join(ann, "r");
  for (int i = 0; i < 1'000; ++i) {
    w.begin(ann, {"room.send", in_room("r", R"("data":1)")});
    if (i % 50 == 0) w.pass(milliseconds{5});
  }
  EXPECT_EQ(w.reactors[0]->paced, base::Duration::zero());
}

}  // namespace
}  // namespace kith::features::rooms
