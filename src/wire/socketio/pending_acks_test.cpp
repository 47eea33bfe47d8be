#include "wire/socketio/pending_acks.hpp"

#include "wire/json/parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kith::wire::socketio {
namespace {

using base::Instant;

class SocketioAcks : public testing::Test {
 protected:
  PendingAcks::Callback note(std::string who) {
    return [this, who = std::move(who)](base::Result<AckReply> reply) {
      heard_.push_back(who +
                       (reply ? "=" + std::to_string(reply->args.size() + reply->attachments.size())
                              : "!" + std::string{base::info(reply.error().code).name}));
    };
  }

  AckReply reply(std::string_view args) { return {parser_.parse(args).value().items(), {}}; }

  json::Parser parser_;
  std::vector<std::string> heard_;
  PendingAcks acks_{3};
};

TEST_F(SocketioAcks, CountsItsIdsFromZero) {
  EXPECT_EQ(acks_.add(Instant{1}, note("a")).value(), 0U);
  EXPECT_EQ(acks_.add(Instant{1}, note("b")).value(), 1U);
  acks_.resolve(1, reply("[]"));
  EXPECT_EQ(acks_.add(Instant{1}, note("c")).value(), 2U);
}

TEST_F(SocketioAcks, HandsTheAnswerToWhoAsked) {
  (void)acks_.add(Instant{1}, note("a"));
  (void)acks_.add(Instant{1}, note("b"));
  const std::vector<std::string> attachments{"x"};
  EXPECT_TRUE(acks_.resolve(1, {parser_.parse("[1,2]").value().items(), attachments}));
  EXPECT_TRUE(acks_.resolve(0, reply("[]")));
  EXPECT_EQ(heard_, (std::vector<std::string>{"b=3", "a=0"}));
  EXPECT_EQ(acks_.size(), 0U);
}

TEST_F(SocketioAcks, IgnoresUnknownIdsAndSecondAnswers) {
  EXPECT_FALSE(acks_.resolve(0, reply("[]")));
  (void)acks_.add(Instant{1}, note("a"));
  EXPECT_FALSE(acks_.resolve(7, reply("[]")));
  EXPECT_TRUE(acks_.resolve(0, reply("[]")));
  EXPECT_FALSE(acks_.resolve(0, reply("[]")));
  EXPECT_EQ(heard_.size(), 1U);
}

TEST_F(SocketioAcks, AsksNoMoreThanItsLimit) {
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(acks_.add(Instant{1}, note("x")).has_value());
  EXPECT_EQ(acks_.add(Instant{1}, note("x")).error().code, base::Errc::overloaded);
  acks_.resolve(1, reply("[]"));
  EXPECT_EQ(acks_.add(Instant{1}, note("x")).value(), 3U);
}

TEST_F(SocketioAcks, ExpiresThoseThatAreDueInTheirOrder) {
  (void)acks_.add(Instant{20}, note("a"));
  (void)acks_.add(Instant{10}, note("b"));
  (void)acks_.add(Instant{10}, note("c"));
  EXPECT_EQ(acks_.next_deadline(), Instant{10});
  acks_.expire(Instant{9});
  EXPECT_TRUE(heard_.empty());
  acks_.expire(Instant{10});
  EXPECT_EQ(heard_, (std::vector<std::string>{"b!unavailable", "c!unavailable"}));
  EXPECT_EQ(acks_.next_deadline(), Instant{20});
  EXPECT_FALSE(acks_.resolve(1, reply("[]")));
  acks_.expire(Instant{30});
  EXPECT_FALSE(acks_.next_deadline());
}

TEST_F(SocketioAcks, TellsAllWhenTheSocketIsGone) {
  (void)acks_.add(Instant{1}, note("a"));
  (void)acks_.add(Instant{1}, note("b"));
  acks_.fail_all({base::Errc::draining, "connect again"});
  EXPECT_EQ(heard_, (std::vector<std::string>{"a!draining", "b!draining"}));
  EXPECT_EQ(acks_.size(), 0U);
}

TEST_F(SocketioAcks, ACallbackMayAskAgain) {
  (void)acks_.add(Instant{1}, [this](const base::Result<AckReply>&) {
    (void)acks_.add(Instant{5}, note("again"));
  });
  acks_.expire(Instant{1});
  EXPECT_EQ(acks_.size(), 1U);
  EXPECT_TRUE(acks_.resolve(1, reply("[]")));
  EXPECT_EQ(heard_, std::vector<std::string>{"again=0"});
}

}  // namespace
}  // namespace kith::wire::socketio
