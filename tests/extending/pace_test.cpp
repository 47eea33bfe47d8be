#include "pace.hpp"

#include "commands/world_test.hpp"

namespace kith::features::pace {
namespace {

using commands::CommandTest;
using commands::Errc;
using namespace std::chrono_literals;

class PaceTest : public CommandTest {
 protected:
  PaceTest() {
    table_.begin_feature(commands::feature_bit(0));
    pace_.add_commands(table_);
    table_.close();
    cid_ = make_group("ann");
    pace_.on_session_begin(session_);
  }

  commands::Given& over_socket(std::string_view command, std::string_view args) {
    auto ann = caller("ann");
    ann.origin.session = session_.id;
    return run_as(ann, command, args);
  }

  commands::Given& say(std::string_view text) {
    return over_socket("message.send", in(cid_, R"("text":)" + std::string{text}));
  }

  commands::SessionInfo session_{.id = 1, .user = {}, .user_cid = {}};
  Pace pace_{*world_.reactors[0], 2s};
  std::string cid_;
};

TEST_F(PaceTest, who_sends_too_soon_is_told_how_long_to_wait) {
  EXPECT_TRUE(say(R"("one")").ok());
  const auto& soon = say(R"("two")");
  EXPECT_TRUE(soon.refused(Errc::rate_limited));
  EXPECT_EQ(soon.fault->retry_after_ms, 2'000U);
  EXPECT_EQ(over_socket("pace.get", "{}").number("wait_ms"), 2'000U);
  world_.clock.advance(2s);
  EXPECT_EQ(over_socket("pace.get", "{}").number("wait_ms"), 0U);
  EXPECT_TRUE(say(R"("two")").ok());
}

TEST_F(PaceTest, what_was_refused_does_not_count) {
  EXPECT_TRUE(say("7").refused(Errc::validation_failed));
  EXPECT_TRUE(say(R"("one")").ok());
}

TEST_F(PaceTest, nothing_is_kept_of_a_connection_that_ended) {
  EXPECT_TRUE(say(R"("one")").ok());
  pace_.on_session_end(session_);
  EXPECT_TRUE(say(R"("two")").ok());  // stored after he left, at the latest
  EXPECT_EQ(over_socket("pace.get", "{}").number("wait_ms"), 0U);
}

TEST_F(PaceTest, an_application_without_it_does_not_notice) {
  settings_.features_off = commands::feature_bit(0);
  EXPECT_TRUE(say(R"("one")").ok());
  EXPECT_TRUE(say(R"("two")").ok());
  EXPECT_TRUE(over_socket("pace.get", "{}").refused(Errc::feature_disabled));
}

}  // namespace
}  // namespace kith::features::pace
