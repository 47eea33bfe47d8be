#include "adapters/sqlite/driven_store_test.hpp"
#include "adapters/sqlite/reader.hpp"
#include "base/limits.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kith::adapters::sqlite {
namespace {

using ports::contract::PretendReactor;

// One reading thread, and two reactors: whoever it answers may make it wait.
class ReaderPoolTest : public ::testing::Test {
 protected:
  ReaderPoolTest() {
    auto options = world_.options(folder_.file());
    options.reader_threads = 1;
    store_ = open_sqlite(options).value();
  }

  void ask(PretendReactor& reactor, int name) {
    store_->find_external(reactor, {domain::AppId{1}, "nothing"}, [this, name](auto found) {
      EXPECT_TRUE(found.has_value());
      answers_.push_back(name);
    });
  }

  // The thread stands still until `slow_` is held no more.
  void stop_reading() {
    slow_.hold(true);
    ask(slow_, 0);
    ASSERT_TRUE(slow_.wait_for_posts(1));
  }

  ScratchFolder folder_;
  Surroundings world_;
  PretendReactor slow_;
  PretendReactor quick_;
  std::unique_ptr<ports::Store> store_;
  std::vector<int> answers_;
};

TEST_F(ReaderPoolTest, what_waits_together_is_answered_together_and_in_order) {
  stop_reading();
  for (int name = 1; name <= 5; ++name)
    ask(quick_, name);
  slow_.hold(false);
  while (answers_.size() < 5)
    ASSERT_TRUE(quick_.run_one());
  EXPECT_EQ(answers_, (std::vector<int>{1, 2, 3, 4, 5}));
}

TEST_F(ReaderPoolTest, of_what_two_reactors_asked_each_gets_its_own) {
  stop_reading();
  PretendReactor other;
  for (int name = 1; name <= 6; ++name)
    ask(name % 2 == 0 ? other : quick_, name);
  slow_.hold(false);
  while (answers_.size() < 3)
    ASSERT_TRUE(quick_.run_one());
  EXPECT_EQ(answers_, (std::vector<int>{1, 3, 5}));
  while (answers_.size() < 6)
    ASSERT_TRUE(other.run_one());
  EXPECT_EQ(answers_, (std::vector<int>{1, 3, 5, 2, 4, 6}));
}

TEST_F(ReaderPoolTest, more_than_a_thread_takes_at_once_is_answered_all_the_same) {
  stop_reading();
  const std::size_t many = 3 * base::limits::reads_at_once_max + 1;
  for (std::size_t i = 0; i < many; ++i)
    ask(quick_, static_cast<int>(i));
  slow_.hold(false);
  while (answers_.size() < many)
    ASSERT_TRUE(quick_.run_one());
}

TEST_F(ReaderPoolTest, reads_that_wait_when_it_ends_are_not_answered) {
  stop_reading();
  ask(quick_, 1);
  slow_.hold(false);
  store_.reset();
  EXPECT_LE(answers_.size(), 1U);
}

TEST(ReaderSpanTest, reads_in_a_span_see_the_state_it_began_with) {
  ScratchFolder folder;
  DrivenStore driven{folder.file()};
  Tails none{TailLimits{}};
  auto reader = Reader::open(folder.file(), none).value();
  const auto there = [&] {
    return reader.find_for({domain::AppId{1}, {}}, domain::UserId{"ann"}).value().has_value();
  };
  ASSERT_FALSE(there());
  {
    const Reader::Span span{reader};
    ASSERT_TRUE(driven.make_group({domain::AppId{1}, {}}, {"ann"}));
    EXPECT_FALSE(there());
    EXPECT_FALSE(there());
  }
  EXPECT_TRUE(there());
}

}  // namespace
}  // namespace kith::adapters::sqlite
