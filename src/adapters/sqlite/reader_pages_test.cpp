#include "adapters/sqlite/driven_store_test.hpp"
#include "base/limits.hpp"

namespace kith::adapters::sqlite {

namespace {

using namespace ports;
using ports::contract::key;
using ports::contract::message;
using ports::contract::user;

TailLimits rows_at_once() {
  TailLimits limits;
  limits.fold_events = 1;
  return limits;
}

TEST(ReaderPagesTest, names_stay_right_when_more_people_write_than_a_reader_remembers) {
  ScratchFolder folder;
  DrivenStore store{folder.file(), rows_at_once()};
  ASSERT_TRUE(store.make_group(key(1), {"ann"}));
  const Seq count = base::limits::reader_names_max + 10;
  WriteStep step;
  for (Seq seq = 1; seq <= count; ++seq)
    step.events.push_back({key(1), message(seq, seq, "u" + std::to_string(seq), "m")});
  ASSERT_TRUE(store.write(std::move(step)));
  for (int again = 0; again < 4; ++again) {  // both readers
    const auto events = store.page({key(1), 0, count, count});
    ASSERT_EQ(events.size(), count);
    for (const LogEvent& event : events)
      EXPECT_EQ(event.actor, user("u" + std::to_string(event.seq)));
  }
}

TEST(ReaderPagesTest, an_event_of_rows_names_both_its_users_and_none_where_there_is_none) {
  ScratchFolder folder;
  DrivenStore store{folder.file(), rows_at_once()};
  ASSERT_TRUE(store.make_group(key(1), {"ann"}));
  LogEvent nobodys = message(3, 1, "", "");
  nobodys.kind = domain::EventKind::conversation_added;
  WriteStep step;
  step.events = {{key(1), message(1, 1, "ann", "a")},
                 {key(1), contract::removal(2, 1, "ann", "bob")},
                 {key(1), nobodys}};
  ASSERT_TRUE(store.write(std::move(step)));
  const auto events = store.page({key(1), 0, 9, 9});
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].actor, user("ann"));
  EXPECT_TRUE(events[0].subject.empty());
  EXPECT_EQ(events[1].actor, user("ann"));
  EXPECT_EQ(events[1].subject, user("bob"));
  EXPECT_TRUE(events[2].actor.empty());
}

// Pages of history from rows 1 to 6 of a group, 4 of which is no message; 7 and 8 are in its tail.
class HistoryTest : public ::testing::Test {
 protected:
  HistoryTest() {
    EXPECT_TRUE(store_.make_group(key(1), {"ann"}));
    WriteStep step;
    for (const Seq seq : {1U, 2U, 3U, 4U, 5U, 6U}) {
      LogEvent event = message(seq, seq, "ann", "m" + std::to_string(seq));
      if (seq == 4) event = contract::removal(seq, seq, "ann", "bob");
      step.events.push_back({key(1), event});
    }
    EXPECT_TRUE(store_.write(std::move(step)));
    EXPECT_TRUE(store_.send(key(1), "ann", 7, 8));
    EXPECT_EQ(store_.number("SELECT count(*) FROM entry"), 6);
  }

  static TailLimits six_at_once() {
    TailLimits limits;
    limits.fold_events = 6;
    return limits;
  }

  // Nothing: it failed.
  std::optional<std::vector<Seq>> history(Seq after, Seq to, bool newest, std::size_t enough = 99) {
    auto kept = std::make_shared<contract::KeptMessages>(enough);
    const auto seen = store_.answer<bool>([&](auto& reactor, auto done) {
      store_.store().history(
          reactor, {key(1), user("ann"), after, to, newest}, kept, std::move(done));
    });
    if (seen.has_value()) return kept->seqs();
    EXPECT_EQ(seen.error().code, base::Errc::unavailable);
    EXPECT_NE(std::string{seen.error().text}.find("is damaged"), std::string::npos);
    return std::nullopt;
  }

  void lose(Seq seq) {
    auto file = Connection::open(folder_.file(), Access::write).value();
    ASSERT_TRUE(
        file.run_script("DELETE FROM entry WHERE seq = " + std::to_string(seq)).has_value());
  }

  using Seqs = std::vector<Seq>;
  ScratchFolder folder_;
  DrivenStore store_{folder_.file(), six_at_once()};
};

TEST_F(HistoryTest, events_that_are_no_messages_are_passed_over_in_rows) {
  EXPECT_EQ(history(0, 99, false), (Seqs{1, 2, 3, 5, 6, 7, 8}));
  EXPECT_EQ(history(0, 99, true), (Seqs{8, 7, 6, 5, 3, 2, 1}));
  EXPECT_EQ(history(2, 4, false), (Seqs{3}));
  EXPECT_EQ(history(3, 4, true), Seqs{});
  EXPECT_EQ(history(6, 7, true), (Seqs{7}));
}

TEST_F(HistoryTest, a_row_that_is_missing_is_never_passed_over) {
  lose(3);
  EXPECT_EQ(history(0, 99, false), std::nullopt);
  EXPECT_EQ(history(0, 99, true), std::nullopt);
  EXPECT_EQ(history(2, 99, false), std::nullopt) << "it is the first";
  EXPECT_EQ(history(0, 3, true), std::nullopt);
  EXPECT_EQ(history(0, 3, false), std::nullopt) << "it is the last";
  EXPECT_EQ(history(2, 99, true), std::nullopt);
  EXPECT_EQ(history(2, 3, true), std::nullopt) << "it is all";
}

TEST_F(HistoryTest, a_page_without_the_row_that_is_missing_is_shown) {
  lose(3);
  EXPECT_EQ(history(3, 99, false), (Seqs{5, 6, 7, 8}));
  EXPECT_EQ(history(0, 2, true), (Seqs{2, 1}));
  EXPECT_EQ(history(0, 99, true, 4), (Seqs{8, 7, 6, 5}));
  EXPECT_EQ(history(0, 99, false, 2), (Seqs{1, 2}));
}

TEST_F(HistoryTest, a_row_that_is_missing_before_the_tail_is_not_passed_over) {
  lose(6);
  EXPECT_EQ(history(0, 99, true), std::nullopt);
  EXPECT_EQ(history(4, 99, false), std::nullopt);
  EXPECT_EQ(history(6, 99, false), (Seqs{7, 8}));
}

}  // namespace

}  // namespace kith::adapters::sqlite
