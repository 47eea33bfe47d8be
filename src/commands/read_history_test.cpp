#include "commands/world_test.hpp"

namespace kith::commands {
namespace {

class HistoryTest : public CommandTest {
 protected:
  std::string group_ = make_group("ann", R"("members":["bob"])");

  void write(int count, std::size_t bytes = 3) {
    for (int i = 0; i < count; ++i)
      world_.submit(world_.send_entry(
          key_of(group_), "ann", "w" + std::to_string(++written_), std::string(bytes, 'x')));
    world_.settle();
  }

  Given& history(std::string_view more, std::string_view who = "bob") {
    return run("message.history", who, in(group_, more));
  }

  static std::vector<Seq> range(Seq from, Seq to) {
    std::vector<Seq> seqs;
    for (Seq seq = from; seq <= to; ++seq)
      seqs.push_back(seq);
    return seqs;
  }

  int written_ = 0;
};

TEST_F(HistoryTest, the_newest_page_comes_first_and_is_ascending) {
  write(10);
  auto& page = history(R"("limit":4)");
  EXPECT_EQ(page.seqs(), range(7, 10));
  EXPECT_EQ(page.number("prev"), 7U);
  EXPECT_FALSE(page.number("next").has_value());
  EXPECT_EQ(page.number("head"), 10U);
}

TEST_F(HistoryTest, pages_before_lead_to_the_first_message_and_end_there) {
  write(10);
  std::vector<Seq> all;
  std::string more = R"("limit":3)";
  for (int pages = 0; pages < 10; ++pages) {
    auto& page = history(more);
    auto seqs = page.seqs();
    all.insert(all.begin(), seqs.begin(), seqs.end());
    const auto prev = page.number("prev");
    if (!prev) break;
    more = R"("limit":3,"before":)" + std::to_string(*prev);
  }
  EXPECT_EQ(all, range(1, 10));
}

TEST_F(HistoryTest, pages_after_lead_to_the_last_message_and_end_there) {
  write(10);
  std::vector<Seq> all;
  std::string more = R"("limit":3,"after":0)";
  for (int pages = 0; pages < 10; ++pages) {
    auto& page = history(more);
    auto seqs = page.seqs();
    all.insert(all.end(), seqs.begin(), seqs.end());
    const auto next = page.number("next");
    if (!next) break;
    more = R"("limit":3,"after":)" + std::to_string(*next);
  }
  EXPECT_EQ(all, range(1, 10));
}

TEST_F(HistoryTest, around_gives_both_sides_of_a_place) {
  write(20);
  auto& page = history(R"("limit":6,"around":10)");
  EXPECT_EQ(page.seqs(), range(8, 13));
  EXPECT_EQ(page.number("prev"), 8U);
  EXPECT_EQ(page.number("next"), 13U);
  EXPECT_EQ(history(R"("limit":6,"around":1)").seqs(), range(1, 4));
  EXPECT_EQ(history(R"("limit":6,"around":99)").seqs(), range(18, 20));
  EXPECT_EQ(history(R"("limit":6,"around":0)").seqs(), range(1, 3));
}

TEST_F(HistoryTest, around_with_room_for_one_still_tells_of_later_ones) {
  write(5);
  auto& page = history(R"("limit":1,"around":3)");
  EXPECT_EQ(page.seqs(), range(3, 3));
  EXPECT_EQ(page.number("prev"), 3U);
  EXPECT_EQ(page.number("next"), 3U);
}

TEST_F(HistoryTest, an_empty_conversation_has_an_empty_page) {
  for (const char* more : {"", R"("before":5)", R"("after":0)", R"("around":3)"}) {
    auto& page = history(more);
    EXPECT_TRUE(page.seqs().empty()) << more;
    EXPECT_EQ(page.number("head"), 0U);
    EXPECT_FALSE(page.number("next").has_value());
    EXPECT_FALSE(page.number("prev").has_value());
  }
}

TEST_F(HistoryTest, the_edges_of_numbers_are_taken) {
  write(3);
  EXPECT_TRUE(history(R"("before":0)").seqs().empty());
  EXPECT_TRUE(history(R"("before":1)").seqs().empty());
  EXPECT_EQ(history(R"("before":9007199254740991)").seqs(), range(1, 3));
  EXPECT_TRUE(history(R"("after":9007199254740991)").seqs().empty());
  EXPECT_EQ(history(R"("around":9007199254740991)").seqs(), range(1, 3));
}

TEST_F(HistoryTest, a_page_holds_messages_only) {
  write(2);
  run("member.add", "ann", in(group_, R"("users":["dora"])"));
  write(2);
  EXPECT_EQ(history("").seqs(), (std::vector<Seq>{1, 2, 4, 5}));
}

TEST_F(HistoryTest, a_member_sees_from_his_joining_to_his_end) {
  write(3);
  run("member.add", "ann", in(group_, R"("users":["dora"])"));
  write(3);
  run("member.remove", "ann", in(group_, R"("user":"dora")"));
  write(3);
  auto& page = history("", "dora");
  EXPECT_EQ(page.seqs(), range(5, 7));
  EXPECT_EQ(page.number("head"), 8U);
  EXPECT_EQ(history(R"("after":0)", "dora").seqs(), range(5, 7));
  EXPECT_EQ(history(R"("around":2)", "dora").seqs().back(), 7U);
  EXPECT_EQ(history(R"("around":99)", "dora").seqs().back(), 7U);
  EXPECT_TRUE(history(R"("before":4)", "dora").seqs().empty());
}

TEST_F(HistoryTest, strangers_find_nothing) {
  write(1);
  EXPECT_TRUE(history("", "eve").refused(Errc::not_found));
  EXPECT_TRUE(history("", "").refused(Errc::validation_failed));
}

TEST_F(HistoryTest, a_page_is_bounded_in_count_and_bytes) {
  write(150);
  EXPECT_EQ(history(R"("limit":1000)").seqs().size(), base::limits::history_page_max);
  EXPECT_EQ(history("").seqs().size(), base::limits::history_page_max / 2);
  write(60, 15'000);
  for (const char* more :
       {R"("limit":100)", R"("limit":100,"after":150)", R"("limit":100,"around":180)"}) {
    auto& page = history(more);
    EXPECT_LE(page.data.size(), base::limits::history_page_bytes_max + 20'000) << more;
    EXPECT_GE(page.seqs().size(), 10U) << more;
    const auto seqs = page.seqs();
    EXPECT_EQ(seqs, range(seqs.front(), seqs.back())) << more;
  }
  EXPECT_EQ(history(R"("limit":100)").seqs().back(), 210U);
  EXPECT_EQ(history(R"("limit":100,"after":150)").seqs().front(), 151U);
}

TEST_F(HistoryTest, one_message_larger_than_a_page_is_a_page) {
  write(2, base::limits::history_page_bytes_max + 10);
  auto& page = history("");
  EXPECT_EQ(page.seqs(), range(2, 2));
  EXPECT_EQ(page.number("prev"), 2U);
}

TEST_F(HistoryTest, what_makes_no_sense_is_refused) {
  for (const char* bad : {R"("before":1,"after":1)",
                          R"("before":-1)",
                          R"("after":"1")",
                          R"("around":1.5)",
                          R"("around":9007199254740992)",
                          R"("limit":0)",
                          R"("limit":-3)",
                          R"("limit":true)"})
    EXPECT_TRUE(history(bad).refused(Errc::validation_failed)) << bad;
}

struct Memory final : RecentMessages {
  std::optional<Page> find(const Caller& caller,
                           const ConversationKey& /*key*/,
                           Seq before,
                           std::size_t limit) override {
    asked = {caller.user.str(), before, limit};
    return page;
  }

  std::tuple<std::string, Seq, std::size_t> asked;
  std::optional<Page> page = Page{{R"({"seq":6})", R"({"seq":7})"}, 9};
};

class AwayTest : public HistoryTest {
 protected:
  AwayTest() {
    context_.recent = &memory_;
    world_.store.fail_read = [this] { return std::optional{fault_}; };
  }

  Memory memory_;
  Fault fault_{Errc::unavailable, "the database does not answer"};
};

TEST_F(AwayTest, while_the_database_does_not_answer_the_newest_come_from_memory_and_say_so) {
  auto& page = history(R"("limit":5)");
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page.seqs(), range(6, 7));
  EXPECT_EQ(page.number("head"), 9U);
  EXPECT_EQ(page.json().find("stale")->as_bool(), true);
  EXPECT_EQ(memory_.asked, std::tuple("bob", base::seq_wire_max, 5U));
  history(R"("before":7)");
  EXPECT_EQ(std::get<1>(memory_.asked), 7U);
}

TEST_F(AwayTest, what_memory_can_not_tell_is_refused_as_ever) {
  EXPECT_TRUE(history(R"("after":3)").refused(Errc::unavailable));
  memory_.page->messages.clear();
  EXPECT_TRUE(history("").refused(Errc::unavailable));
  memory_.page.reset();
  EXPECT_TRUE(history("").refused(Errc::unavailable));
}

TEST_F(AwayTest, a_fault_that_says_something_is_not_covered_up) {
  fault_.code = Errc::internal;
  EXPECT_TRUE(history("").refused(Errc::internal));
}

}  // namespace
}  // namespace kith::commands
