#include "relay/groups.hpp"

#include <gtest/gtest.h>

#include <gmock/gmock.h>

namespace kith::bench::relay {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST(Groups, HaveTheSocketsOfThoseWhoConnectAfterTheyWereMade) {
  Groups groups;
  ASSERT_TRUE(groups.add("crew", {"ann", "bob"}));
  groups.connect("ann", 3);
  groups.connect("ann", 4);
  groups.connect("eve", 5);
  EXPECT_THAT(groups.find("crew")->sockets, UnorderedElementsAre(3, 4));
}

TEST(Groups, HaveTheSocketsOfThoseWhoWereConnectedBefore) {
  Groups groups;
  groups.connect("ann", 3);
  ASSERT_TRUE(groups.add("crew", {"ann", "bob"}));
  groups.connect("bob", 4);
  EXPECT_THAT(groups.find("crew")->sockets, UnorderedElementsAre(3, 4));
}

TEST(Groups, TakeMoreMembersLaterAndNobodyTwice) {
  Groups groups;
  groups.connect("ann", 3);
  groups.connect("bob", 4);
  ASSERT_TRUE(groups.add("crew", {"ann"}));
  ASSERT_TRUE(groups.add("crew", {"bob", "ann"}));
  EXPECT_THAT(groups.find("crew")->sockets, UnorderedElementsAre(3, 4));
}

TEST(Groups, ForgetASocketThatIsGone) {
  Groups groups;
  ASSERT_TRUE(groups.add("crew", {"ann"}));
  ASSERT_TRUE(groups.add("team", {"ann"}));
  groups.connect("ann", 3);
  groups.connect("ann", 4);
  groups.disconnect("ann", 3);
  EXPECT_THAT(groups.find("crew")->sockets, UnorderedElementsAre(4));
  EXPECT_THAT(groups.find("team")->sockets, UnorderedElementsAre(4));
  groups.disconnect("ann", 4);
  EXPECT_THAT(groups.find("crew")->sockets, IsEmpty());
}

TEST(Groups, AreBounded) {
  Groups groups;
  EXPECT_FALSE(groups.add("crowd", std::vector<std::string>(members_max + 1, "ann")));
  for (std::size_t i = 0; i < groups_max; ++i)
    groups.add("g" + std::to_string(i), {});
  EXPECT_FALSE(groups.add("one more", {"ann"}));
  EXPECT_TRUE(groups.add("g7", {"ann"}));
}

TEST(Groups, AreNotFoundWhenNobodyMadeThem) {
  Groups groups;
  EXPECT_EQ(groups.find("crew"), nullptr);
}

}  // namespace
}  // namespace kith::bench::relay
