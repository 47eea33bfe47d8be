#include "commands/world_test.hpp"

#include <string>
#include <vector>

namespace kith::commands {
namespace {

using Lines = std::vector<std::string>;

constexpr FeatureBits mine = feature_bit(1);
constexpr FeatureBits other = feature_bit(2);

class Hooks : public CommandTest {
 protected:
  Before note(const std::string& line, Result<Verdict> verdict = Verdict::pass) {
    return [this, line, verdict](const Caller& caller, const Input&) -> Result<Verdict> {
      asked_.push_back(line + " " + caller.user.str());
      return verdict;
    };
  }

  After tell(const std::string& line) {
    return {.wants = nullptr, .tell = [this, line](const Done& done) {
              asked_.push_back(line + " " + std::string{done.command} + " " +
                               done.caller.user.str() +
                               (done.result.has_value() ? " ok" : " refused"));
            }};
  }

  void add(std::string_view name) {
    table_.add(name, [this](auto&, const auto&, const auto&, Reply reply) {
      asked_.emplace_back("run");
      reply(Answer{.data = "{}"});
    });
  }

  Lines asked_;
};

TEST_F(Hooks, are_asked_by_stage_and_then_in_the_order_they_were_added) {
  add("test.it");
  table_.add_before("test.it", Stage::content, note("content"));
  table_.add_before("test.it", Stage::rights, note("rights"));
  table_.add_before("test.it", Stage::pace, note("pace"));
  table_.add_before("test.it", Stage::rights, note("rights again"));
  table_.add_before("test.it", Stage::offer, note("offer"));
  table_.close();
  EXPECT_TRUE(run("test.it", "ann", "{}").ok());
  EXPECT_EQ(
      asked_,
      (Lines{"offer ann", "rights ann", "rights again ann", "pace ann", "content ann", "run"}));
}

TEST_F(Hooks, one_that_denies_gives_its_code_and_nothing_is_run_or_told) {
  add("test.it");
  table_.add_before(
      "test.it", Stage::rights, note("no", Fault{Errc::quota_exceeded, "no more of that", 7}));
  table_.add_before("test.it", Stage::content, note("content"));
  table_.add_after("test.it", tell("after"));
  table_.close();
  const auto& given = run("test.it", "ann", "{}");
  EXPECT_TRUE(given.refused(Errc::quota_exceeded));
  EXPECT_EQ(given.fault->retry_after_ms, 7U);
  EXPECT_EQ(asked_, Lines{"no ann"});
}

TEST_F(Hooks, one_that_allows_ends_the_asking_but_not_the_rules_of_the_command) {
  const auto cid = make_group("ann");
  table_.add_before("message.send", Stage::rights, note("yes", Verdict::allow));
  table_.add_before("message.send", Stage::content, note("never"));
  table_.close();
  EXPECT_TRUE(send("ann", cid, "hi").ok());
  EXPECT_TRUE(send("bob", cid, "hi").refused(Errc::not_found));
  EXPECT_EQ(asked_, (Lines{"yes ann", "yes bob"}));
}

TEST_F(Hooks, are_told_what_came_of_a_command_before_it_is_answered) {
  const auto cid = make_group("ann");
  Seq seq = 0;
  auto hook = tell("after");
  hook.tell = [this, &seq, told = std::move(hook.tell)](const Done& done) {
    told(done);
    if (done.result.has_value()) seq = done.result->sent->seq;
    EXPECT_EQ(given_.back()->times, 0);
  };
  table_.add_after("message.send", std::move(hook));
  table_.close();
  const auto& given = send("ann", cid, "hi");
  EXPECT_TRUE(given.ok());
  EXPECT_EQ(given.sent->seq, seq);
  EXPECT_FALSE(send("bob", cid, "hi").ok());
  EXPECT_EQ(asked_, (Lines{"after message.send ann ok", "after message.send bob refused"}));
}

TEST_F(Hooks, are_told_only_of_what_they_want) {
  add("test.it");
  auto hook = tell("after");
  hook.wants = [](const Caller& caller) { return caller.user.str() == "bob"; };
  table_.add_after("test.it", std::move(hook));
  table_.add_after("test.it", tell("second"));
  table_.close();
  run("test.it", "ann", "{}");
  run("test.it", "bob", "{}");
  EXPECT_EQ(
      asked_,
      (Lines{
          "run", "second test.it ann ok", "run", "after test.it bob ok", "second test.it bob ok"}));
}

TEST_F(Hooks, of_every_command_hear_of_every_command) {
  add("test.it");
  table_.add_after(every_command, tell("after"));
  table_.close();
  run("test.it", "ann", "{}");
  run("time", "bob", "{}");
  EXPECT_EQ(asked_, (Lines{"run", "after test.it ann ok", "after time bob ok"}));
}

TEST_F(Hooks, of_a_command_that_is_not_there_are_none) {
  table_.add_before("test.gone", Stage::content, note("never"));
  table_.add_after("test.gone", tell("never"));
  table_.close();
  EXPECT_EQ(table_.find("test.gone"), nullptr);
  EXPECT_TRUE(run("time", "ann", "{}").ok());
  EXPECT_EQ(asked_, Lines{});
}

TEST_F(Hooks, a_feature_that_is_off_answers_feature_disabled_and_asks_nobody) {
  table_.begin_feature(mine);
  add("test.mine");
  table_.add_before("test.mine", Stage::rights, note("mine"));
  table_.add_before("test.other", Stage::content, note("mine"));
  table_.add_after("test.other", tell("mine"));
  table_.begin_feature(other);
  add("test.other");
  table_.begin_feature(0);
  table_.close();
  settings_.features_off = mine;
  EXPECT_TRUE(run("test.mine", "ann", "{}").refused(Errc::feature_disabled));
  EXPECT_TRUE(run("test.other", "ann", "{}").ok());
  EXPECT_EQ(asked_, Lines{"run"});
  asked_.clear();
  settings_.features_off = other;
  EXPECT_TRUE(run("test.mine", "ann", "{}").ok());
  EXPECT_TRUE(run("test.other", "ann", "{}").refused(Errc::feature_disabled));
  EXPECT_EQ(asked_, (Lines{"mine ann", "run"}));
}

TEST_F(Hooks, a_command_that_nobody_hooks_is_what_it_was) {
  using Plain = void (*)(Context&, const Caller&, const Input&, Reply);
  table_.add_before("message.send", Stage::content, note("content"));
  table_.close();
  const auto* time = table_.find("time")->target<Plain>();
  ASSERT_NE(time, nullptr);
  EXPECT_EQ(*time, Plain{tell_time});
  EXPECT_EQ(table_.find("message.send")->target<Plain>(), nullptr);
}

TEST_F(Hooks, outlive_a_budget_that_does_not) {
  struct Once final : Budget {
    std::uint32_t take(base::Instant) override { return 0; }
  };

  Reply late;
  table_.add("test.late",
             [&](auto&, const auto&, const auto&, Reply reply) { late = std::move(reply); });
  const Budget* seen = nullptr;
  table_.add_after("test.late", {.wants = nullptr, .tell = [&](const Done& done) {
                                   seen = done.caller.messages;
                                   asked_.push_back(done.caller.user.str());
                                 }});
  table_.close();
  auto given = std::make_unique<Given>();
  {
    Once budget;
    auto who = caller("ann");
    who.messages = &budget;
    wire::json::Parser parser;
    (*table_.find("test.late"))(context_, who, Input{*parser.parse("{}"), {}}, given->into());
  }
  late(Answer{.data = "{}"});
  EXPECT_TRUE(given->ok());
  EXPECT_EQ(seen, nullptr);
  EXPECT_EQ(asked_, Lines{"ann"});
}

}  // namespace
}  // namespace kith::commands
