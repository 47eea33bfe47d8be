#pragma once

#include "conversations/batch.hpp"
#include "conversations/world_test.hpp"

#include <gtest/gtest.h>

namespace kith::conversations {

class BatchTest : public ::testing::Test {
 protected:
  BatchTest() { world_.start({&heard_}); }

  template <class EntryType, class T>
  void submit(std::unique_ptr<EntryType> entry, Answered<T>& answered) {
    entry->done = answered.into();
    world_.submit(std::move(entry));
  }

  // Fails the first `times` steps of a kind.
  template <class Kind>
  void fail(int times, bool again) {
    world_.store.fail_step =
        [times, again](const ports::Step& step) mutable -> std::optional<ports::StepFailed> {
      if (!std::holds_alternative<Kind>(step) || times == 0) return std::nullopt;
      --times;
      return ports::StepFailed{
          again, base::Fault{base::Errc::unavailable, "the database is ill: try again"}};
    };
  }

  void settle() { world_.settle(); }

  Listening heard_;
  World world_;
  const ConversationKey group_ = World::group(1);
};

}  // namespace kith::conversations
