#include "net/write_queue.hpp"

#include "base/random.hpp"
#include "runtime/fd.hpp"

#include <gtest/gtest.h>

#include <array>
#include <sys/socket.h>
#include <unistd.h>

namespace kith::net {
namespace {

class WriteQueueTest : public ::testing::Test {
 protected:
  WriteQueueTest() {
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()), 0);
    here.reset(fds[0]);
    there.reset(fds[1]);
    const int small = 4'096;
    ::setsockopt(here.get(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  }

  std::string arrived(std::size_t at_most = 1'000'000) {
    std::string bytes(at_most, '\0');
    const auto got = ::read(there.get(), bytes.data(), bytes.size());
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }

  runtime::Fd here;
  runtime::Fd there;
  WriteQueue queue;
};

TEST_F(WriteQueueTest, OwnedAndSharedPiecesLeaveInOrder) {
  const auto shared = std::make_shared<const std::string>("0123456789");
  queue.add("a");
  queue.add(shared, 2, 3);
  queue.add("b");
  queue.add(shared, 0, 0);
  queue.add("");
  queue.add(shared, 9, 1);
  EXPECT_EQ(queue.bytes(), 6U);
  EXPECT_EQ(queue.flush(here.get()), WriteQueue::Flush::all);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(arrived(), "a234b9");
}

TEST_F(WriteQueueTest, MorePiecesThanOneCallTakesLeaveAll) {
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    const auto shared = std::make_shared<const std::string>(std::to_string(i) + ",");
    queue.add(shared, 0, shared->size());
    expected += std::to_string(i) + ",";
  }
  std::string got;
  while (queue.flush(here.get()) != WriteQueue::Flush::all)
    got += arrived();
  got += arrived();
  EXPECT_EQ(got, expected);
}

TEST_F(WriteQueueTest, AFloodOfShortPiecesCostsLittleMoreThanItsBytes) {
  std::string expected;
  for (int i = 0; i < 100'000; ++i) {
    queue.add(i % 2 == 0 ? "ab" : "cde");
    expected += i % 2 == 0 ? "ab" : "cde";
  }
  EXPECT_EQ(queue.bytes(), expected.size());
  EXPECT_LE(queue.pieces(), 100U);
  std::string got;
  while (queue.flush(here.get()) != WriteQueue::Flush::all)
    got += arrived();
  got += arrived();
  EXPECT_EQ(got, expected);
}

TEST_F(WriteQueueTest, WhatIsJoinedToAPieceHalfSentLeavesBehindIt) {
  queue.add(std::string(3'000, 'a'));
  const std::string rest(200'000, 'b');
  queue.add(std::make_shared<const std::string>(rest), 0, rest.size());
  queue.add(std::string(10, 'c'));
  std::string got;
  while (queue.flush(here.get()) != WriteQueue::Flush::all) {
    got += arrived(1'000);
    queue.add("d");
  }
  got += arrived();
  EXPECT_EQ(got.substr(0, 203'010), std::string(3'000, 'a') + rest + std::string(10, 'c'));
  EXPECT_EQ(got.find_first_not_of('d', 203'010), std::string::npos);
}

TEST_F(WriteQueueTest, SentSharedBytesAreLetGoWhileTheRestWaits) {
  const auto first = std::make_shared<const std::string>("x");
  const auto big = std::make_shared<const std::string>(300'000, 'y');
  queue.add(first, 0, 1);
  queue.add(big, 0, big->size());
  EXPECT_EQ(queue.flush(here.get()), WriteQueue::Flush::partial);
  EXPECT_EQ(first.use_count(), 1);
  EXPECT_EQ(big.use_count(), 2);
  EXPECT_GT(queue.bytes(), 0U);
  EXPECT_LT(queue.bytes(), big->size());
  queue.clear();
  EXPECT_EQ(big.use_count(), 1);
  EXPECT_TRUE(queue.empty());
}

TEST_F(WriteQueueTest, ABrokenSocketIsReported) {
  there.reset();
  queue.add("lost");
  EXPECT_EQ(queue.flush(here.get()), WriteQueue::Flush::failed);
}

// Pieces of random size and kind, a reader that takes random amounts.
TEST_F(WriteQueueTest, NoByteIsLostDoubledOrMoved) {
  base::SeededRandom random{7};
  std::string expected;
  std::string got;
  for (int step = 0; step < 3'000; ++step) {
    const std::uint64_t word = random.next_u64();
    const std::size_t length = (word >> 8) % 400;
    std::string bytes(length, static_cast<char>('a' + step % 26));
    expected += bytes;
    if (word % 2 == 0) {
      queue.add(std::move(bytes));
    } else {
      const auto shared = std::make_shared<const std::string>("<" + bytes + ">");
      queue.add(shared, 1, length);
    }
    if (word % 5 == 0) queue.flush(here.get());
    if (word % 7 == 0) got += arrived((word >> 20) % 5'000);
  }
  while (queue.flush(here.get()) == WriteQueue::Flush::partial)
    got += arrived();
  got += arrived();
  EXPECT_EQ(got, expected);
}

}  // namespace
}  // namespace kith::net
