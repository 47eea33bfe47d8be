#include "ports/lane_queue.hpp"

#include <gtest/gtest.h>

namespace kith::ports {
namespace {

namespace limits = base::limits;

struct TestEntry final : LaneEntry {
  TestEntry(int entry_name, std::size_t about_bytes, std::size_t rows)
      : name(entry_name), bytes_(about_bytes), rows_(rows) {}

  std::size_t bytes() const noexcept override { return bytes_; }

  std::size_t background_rows() const noexcept override { return rows_; }

  int name;

 private:
  std::size_t bytes_;
  std::size_t rows_;
};

class LaneQueueTest : public testing::Test {
 protected:
  base::Result<void> push(int name, std::size_t bytes = 10, std::size_t rows = 0) {
    entry_ = std::make_unique<TestEntry>(name, bytes, rows);
    return queue_.push(entry_);
  }

  std::vector<int> take(std::size_t entries_max = limits::batch_entries_max) {
    std::vector<int> names;
    for (const auto& entry : queue_.take(entries_max))
      names.push_back(dynamic_cast<const TestEntry&>(*entry).name);
    return names;
  }

  LaneQueue queue_;
  std::unique_ptr<LaneEntry> entry_;  // left here when it was refused
};

TEST_F(LaneQueueTest, gives_what_is_awaited_before_the_background_each_in_its_order) {
  static_cast<void>(push(1, 10, 5));
  static_cast<void>(push(2));
  static_cast<void>(push(3, 10, 5));
  static_cast<void>(push(4));
  EXPECT_EQ(take(), (std::vector{2, 4, 1, 3}));
  EXPECT_TRUE(queue_.empty());
  EXPECT_TRUE(take().empty());
}

TEST_F(LaneQueueTest, gives_back_what_is_awaited_and_came_before_a_moment) {
  for (int i = 0; i < 4; ++i) {
    entry_ = std::make_unique<TestEntry>(i, 10, i == 1 ? 1 : 0);
    entry_->submitted_at = {i * 10};
    static_cast<void>(queue_.push(entry_));
  }
  std::vector<int> names;
  for (const auto& entry : queue_.withdraw({25}))
    names.push_back(dynamic_cast<const TestEntry&>(*entry).name);
  EXPECT_EQ(names, (std::vector{0, 2}));
  EXPECT_EQ(take(), (std::vector{3, 1}));
  static_cast<void>(push(9, limits::lane_queue_bytes_max));  // their bytes are free again
  EXPECT_EQ(take(), (std::vector{9}));
}

TEST_F(LaneQueueTest, gives_one_slice_of_background_rows_at_a_time) {
  for (int i = 0; i < 5; ++i)
    static_cast<void>(push(i, 10, limits::cursor_slice / 2));
  EXPECT_EQ(take(), (std::vector{0, 1}));
  EXPECT_EQ(take(), (std::vector{2, 3}));
  EXPECT_EQ(take(), (std::vector{4}));
}

TEST_F(LaneQueueTest, gives_a_background_entry_larger_than_a_slice_alone) {
  static_cast<void>(push(1, 10, limits::cursor_slice * 2));
  static_cast<void>(push(2, 10, 1));
  EXPECT_EQ(take(), (std::vector{1}));
  EXPECT_EQ(take(), (std::vector{2}));
}

TEST_F(LaneQueueTest, writes_some_background_however_much_is_awaited) {
  static_cast<void>(push(1, 10, 1));
  for (int i = 2; i < 12; ++i)
    static_cast<void>(push(i));
  EXPECT_EQ(take(4), (std::vector{2, 3, 4, 1}));
  EXPECT_EQ(take(4), (std::vector{5, 6, 7, 8}));
  static_cast<void>(push(20, 10, 1));
  EXPECT_EQ(take(1), (std::vector{9}));  // answers first, where there is room for one only
}

TEST_F(LaneQueueTest, a_large_awaited_entry_waits_for_the_next_batch_and_then_passes) {
  static_cast<void>(push(1));
  static_cast<void>(push(2, limits::batch_bytes_max + 1));
  static_cast<void>(push(3, 10, 1));
  EXPECT_EQ(take(), (std::vector{1, 3}));
  static_cast<void>(push(4, 10, 1));
  EXPECT_EQ(take(), (std::vector{2, 4}));
}

TEST_F(LaneQueueTest, refuses_above_its_bytes_and_leaves_the_entry) {
  ASSERT_TRUE(push(1, limits::lane_queue_bytes_max * 2).has_value());  // alone: any size
  const auto refused = push(2, 1, 1);
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code, base::Errc::overloaded);
  EXPECT_GT(refused.error().retry_after_ms, 0U);
  ASSERT_NE(entry_, nullptr);
  EXPECT_EQ(take(), (std::vector{1}));
  EXPECT_TRUE(push(2, 1, 1).has_value());
}

TEST_F(LaneQueueTest, refuses_above_its_entries_of_both_kinds_together) {
  for (std::size_t i = 0; i < limits::lane_queue_entries_max; ++i)
    ASSERT_TRUE(push(static_cast<int>(i), 1, i % 2).has_value());
  EXPECT_TRUE(push(0, 1, 0).has_error());
  EXPECT_TRUE(push(0, 1, 1).has_error());
  EXPECT_EQ(queue_.size(), limits::lane_queue_entries_max);
}

}  // namespace
}  // namespace kith::ports
