#include "adapters/sqlite/sent_filter.hpp"

#include "base/random.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

namespace kith::adapters::sqlite {

namespace {

constexpr std::size_t plenty = 64 * 1024 * 1024;

base::ConversationKey conversation(std::uint8_t n) {
  base::ConversationKey key{base::AppId{1}, {}};
  key.cid.bytes[3] = n;
  return key;
}

std::uint64_t nth(std::uint64_t n) {
  return sent_hash(
      conversation(static_cast<std::uint8_t>(n % 97)), "ann", "id" + std::to_string(n));
}

double maybes(const SentFilter& filter, std::uint64_t first, std::uint64_t count) {
  std::uint64_t found = 0;
  for (std::uint64_t n = first; n < first + count; ++n)
    if (filter.maybe(nth(n))) ++found;
  return static_cast<double>(found) / static_cast<double>(count);
}

TEST(SentFilter, an_empty_one_denies_everything_and_holds_nothing) {
  const SentFilter filter{plenty};
  EXPECT_EQ(filter.layers(), 0U);
  EXPECT_EQ(maybes(filter, 0, 1'000), 0.0);
}

TEST(SentFilter, what_was_added_is_never_denied_and_little_else_is_suspected) {
  SentFilter filter{plenty};
  constexpr std::uint64_t ids = 300'000;
  for (std::uint64_t n = 0; n < ids; ++n)
    filter.add(nth(n));
  EXPECT_EQ(filter.layers(), 3U);
  EXPECT_EQ(maybes(filter, 0, ids), 1.0);
  EXPECT_LT(maybes(filter, 10'000'000, 100'000), 0.03);
}

TEST(SentFilter, adding_tells_whether_it_may_have_been_there) {
  SentFilter filter{plenty};
  EXPECT_FALSE(filter.add(nth(1)));
  EXPECT_TRUE(filter.add(nth(1)));
  EXPECT_FALSE(filter.add(nth(2)));
}

TEST(SentFilter, at_its_bound_it_suspects_more_and_grows_no_more) {
  SentFilter filter{SentFilter::words_of_layer(0) * 8};
  for (std::uint64_t n = 0; n < 4 * SentFilter::first_layer_ids; ++n)
    filter.add(nth(n));
  EXPECT_EQ(filter.layers(), 1U);
  EXPECT_EQ(maybes(filter, 0, 4 * SentFilter::first_layer_ids), 1.0);
}

TEST(SentFilter, conversation_sender_and_id_are_all_part_of_the_key) {
  const auto hash = sent_hash(conversation(1), "ann", "id");
  EXPECT_EQ(hash, sent_hash(conversation(1), "ann", "id"));
  EXPECT_NE(hash, sent_hash(conversation(2), "ann", "id"));
  EXPECT_NE(hash, sent_hash(conversation(1), "bob", "id"));
  EXPECT_NE(hash, sent_hash(conversation(1), "ann", "id2"));
  EXPECT_NE(hash, sent_hash(conversation(1), "anni", "d"));
  auto elsewhere = conversation(1);
  elsewhere.app = base::AppId{2};
  EXPECT_NE(hash, sent_hash(elsewhere, "ann", "id"));
}

TEST(SentFilter, other_threads_find_what_they_were_told_of_while_it_grows) {
  SentFilter filter{plenty};
  constexpr std::uint64_t ids = 200'000;  // three layers
  std::atomic<std::uint64_t> told{0};
  std::atomic<std::uint64_t> denied{0};
  std::thread other{[&] {
    for (std::uint64_t n = 0, known = 0; n < ids; n += 7) {
      while (known <= n)
        known = told.load(std::memory_order_acquire);
      if (!filter.maybe(nth(n)) || !filter.maybe(nth(known - 1))) ++denied;
    }
  }};
  for (std::uint64_t n = 0; n < ids; ++n) {
    filter.add(nth(n));
    told.store(n + 1, std::memory_order_release);
  }
  other.join();
  EXPECT_EQ(denied, 0U);
}

TEST(SentFilter, cleared_it_is_as_new) {
  SentFilter filter{plenty};
  for (std::uint64_t n = 0; n < 80'000; ++n)
    filter.add(nth(n));
  filter.clear();
  EXPECT_EQ(filter.layers(), 0U);
  EXPECT_EQ(filter.ids_in_last(), 0U);
  EXPECT_EQ(maybes(filter, 0, 1'000), 0.0);
  EXPECT_FALSE(filter.add(nth(1)));
}

TEST(SentFilter, restored_it_is_the_same_and_goes_on) {
  SentFilter filter{plenty};
  for (std::uint64_t n = 0; n < 80'000; ++n)
    filter.add(nth(n));
  SentFilter copy{plenty};
  for (std::size_t n = 0; n < filter.layers(); ++n)
    ASSERT_TRUE(copy.restore(filter.layer(n)));
  copy.restore_count(filter.ids_in_last());
  EXPECT_EQ(maybes(copy, 0, 80'000), 1.0);
  EXPECT_FALSE(copy.restore(std::vector<std::uint64_t>(7)));
  copy.add(nth(80'001));
  EXPECT_EQ(copy.layers(), filter.layers());
  EXPECT_TRUE(copy.maybe(nth(80'001)));
}

}  // namespace

}  // namespace kith::adapters::sqlite
