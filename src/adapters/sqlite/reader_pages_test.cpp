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

}  // namespace

}  // namespace kith::adapters::sqlite
