#pragma once

#include "delivery/session.hpp"
#include "delivery/world_test.hpp"

#include <gtest/gtest.h>

namespace kith::delivery {

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() { world_.make_group(group_, {"ann", "bob", "carl"}); }

  // Written by "bob", and ann does not read meanwhile.
  void flood(const ConversationKey& key, int count, std::size_t bytes) {
    world_.write(key, "bob", count, bytes);
  }

  Seq cursor(std::string_view name, std::string_view device = "") {
    const auto& cursors = world_.store.database().committed().cursors;
    const auto it = cursors.find({group_, user(name), DeviceId{std::string{device}}});
    return it == cursors.end() ? 0 : it->second;
  }

  void pass(std::uint32_t ms) {
    world_.pass(std::chrono::milliseconds{ms});
    world_.settle();
  }

  DeliveryWorld world_;
  const ConversationKey group_ = DeliveryWorld::group(1);
};

}  // namespace kith::delivery
