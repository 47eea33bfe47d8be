#pragma once

#include "conversations/plan.hpp"
#include "conversations/world_test.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace kith::conversations {

// A group of ann, its owner, bob and carl; what single entries decide is seen through the lane.
class PlanTest : public ::testing::Test {
 protected:
  PlanTest() {
    world_.start({&heard_});
    world_.make_group(group_, {"ann", "bob", "carl"});
  }

  template <class T, class EntryType>
  Answered<T> run(std::unique_ptr<EntryType> entry) {
    Answered<T> answered;
    entry->done = answered.into();
    world_.submit(std::move(entry));
    world_.settle();
    return answered;
  }

  Answered<AddResult> add(std::vector<std::string> names, std::string_view actor, Role role) {
    return run<AddResult>(world_.add_entry(group_, names, actor, role));
  }

  Answered<ChangeResult> remove(std::string_view name, std::string_view actor) {
    return run<ChangeResult>(world_.remove_entry(group_, name, actor));
  }

  Answered<SendResult> send(std::string_view sender, std::string_view id) {
    return run<SendResult>(world_.send_entry(group_, sender, id));
  }

  Answered<std::vector<ReadMark>> read(std::string_view who, Seq seq) {
    return run<std::vector<ReadMark>>(world_.read_entry(who, {{group_.cid, seq}}));
  }

  const domain::Member& member(std::string_view name) {
    return world_.row(group_)->members.at(user(name));
  }

  const LogEvent& event(const ConversationKey& key, Seq seq) {
    return *world_.row(key)->log.at(seq);
  }

  Listening heard_;
  World world_;
  const ConversationKey group_ = World::group(1);
};

}  // namespace kith::conversations
