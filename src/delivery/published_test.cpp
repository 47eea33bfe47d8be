#include "delivery/published.hpp"

#include "delivery/sink.hpp"
#include "delivery/world_test.hpp"

#include <gtest/gtest.h>

#include <set>

namespace kith::delivery {
namespace {

using domain::EventKind;

class PublishedTest : public ::testing::Test {
 protected:
  PublishedTest() {
    event_.seq = 7;
    event_.no = 5;
    event_.actor = user("ann");
    event_.client_id = conversations::ClientId{"m7"};
    event_.ts = {1'767'261'600'123};
    event_.body = conversations::body("hi");
  }

  std::string packet(Origin origin = {}) {
    published_ = encode(id_key_, key_, event_, origin);
    return std::string{published_->frame.packet_view()};
  }

  const base::Key16 id_key_{1};
  const ConversationKey key_{app, conversations::World::group(1).cid};
  domain::LogEvent event_;
  PublishedPtr published_;
};

TEST_F(PublishedTest, a_message_is_a_whole_socketio_event) {
  const auto text = packet({1, 9});
  EXPECT_TRUE(text.starts_with("42[\"message.new\",{\"cid\":\"c_")) << text;
  EXPECT_TRUE(text.ends_with("}]")) << text;
  EXPECT_NE(text.find("\"seq\":7,\"no\":5,"), std::string::npos);
  EXPECT_NE(text.find("\"client_id\":\"m7\",\"sender\":\"ann\",\"type\":\"text\",\"text\":\"hi\""),
            std::string::npos);
  EXPECT_NE(text.find("\"ts\":\"2026-01-01T10:00:00.123Z\""), std::string::npos);
  EXPECT_EQ(published_->seq, 7U);
  EXPECT_EQ(published_->origin, (Origin{1, 9}));
  EXPECT_EQ(published_->key, key_);
}

TEST_F(PublishedTest, what_routes_an_event_is_kept_beside_its_bytes) {
  event_.kind = EventKind::member_removed;
  event_.subject = user("bob");
  EXPECT_TRUE(packet().starts_with("42[\"member.removed\",{"));
  EXPECT_EQ(published_->kind, EventKind::member_removed);
  EXPECT_EQ(published_->subject, user("bob"));
  event_.kind = EventKind::conversation_removed;
  event_.target = key_.cid;
  packet();
  EXPECT_EQ(published_->target, key_.cid);
}

TEST_F(PublishedTest, the_same_event_is_the_same_bytes_from_the_log_and_live) {
  const auto live = packet({0, 5});
  EXPECT_EQ(live, packet());
}

TEST_F(PublishedTest, every_close_code_has_a_name_and_says_whether_to_come_back) {
  std::set<std::string_view> names;
  for (const auto code : close_codes) {
    EXPECT_TRUE(names.insert(info(code).name).second);
    const bool for_good = code == CloseCode::session_revoked || code == CloseCode::kicked ||
                          code == CloseCode::banned;
    EXPECT_EQ(info(code).retry, !for_good);
  }
}

}  // namespace
}  // namespace kith::delivery
