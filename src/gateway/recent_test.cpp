#include "gateway/recent.hpp"

#include "base/names.hpp"
#include "gateway/gateway_world_test.hpp"

namespace kith::gateway {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the world of these tests

class RecentTest : public ::testing::Test {
 protected:
  RecentTest() {
    w_.contexts[0].recent = &recent_;
    w_.write(group_, "ann", 3);
    bob_ = &w_.enter("bob");
    w_.write(group_, "ann", 3);
    bob_->take();
  }

  std::string history(Connection& who, const std::string& more = {}) {
    return w_.ask(
        who, "message.history", "{\"cid\":\"" + base::to_text(group_.cid) + '"' + more + "}");
  }

  void database_goes_away() {
    w_.store.fail_read = [] {
      return std::optional<base::Fault>{base::Fault{base::Errc::unavailable, "away"}};
    };
  }

  GatewayWorld w_;
  RecentOfHub recent_{*w_.hubs[0]};
  const base::ConversationKey group_ = w_.make_group(1, {"ann", "bob"});
  Connection* bob_ = nullptr;
};

TEST_F(RecentTest, what_came_while_he_listened_is_there_as_history_shows_it) {
  const auto whole = history(*bob_, R"(,"limit":2)");
  database_goes_away();
  const auto stale = history(*bob_, R"(,"limit":2)");
  const auto messages = [](const std::string& answer) {
    return answer.substr(answer.find('['), answer.find(']') - answer.find('['));
  };
  EXPECT_EQ(messages(stale), messages(whole));
  EXPECT_NE(stale.find(R"("head":6,"stale":true)"), std::string::npos) << stale;
  EXPECT_NE(history(*bob_, R"(,"before":6)").find("\"seq\":5"), std::string::npos);
}

TEST_F(RecentTest, who_does_not_listen_there_is_told_nothing) {
  auto& eve = w_.enter("eve");
  database_goes_away();
  EXPECT_NE(history(eve).find("unavailable"), std::string::npos);
}

TEST_F(RecentTest, nobody_sees_what_was_before_he_came) {
  auto& cid = w_.enter("cid");
  auto entry = std::make_unique<conversations::AddEntry>();
  entry->ts = w_.clock.wall();
  entry->key = group_;
  entry->actor.application = true;
  entry->users = {base::UserId{"cid"}};
  entry->members_max = 10;
  w_.home[0]->submit(std::move(entry));
  w_.run();
  database_goes_away();
  EXPECT_NE(history(cid).find("unavailable"), std::string::npos);
  EXPECT_NE(history(*bob_).find("stale"), std::string::npos);
}

}  // namespace
}  // namespace kith::gateway
