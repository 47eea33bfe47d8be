#include "features/receipts/self_receipts.hpp"

#include "base/limits.hpp"
#include "base/names.hpp"
#include "ports/fake_reactor.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace kith::features::receipts {
namespace {

using std::chrono::milliseconds;

base::Cid cid_of(std::uint8_t n, std::uint8_t m = 0) {
  base::Cid cid;
  cid.bytes = {n, m};
  return cid;
}

OwnRead read_of(const char* user, std::uint8_t conversation, base::Seq seq, std::uint64_t session) {
  return {.user = {static_cast<base::AppId>(1), base::UserId{user}},
          .user_cid = cid_of(static_cast<std::uint8_t>(user[0])),
          .cid = cid_of(conversation),
          .read_seq = seq,
          .unread = 100 - seq,
          .total_unread = 200 - seq,
          .session = session};
}

std::string told_of(std::uint8_t conversation, int seq, int unread, int total) {
  return R"(2["receipt.self",{"cid":")" + base::to_text(cid_of(conversation)) + R"(","read_seq":)" +
         std::to_string(seq) + R"(,"unread":)" + std::to_string(unread) + R"(,"total_unread":)" +
         std::to_string(total) + "}]";
}

struct Told {
  base::ConversationKey log;
  std::string text;
  std::uint64_t except;
};

class SelfReceiptsTest : public ::testing::Test {
 protected:
  SelfReceiptsTest() { reactor_.advance(std::chrono::seconds{10}); }

  std::vector<Told> after(base::Duration time) {
    told_.clear();
    reactor_.advance(time);
    return told_;
  }

  base::ManualClock clock_;
  ports::FakeReactor reactor_{clock_};
  std::vector<Told> told_;
  SelfReceipts receipts_{
      reactor_, [this](const auto& log, const auto& message, auto except) {
        told_.push_back({log, std::string{message.packet_view().substr(1)}, except});
      }};
};

TEST_F(SelfReceiptsTest,
       the_last_place_of_each_conversation_is_told_at_once_and_then_once_a_second) {
  receipts_.note(read_of("bob", 1, 3, 7));
  auto told = after(milliseconds{100});
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].text, told_of(1, 3, 97, 197));
  EXPECT_EQ(told[0].except, 7U);
  EXPECT_EQ(told[0].log.cid, cid_of('b'));
  for (base::Seq seq = 4; seq < 9; ++seq)
    receipts_.note(read_of("bob", 1, seq, 7));
  EXPECT_TRUE(after(milliseconds{500}).empty());
  told = after(milliseconds{500});
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].text, told_of(1, 8, 92, 192));
  EXPECT_TRUE(after(std::chrono::seconds{5}).empty());
}

TEST_F(SelfReceiptsTest, an_older_place_does_not_take_the_place_of_a_newer_one) {
  receipts_.note(read_of("bob", 1, 9, 7));
  receipts_.note(read_of("bob", 1, 4, 7));
  EXPECT_EQ(after(milliseconds{100}).at(0).text, told_of(1, 9, 91, 196));
}

TEST_F(SelfReceiptsTest, when_two_connections_have_read_both_are_told) {
  receipts_.note(read_of("bob", 1, 3, 7));
  receipts_.note(read_of("bob", 2, 4, 8));
  receipts_.note(read_of("bob", 2, 5, 7));
  for (const auto& told : after(milliseconds{100}))
    EXPECT_EQ(told.except, 0U) << told.text;
}

TEST_F(SelfReceiptsTest, users_are_told_of_their_own_only) {
  receipts_.note(read_of("ann", 1, 3, 7));
  receipts_.note(read_of("bob", 1, 5, 8));
  const auto told = after(milliseconds{100});
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].log.cid, cid_of('a'));
  EXPECT_EQ(told[0].text, told_of(1, 3, 97, 197));
  EXPECT_EQ(told[1].log.cid, cid_of('b'));
  EXPECT_EQ(told[1].except, 8U);
}

TEST_F(SelfReceiptsTest, what_waits_is_bounded) {
  auto read = read_of("bob", 1, 3, 7);
  for (std::size_t i = 0; i < base::limits::self_receipts_noted_max + 10; ++i) {
    read.cid.bytes = {static_cast<std::uint8_t>(i >> 16),
                      static_cast<std::uint8_t>(i >> 8),
                      static_cast<std::uint8_t>(i)};
    receipts_.note(read);
  }
  EXPECT_EQ(receipts_.noted(), base::limits::self_receipts_noted_max);
  receipts_.note(read_of("ann", 1, 1, 1));
  EXPECT_EQ(receipts_.noted(), base::limits::self_receipts_noted_max);
  EXPECT_EQ(after(milliseconds{100}).size(), base::limits::self_receipts_noted_max);
  EXPECT_EQ(receipts_.noted(), 0U);
}

}  // namespace
}  // namespace kith::features::receipts
