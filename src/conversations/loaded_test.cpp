#include "conversations/loaded.hpp"

#include "conversations/world_test.hpp"

#include <gtest/gtest.h>

namespace kith::conversations {
namespace {

using domain::EventKind;
using domain::Kind;

class LoadedTest : public ::testing::Test {
 protected:
  static ports::LoadedConversation stored(Kind kind = Kind::group) {
    ports::LoadedConversation loaded;
    loaded.conversation.kind = kind;
    loaded.conversation.last_seq = 10;
    loaded.conversation.access_rev = 3;
    loaded.members.push_back({.user = user("ann"), .role = Role::owner});
    loaded.members.push_back({.user = user("bob"), .role = Role::member});
    return loaded;
  }

  static Committed event(Seq seq, EventKind kind, std::string_view subject, std::uint64_t rev) {
    Committed committed;
    committed.event.seq = seq;
    committed.event.kind = kind;
    committed.event.subject = user(subject);
    committed.access_rev = rev;
    return committed;
  }

  static bool may_send(const Loaded& loaded, std::string_view name) {
    const auto right = loaded.may_send(user(name));
    return right && right->has_value();
  }
};

TEST_F(LoadedTest, knows_its_members_and_nothing_of_others) {
  const Loaded loaded{stored()};
  EXPECT_TRUE(may_send(loaded, "ann"));
  EXPECT_TRUE(may_send(loaded, "bob"));
  EXPECT_FALSE(loaded.may_send(user("eve")).has_value());
  EXPECT_EQ(loaded.access_rev(), 3U);
  EXPECT_EQ(loaded.members(), 2U);
}

TEST_F(LoadedTest, an_own_log_takes_no_messages_even_of_its_user) {
  const Loaded loaded{stored(Kind::user_log)};
  const auto right = loaded.may_send(user("ann"));
  ASSERT_TRUE(right.has_value());
  EXPECT_EQ(right->error().code, base::Errc::forbidden);
}

TEST_F(LoadedTest, members_come_and_go_with_the_events_of_the_log) {
  Loaded loaded{stored()};
  loaded.apply(event(11, EventKind::member_added, "carl", 4));
  EXPECT_TRUE(may_send(loaded, "carl"));
  loaded.apply(event(12, EventKind::member_removed, "bob", 5));
  EXPECT_FALSE(loaded.may_send(user("bob")).has_value());
  loaded.apply(event(13, EventKind::member_updated, "carl", 6));
  EXPECT_TRUE(may_send(loaded, "carl"));
  EXPECT_EQ(loaded.access_rev(), 6U);
  EXPECT_EQ(loaded.members(), 2U);
}

TEST_F(LoadedTest, what_the_snapshot_had_already_is_passed_over) {
  Loaded loaded{stored()};
  loaded.apply(event(9, EventKind::member_added, "old", 2));
  loaded.apply(event(10, EventKind::member_removed, "ann", 2));
  EXPECT_FALSE(loaded.may_send(user("old")).has_value());
  EXPECT_TRUE(may_send(loaded, "ann"));
  EXPECT_EQ(loaded.access_rev(), 3U);
}

TEST_F(LoadedTest, messages_change_no_rights) {
  Loaded loaded{stored()};
  loaded.apply(event(11, EventKind::message, "", 3));
  EXPECT_EQ(loaded.members(), 2U);
  EXPECT_EQ(loaded.access_rev(), 3U);
}

TEST_F(LoadedTest, removing_somebody_who_is_not_there_is_nothing) {
  Loaded loaded{stored()};
  loaded.apply(event(11, EventKind::member_removed, "eve", 4));
  EXPECT_EQ(loaded.members(), 2U);
  EXPECT_EQ(loaded.access_rev(), 4U);
}

}  // namespace
}  // namespace kith::conversations
