#include "rest/kept_answers.hpp"

#include <gtest/gtest.h>

namespace kith::rest {
namespace {

using Asker = KeptAnswers::Asker;
using First = KeptAnswers::First;

class KeptAnswersTest : public ::testing::Test {
 protected:
  KeptAnswers kept_{{.keys_max = 3, .bytes_max = 100, .kept = std::chrono::seconds{60}}};
  base::Instant now_{};

  std::optional<KeptAnswers::Verdict> ask(const std::string& key,
                                          const std::string& fingerprint = "f",
                                          Asker asker = {}) {
    return kept_.ask(key, fingerprint, asker, now_);
  }

  KeptAnswers::Told settle(const std::string& key, std::optional<std::string> body) {
    std::optional<KeptAnswer> answer;
    if (body) answer = KeptAnswer{*body};
    return kept_.settle(key, std::move(answer), now_);
  }

  bool runs(const std::string& key) {
    const auto verdict = ask(key);
    return verdict && std::holds_alternative<First>(*verdict);
  }
};

TEST_F(KeptAnswersTest, the_first_runs_and_who_asks_again_gets_its_answer) {
  EXPECT_TRUE(runs("k"));
  EXPECT_TRUE(settle("k", "done").empty());
  for (int i = 0; i < 2; ++i) {
    const auto again = ask("k");
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(std::get<KeptAnswer>(*again).body, "done");
  }
}

TEST_F(KeptAnswersTest, another_request_under_the_same_key_is_a_conflict) {
  EXPECT_TRUE(runs("k"));
  EXPECT_EQ(std::get<base::Fault>(*ask("k", "other")).code, base::Errc::conflict);
  settle("k", "done");
  EXPECT_EQ(std::get<base::Fault>(*ask("k", "other")).code, base::Errc::conflict);
  EXPECT_TRUE(runs("k2"));
}

TEST_F(KeptAnswersTest, who_asks_meanwhile_waits_for_the_same_answer) {
  EXPECT_TRUE(runs("k"));
  EXPECT_FALSE(ask("k", "f", {1, 7}).has_value());
  EXPECT_FALSE(ask("k", "f", {2, 8}).has_value());
  const auto told = settle("k", "done");
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].first.reactor, 1U);
  EXPECT_EQ(told[0].first.number, 7U);
  EXPECT_EQ(std::get<KeptAnswer>(told[1].second).body, "done");
}

TEST_F(KeptAnswersTest, what_came_to_nothing_is_tried_by_the_next_who_waits_or_asks) {
  EXPECT_TRUE(runs("k"));
  ask("k", "f", {1, 7});
  ask("k", "f", {1, 8});
  auto told = settle("k", std::nullopt);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].first.number, 7U);
  EXPECT_TRUE(std::holds_alternative<First>(told[0].second));
  told = settle("k", "done");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].first.number, 8U);
  EXPECT_TRUE(runs("k2"));
  EXPECT_TRUE(settle("k2", std::nullopt).empty());
  EXPECT_TRUE(runs("k2"));
}

TEST_F(KeptAnswersTest, answers_are_forgotten_after_their_time) {
  EXPECT_TRUE(runs("k"));
  now_ = now_ + std::chrono::seconds{50};
  settle("k", "done");
  now_ = now_ + std::chrono::seconds{59};
  EXPECT_FALSE(runs("k"));
  now_ = now_ + std::chrono::seconds{1};
  EXPECT_TRUE(runs("k"));
}

TEST_F(KeptAnswersTest, beyond_the_bounds_the_oldest_answers_are_forgotten) {
  EXPECT_TRUE(runs("busy"));  // is not an answer, and stays
  for (const char* key : {"a", "b", "c", "d"}) {
    EXPECT_TRUE(runs(key));
    settle(key, "done");
  }
  EXPECT_EQ(kept_.size(), 4U);
  EXPECT_FALSE(runs("b"));
  EXPECT_TRUE(runs("a"));
  settle("a", std::string(99, 'x'));  // as large as all together may be, but for one byte
  EXPECT_EQ(kept_.size(), 2U);
  EXPECT_TRUE(runs("d"));
  settle("d", std::string(101, 'x'));
  EXPECT_EQ(kept_.size(), 1U);
  EXPECT_FALSE(ask("busy").has_value());
}

}  // namespace
}  // namespace kith::rest
