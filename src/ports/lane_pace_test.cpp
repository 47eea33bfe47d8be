#include "ports/lane_pace.hpp"

#include <gtest/gtest.h>

namespace kith::ports {
namespace {

using std::chrono::microseconds;

constexpr base::Duration linger = microseconds{500};
constexpr auto enough = base::limits::lane_linger_entries_max;

TEST(LanePace, the_first_and_whoever_sends_alone_do_not_wait) {
  LanePace pace{linger};
  EXPECT_EQ(pace.linger(1), base::Duration::zero());
  pace.note(1);
  EXPECT_EQ(pace.linger(1), base::Duration::zero());
  pace.note(0);
  EXPECT_EQ(pace.linger(0), base::Duration::zero());
}

TEST(LanePace, after_messages_that_came_together_it_waits_for_more) {
  LanePace pace{linger};
  pace.note(2);
  EXPECT_EQ(pace.linger(0), linger);
  EXPECT_EQ(pace.linger(enough - 1), linger);
}

TEST(LanePace, enough_company_is_not_kept_waiting) {
  LanePace pace{linger};
  pace.note(500);
  EXPECT_EQ(pace.linger(enough), base::Duration::zero());
}

TEST(LanePace, waiting_in_vain_ends_it) {
  LanePace pace{linger};
  pace.note(2);
  pace.note(1);
  EXPECT_EQ(pace.linger(1), base::Duration::zero());
}

TEST(LanePace, it_can_be_switched_off) {
  LanePace pace{base::Duration::zero()};
  pace.note(2);
  EXPECT_EQ(pace.linger(1), base::Duration::zero());
}

}  // namespace
}  // namespace kith::ports
