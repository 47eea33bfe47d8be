#include "ports/memory/peers.hpp"

#include "ports/fake_reactor.hpp"

#include <gtest/gtest.h>

namespace kith::ports {
namespace {

using std::chrono::milliseconds;

class MemoryPeersTest : public ::testing::Test {
 protected:
  void announce(MemoryPeers& peers, const std::string& id, const std::string& broker) {
    peers.announce(reactor_, id, broker, [this](auto result) {
      ++answers_;
      failed_ = result.has_error();
      told_.clear();
      if (!result.has_value()) return;
      epoch_ = result->epoch;
      for (const Peer& peer : result->peers)
        told_.push_back(peer.id + "@" + peer.broker + " " + std::to_string(peer.seen_ms));
    });
  }

  void settle(MemoryPeers& peers) {
    peers.run();
    reactor_.run();
  }

  base::ManualClock clock_;
  FakeReactor reactor_{clock_};
  std::shared_ptr<MemoryPeerTable> table_ = std::make_shared<MemoryPeerTable>(clock_);
  MemoryPeers one_{table_};
  MemoryPeers two_{table_};
  std::vector<std::string> told_;
  int answers_ = 0;
  bool failed_ = false;
  std::string epoch_;
};

TEST_F(MemoryPeersTest, who_announces_himself_is_told_of_the_others) {
  announce(one_, "a", "r1");
  settle(one_);
  EXPECT_TRUE(told_.empty());
  clock_.advance(milliseconds{700});
  announce(two_, "b", "");
  settle(two_);
  EXPECT_EQ(told_, std::vector<std::string>{"a@r1 700"});
  announce(one_, "a", "r2");
  settle(one_);
  EXPECT_EQ(told_, std::vector<std::string>{"b@ 0"});
}

TEST_F(MemoryPeersTest, the_epoch_is_raised_once_however_many_notice) {
  announce(one_, "a", "r1");
  settle(one_);
  const auto before = epoch_;
  one_.raise_epoch(before);
  two_.raise_epoch(before);
  announce(two_, "b", "r1");
  settle(two_);
  EXPECT_EQ(epoch_, "e2");
  EXPECT_NE(epoch_, before);
}

TEST_F(MemoryPeersTest, who_is_silent_for_more_than_a_minute_is_forgotten) {
  announce(one_, "a", "r1");
  settle(one_);
  clock_.advance(std::chrono::minutes{1});
  announce(two_, "b", "r1");
  settle(two_);
  EXPECT_EQ(told_, std::vector<std::string>{"a@r1 60000"});
  clock_.advance(milliseconds{1});
  announce(two_, "b", "r1");
  settle(two_);
  EXPECT_TRUE(told_.empty());
  EXPECT_EQ(table_->size(), 1U);
}

TEST_F(MemoryPeersTest, nothing_is_written_or_answered_before_its_moment) {
  announce(one_, "a", "r1");
  announce(one_, "b", "r1");
  EXPECT_EQ(table_->size(), 0U);
  one_.write(1);
  EXPECT_EQ(table_->size(), 1U);
  reactor_.run();
  EXPECT_EQ(answers_, 0);
  one_.answer();
  reactor_.run();
  EXPECT_EQ(answers_, 1);
  EXPECT_EQ(one_.announcements_waiting(), 1U);
  EXPECT_EQ(one_.answers_waiting(), 0U);
}

TEST_F(MemoryPeersTest, an_announcement_that_fails_writes_nothing) {
  one_.fail = [] {
    return std::optional<base::Fault>{{base::Errc::unavailable, "the database is away: wait"}};
  };
  announce(one_, "a", "r1");
  settle(one_);
  EXPECT_EQ(answers_, 1);
  EXPECT_TRUE(failed_);
  EXPECT_EQ(table_->size(), 0U);
}

}  // namespace
}  // namespace kith::ports
