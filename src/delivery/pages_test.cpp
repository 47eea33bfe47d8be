#include "delivery/pages.hpp"

#include "delivery/world_test.hpp"

#include <gtest/gtest.h>

namespace kith::delivery {
namespace {

namespace limits = base::limits;

class PagesTest : public ::testing::Test {
 protected:
  PagesTest() { world_.make_group(group_, {"ann", "bob"}); }

  void read(Seq after, Seq to) {
    pages_.read(group_, after, to, [this](base::Result<std::vector<PublishedPtr>> page) {
      std::vector<Seq> seqs;
      if (page.has_value())
        for (const auto& published : *page)
          seqs.push_back(published->seq);
      else
        fault_ = page.error();
      answers_.push_back(std::move(seqs));
    });
  }

  DeliveryWorld world_;
  const ConversationKey group_ = DeliveryWorld::group(1);
  PageReader pages_{world_.hub(), 2};
  std::vector<std::vector<Seq>> answers_;
  std::optional<base::Fault> fault_;
};

TEST_F(PagesTest, a_page_is_the_first_part_of_its_range_and_bounded) {
  world_.write(group_, "ann", 300);
  read(10, 300);
  read(290, 295);
  world_.settle();
  ASSERT_EQ(answers_.size(), 2U);
  EXPECT_EQ(answers_[0], range(11, 10 + limits::page_events_max));
  EXPECT_EQ(answers_[1], range(291, 295));
}

TEST_F(PagesTest, a_page_holds_no_more_bytes_than_an_outbox_takes) {
  constexpr std::size_t bytes = 20'000;
  constexpr auto fit = (limits::outbox_high_bytes + bytes - 1) / bytes;
  world_.write(group_, "ann", 100, bytes);
  for (Seq at = 0; at < 60; at += fit)
    read(at, 100);
  world_.settle();
  for (std::size_t i = 0; i < answers_.size(); ++i)
    EXPECT_EQ(answers_[i], range(1 + i * fit, (i + 1) * fit));
  EXPECT_FALSE(fault_.has_value());
}

TEST_F(PagesTest, the_same_page_is_read_once_for_all_who_want_it) {
  world_.write(group_, "ann", 10);
  for (int i = 0; i < 5; ++i)
    read(0, 10);
  EXPECT_EQ(world_.store.reads_waiting(), 1U);
  world_.settle();
  EXPECT_EQ(answers_, std::vector<std::vector<Seq>>(5, range(1, 10)));
}

TEST_F(PagesTest, no_more_reads_than_allowed_are_under_way_and_all_come) {
  world_.write(group_, "ann", 10);
  for (Seq after = 0; after < 8; ++after)
    read(after, 10);
  EXPECT_EQ(world_.store.reads_waiting(), 2U);
  world_.store.look();
  world_.store.answer();
  world_.run_reactors();
  EXPECT_EQ(world_.store.reads_waiting(), 2U);
  world_.settle();
  EXPECT_EQ(answers_.size(), 8U);
}

TEST_F(PagesTest, what_the_ring_holds_is_answered_at_once_without_a_read) {
  const auto ann = world_.connect("ann");
  world_.write(group_, "bob", 20);
  read(5, 20);
  EXPECT_EQ(answers_, std::vector<std::vector<Seq>>{range(6, 20)});
  read(19, 20);
  EXPECT_EQ(answers_.back(), range(20, 20));
  EXPECT_EQ(world_.store.reads_waiting(), 0U);
}

TEST_F(PagesTest, the_edges_of_the_ring_are_exact) {
  const auto ann = world_.connect("ann");
  const auto count = limits::ring_events_max + 50;
  world_.write(group_, "bob", static_cast<int>(count), 10);
  const Seq oldest = count - limits::ring_events_max + 1;
  read(oldest - 1, count);
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_.back(), range(oldest, count));
  read(oldest - 2, count);
  EXPECT_EQ(answers_.size(), 1U);
  EXPECT_EQ(world_.store.reads_waiting(), 1U);
  world_.settle();
  EXPECT_EQ(answers_.back(), range(oldest - 1, count));
  read(count, count + 5);
  EXPECT_EQ(world_.store.reads_waiting(), 1U);
}

TEST_F(PagesTest, a_store_that_can_not_read_now_is_told_to_all_who_wait) {
  world_.write(group_, "ann", 3);
  world_.store.fail_read = [] {
    return std::optional<base::Fault>{base::Fault{base::Errc::overloaded, "later"}};
  };
  read(0, 3);
  read(0, 3);
  world_.settle();
  EXPECT_EQ(answers_.size(), 2U);
  EXPECT_EQ(fault_->code, base::Errc::overloaded);
  world_.store.fail_read = nullptr;
  read(0, 3);
  world_.settle();
  EXPECT_EQ(answers_.back(), range(1, 3));
}

TEST_F(PagesTest, a_hole_in_a_log_is_never_passed_over) {
  auto& database = world_.store.database();
  database.execute(ports::LockStep{{group_}});
  ports::WriteStep step;
  for (const Seq seq : {1, 3}) {
    domain::LogEvent event;
    event.seq = event.no = seq;
    event.actor = user("ann");
    event.client_id = conversations::ClientId{"h" + std::to_string(seq)};
    step.events.push_back({group_, event});
  }
  database.execute(step);
  database.execute(ports::CommitStep{});
  read(0, 3);
  world_.settle();
  EXPECT_EQ(fault_->code, base::Errc::internal);
  fault_.reset();
  read(3, 9);  // a head that nothing stands for
  world_.settle();
  EXPECT_EQ(fault_->code, base::Errc::internal);
}

TEST_F(PagesTest, a_read_that_comes_back_when_the_reader_is_gone_is_dropped) {
  world_.write(group_, "ann", 3);
  int answers = 0;
  {
    PageReader short_lived{world_.hub(), 1};
    short_lived.read(group_, 0, 3, [&](auto) { ++answers; });
    short_lived.read(group_, 1, 3, [&](auto) { ++answers; });
  }
  world_.settle();
  EXPECT_EQ(answers, 0);
}

TEST_F(PagesTest, a_callback_may_ask_for_the_next_page) {
  world_.write(group_, "ann", 450);
  std::vector<Seq> seen;
  std::function<void(Seq)> go_on = [&](Seq after) {
    if (after >= 450) return;
    pages_.read(group_, after, 450, [&](base::Result<std::vector<PublishedPtr>> page) {
      for (const auto& published : *page)
        seen.push_back(published->seq);
      go_on(seen.back());
    });
  };
  go_on(0);
  world_.settle();
  EXPECT_EQ(seen, range(1, 450));
}

}  // namespace
}  // namespace kith::delivery
