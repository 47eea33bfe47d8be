#include "base/limits.hpp"

#include <gtest/gtest.h>

// What the limits must be to each other for the code that trusts them.
namespace kith::base::limits {
namespace {

TEST(Limits, an_outbox_has_room_between_its_marks) {
  EXPECT_LT(outbox_low_bytes, outbox_high_bytes);
  EXPECT_GT(outbox_high_bytes - outbox_low_bytes, text_bytes_max + custom_bytes_max);
}

TEST(Limits, the_newest_page_of_who_is_far_behind_is_shorter_than_what_he_missed) {
  EXPECT_LT(history_page_max, behind_events_max);
  EXPECT_LE(page_events_max, behind_events_max);
}

TEST(Limits, what_one_request_may_bring_fits_the_slices_it_is_cut_into) {
  EXPECT_GE(members_per_request_max, members_slice);
  EXPECT_GE(members_max, members_per_request_max);
  EXPECT_GE(cursors_max, cursor_slice);
}

TEST(Limits, a_batch_is_smaller_than_the_queue_it_is_taken_from) {
  EXPECT_LT(batch_entries_max, lane_queue_entries_max);
  EXPECT_LT(batch_bytes_max, lane_queue_bytes_max);
}

TEST(Limits, a_message_fits_a_page_of_history_and_a_body) {
  constexpr auto attachments =
      message_attachments_max * (url_bytes_max + mime_bytes_max + name_bytes_max);
  EXPECT_LT(text_bytes_max + custom_bytes_max + attachments, history_page_bytes_max);
  EXPECT_LT(text_bytes_max + custom_bytes_max + attachments, http_body_bytes_max);
}

TEST(Limits, names_of_users_fit_what_carries_them) {
  EXPECT_LT(user_chars_max * 4, http_line_bytes_max);
  EXPECT_LT(token_bytes_max, http_head_bytes_max);
}

TEST(Limits, one_conversation_does_not_take_the_memory_of_all) {
  EXPECT_LT(ring_bytes_max * 100, ring_total_bytes_max);
  EXPECT_LT(members_max, loaded_members_max);
}

}  // namespace
}  // namespace kith::base::limits
