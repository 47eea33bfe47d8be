#include "delivery/relay_frames.hpp"

#include "conversations/world_test.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace kith::delivery {
namespace {

using conversations::app;
using conversations::body;
using conversations::user;

const ConversationKey key{app, conversations::World::group(3).cid};

EventFrame event_frame() {
  EventFrame frame;
  auto& committed = frame.committed;
  committed.key = key;
  committed.kind = domain::Kind::group;
  committed.access_rev = 7;
  committed.members = 300;
  committed.event = {.seq = 1'000'000'000,
                     .no = 999'999'999,
                     .kind = domain::EventKind::member_added,
                     .actor = user("ann"),
                     .client_id = conversations::ClientId{"m1"},
                     .ts = {1'767'261'600'123},
                     .subject = user("bob"),
                     .role = domain::Role::admin,
                     .target = conversations::World::group(9).cid,
                     .body = body("hi")};
  return frame;
}

template <class Frame>
Frame sent(const Frame& frame) {
  auto read = read_frame(key, write_frame({"node/1", "e1", frame}));
  EXPECT_TRUE(read.has_value());
  EXPECT_EQ(read->publisher, "node/1");
  EXPECT_EQ(read->epoch, "e1");
  return std::get<Frame>(read->body);
}

TEST(RelayFrames, an_event_comes_as_it_went) {
  const auto got = sent(event_frame()).committed;
  const auto want = event_frame().committed;
  EXPECT_EQ(got.key, want.key);
  EXPECT_EQ(got.kind, want.kind);
  EXPECT_EQ(got.access_rev, 7U);
  EXPECT_EQ(got.members, 300U);
  EXPECT_TRUE(got.foreign);
  EXPECT_EQ(got.origin.session, 0U);
  EXPECT_EQ(got.event.seq, want.event.seq);
  EXPECT_EQ(got.event.no, want.event.no);
  EXPECT_EQ(got.event.kind, want.event.kind);
  EXPECT_EQ(got.event.actor, want.event.actor);
  EXPECT_EQ(got.event.client_id, want.event.client_id);
  EXPECT_EQ(got.event.ts, want.event.ts);
  EXPECT_EQ(got.event.subject, want.event.subject);
  EXPECT_EQ(got.event.role, want.event.role);
  EXPECT_EQ(got.event.target, want.event.target);
  EXPECT_EQ(got.event.body, want.event.body);
}

TEST(RelayFrames, heads_early_messages_and_packets_come_as_they_went) {
  EXPECT_EQ(sent(HeadFrame{77}).head, 77U);
  RetractFrame retract;
  retract.id.bytes[3] = 9;
  EXPECT_EQ(sent(retract).id, retract.id);
  EXPECT_EQ(sent(EphemeralFrame{"42[\"x\"]"}).packet, "42[\"x\"]");
  sent(GreetingFrame{});
  EarlyFrame early;
  early.message = {.key = key,
                   .id = retract.id,
                   .sender = user("ann"),
                   .client_id = conversations::ClientId{"m1"},
                   .body = body("hi"),
                   .ts = {5},
                   .after = 12,
                   .follows = 14};
  early.message.number = 8;
  early.message.ahead = {MessageId::from_view("the one before it"), 7};
  const auto got = sent(early).message;
  EXPECT_EQ(got.number, 8U);
  EXPECT_EQ(got.ahead, early.message.ahead);
  EXPECT_EQ(got.id, retract.id);
  EXPECT_EQ(got.sender, user("ann"));
  EXPECT_EQ(got.client_id.str(), "m1");
  EXPECT_EQ(got.body, body("hi"));
  EXPECT_EQ(got.ts.ms, 5);
  EXPECT_EQ(got.after, 12U);
  EXPECT_EQ(got.follows, 14U);
  EXPECT_FALSE(got.here);
}

TEST(RelayFrames, every_prefix_and_every_longer_frame_is_refused) {
  const auto whole = write_frame({"node/1", "e1", event_frame()});
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_TRUE(read_frame(key, std::string_view{whole}.substr(0, length)).has_error()) << length;
  EXPECT_TRUE(read_frame(key, whole + "x").has_error());
}

TEST(RelayFrames, another_version_and_unknown_kinds_are_refused) {
  auto frame = write_frame({"node/1", "e1", HeadFrame{1}});
  frame[0] = 2;
  EXPECT_TRUE(read_frame(key, frame).has_error());
  EXPECT_EQ(publisher_of(frame), "");
  frame[0] = 1;
  for (const char kind : {'\0', '\7', '\xff'}) {
    frame[1] = kind;
    EXPECT_TRUE(read_frame(key, frame).has_error());
  }
  auto event = write_frame({"node/1", "e1", event_frame()});
  event[15] = 17;  // no such kind of conversation
  EXPECT_TRUE(read_frame(key, event).has_error());
}

TEST(RelayFrames, a_channel_names_its_conversation_and_nothing_else_does) {
  EXPECT_EQ(key_of(channel_of(key)), key);
  for (const std::string bad :
       {"", "c:", "c:1", "c:1:", "c:x:c_AAAAAAAAAAAAAAAAAAAAAA", "n:node/1", "c:1:c_short"})
    EXPECT_EQ(key_of(bad), std::nullopt) << bad;
}

RC_GTEST_PROP(RelayFrames, any_bytes_are_read_or_refused, (const std::string& bytes)) {
  const auto read = read_frame(key, bytes);
  if (read.has_value()) RC_ASSERT(write_frame(*read) == bytes);
}

}  // namespace
}  // namespace kith::delivery
