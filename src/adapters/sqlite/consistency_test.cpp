#include "adapters/sqlite/driven_store_test.hpp"

#include <atomic>
#include <thread>

// Readers beside a writer: each read sees one state, and none older than what was answered before.
namespace kith::adapters::sqlite {

namespace {

using namespace ports;
using ports::contract::key;
using ports::contract::message;
using ports::contract::user;

constexpr Seq batches = 300;

// Each batch gives one event to each of three conversations, which move to rows at different times
// because their tails began at different times.
class ConsistencyTest : public ::testing::TestWithParam<std::size_t> {
 protected:
  ScratchFolder folder_;
  std::atomic<Seq> answered_{0};
  std::atomic<bool> ended_{false};

  static TailLimits limits() {
    TailLimits limits;
    limits.fold_events = GetParam();
    limits.log_events = 30;
    limits.filter_save_ids = 50;
    return limits;
  }

  void write_all(DrivenStore& store) {
    for (Seq seq = 1; seq <= batches; ++seq) {
      WriteStep step;
      for (std::uint8_t c = 1; c <= 3; ++c) {
        step.events.push_back({key(c), message(seq, seq, "ann", "m" + std::to_string(seq))});
        step.reads.push_back({key(c), user("ann"), seq, seq});
      }
      // The third moves now, whatever its tail: a member's row is written.
      if (seq % 7 == 0) step.members = {{key(3), contract::member("bob")}};
      ASSERT_TRUE(store.write(std::move(step)));
      answered_ = seq;
    }
  }

  void read_one_state(DrivenStore& store) {
    const Seq before = answered_;
    const auto heads = store.heads({key(1), key(2), key(3)});
    EXPECT_GE(heads.at(0), before);
    EXPECT_EQ(heads.at(0), heads.at(1));
    EXPECT_EQ(heads.at(0), heads.at(2));
    const auto rows = store.answer<std::vector<Membership>>([&](auto& reactor, auto done) {
      store.store().memberships(reactor, contract::user_key("ann"), {}, std::move(done));
    });
    for (const auto& row : rows.value())
      EXPECT_EQ(row.head, rows.value().front().head);
    EXPECT_GE(rows.value().front().head, heads.at(0));
  }

  void read_one_conversation(DrivenStore& store, std::uint8_t c) {
    const Seq before = answered_;
    const auto seqs = store.seqs(key(c));
    EXPECT_GE(seqs.size(), before);
    EXPECT_EQ(seqs, up_to(seqs.size()));
    const auto listed = store.find_for(key(c), "ann");
    EXPECT_GE(listed->conversation.last_seq, seqs.size());
    EXPECT_EQ(listed->member.read_seq, listed->conversation.last_seq);
    EXPECT_EQ(listed->last_message ? listed->last_message->seq : 0, listed->conversation.last_seq);
    const auto unread = store.answer<std::uint64_t>([&](auto& reactor, auto done) {
      store.store().unread_total(reactor, contract::user_key("ann"), std::move(done));
    });
    EXPECT_EQ(unread.value(), 0U);
    if (before == 0) return;
    const auto sent =
        store.find_send({key(c), user("ann"), contract::client_id("m" + std::to_string(before))});
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->seq, before);
  }
};

TEST_P(ConsistencyTest, every_read_sees_one_state_and_all_that_was_answered) {
  DrivenStore store{folder_.file(), limits()};
  for (std::uint8_t c = 1; c <= 3; ++c)
    ASSERT_TRUE(store.make_group(key(c), {"ann", "bob"}));
  std::vector<std::thread> readers;
  for (std::uint8_t i = 0; i < 2; ++i)
    readers.emplace_back([&, i] {
      for (std::uint8_t n = i; !ended_ && !HasFailure(); ++n) {
        read_one_state(store);
        read_one_conversation(store, static_cast<std::uint8_t>(1 + n % 3));
      }
    });
  write_all(store);
  ended_ = true;
  for (std::thread& reader : readers)
    reader.join();
  read_one_state(store);
  EXPECT_EQ(store.seqs(key(2)), up_to(batches));
}

INSTANTIATE_TEST_SUITE_P(FoldEvents, ConsistencyTest, ::testing::Values(1, 2, 5, 1'000));

}  // namespace

}  // namespace kith::adapters::sqlite
