#pragma once

#include "ports/broker.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the contract of ports::BrokerLink stands on.
namespace kith::ports::contract {

// A server and reactors with links to it. All is done on the test's thread, and what links have to
// say is said within `run_until` only.
class BrokerWorld {
 public:
  static constexpr std::size_t reactors = 3;

  BrokerWorld() = default;
  BrokerWorld(const BrokerWorld&) = delete;
  BrokerWorld& operator=(const BrokerWorld&) = delete;
  virtual ~BrokerWorld() = default;

  virtual std::unique_ptr<BrokerLink> connect(std::size_t reactor) = 0;
  // The link's connection ends, and it sees that.
  virtual void cut(BrokerLink& link) = 0;
  // The server ends, and another one takes its place.
  virtual void restart() = 0;
  // Ticks until `done`; false: it did not come before the deadline.
  virtual bool run_until(const std::function<bool()>& done) = 0;
};

// How the tests get a world of one implementation.
struct BrokerAdapter {
  std::string name;
  std::function<std::unique_ptr<BrokerWorld>()> make;
};

inline void PrintTo(const BrokerAdapter& adapter, std::ostream* out) {
  *out << adapter.name;
}

// Has a link, asks it things, and writes down what it hears: `up`, `down`, `+channel` for a
// confirmation, `channel:payload`, `>n` for receivers and `=n,n` for counts.
class LinkUser final : public BrokerListener {
 public:
  explicit LinkUser(std::unique_ptr<BrokerLink> its_link) : link_(std::move(its_link)) {}

  void start() {
    call([this] { link_->start(*this); });
  }

  void subscribe(std::vector<std::string> channels) {
    call([&] { link_->subscribe(std::move(channels)); });
  }

  void unsubscribe(std::vector<std::string> channels) {
    call([&] { link_->unsubscribe(std::move(channels)); });
  }

  void publish(std::string channel, std::string payload) {
    call([&] {
      link_->publish(std::move(channel), std::move(payload), [this](std::size_t receivers) {
        write(">" + std::to_string(receivers));
      });
    });
  }

  void count(std::vector<std::string> channels) {
    call([&] {
      link_->count(std::move(channels), [this](const std::vector<std::size_t>& counts) {
        std::string text;
        for (const std::size_t count : counts)
          text += (text.empty() ? "=" : ",") + std::to_string(count);
        write(text);
      });
    });
  }

  void reconnect() {
    call([this] { link_->reconnect(); });
  }

  void leave() { link_.reset(); }

  BrokerLink& link() { return *link_; }

  std::vector<std::string> heard;

 private:
  template <class Call>
  void call(Call to_link) {
    calling_ = true;
    to_link();
    calling_ = false;
  }

  void write(std::string what) {
    EXPECT_FALSE(calling_) << what << " came from within a call";
    heard.push_back(std::move(what));
  }

  void on_up() override {
    EXPECT_TRUE(link_->up());
    EXPECT_FALSE(link_->server().empty());
    write("up");
  }

  void on_down() override {
    EXPECT_FALSE(link_->up());
    EXPECT_TRUE(link_->server().empty());
    write("down");
  }

  void on_subscribed(const std::string& channel) override { write("+" + channel); }

  void on_message(const std::string& channel, std::string_view payload) override {
    write(channel + ":" + std::string{payload});
  }

  std::unique_ptr<BrokerLink> link_;
  bool calling_ = false;
};

class BrokerContract : public ::testing::TestWithParam<BrokerAdapter> {
 protected:
  using Texts = std::vector<std::string>;

  void SetUp() override {
    world_ = GetParam().make();
    for (std::size_t i = 0; i < users_.size(); ++i)
      users_[i] = std::make_unique<LinkUser>(world_->connect(i));
  }

  void TearDown() override {
    for (auto& user : users_)
      user.reset();
  }

  LinkUser& user(std::size_t i) { return *users_[i]; }

  void start_all() {
    for (const auto& one : users_) {
      one->start();
      ASSERT_TRUE(heard(*one, {"up"}));
    }
  }

  // Runs until the user has heard this, and that it was just this; forgets it then.
  ::testing::AssertionResult heard(LinkUser& one, const Texts& expected) {
    world_->run_until([&] { return one.heard.size() >= expected.size(); });
    const auto found = std::exchange(one.heard, {});
    if (found == expected) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << ::testing::PrintToString(found) << " instead of "
                                         << ::testing::PrintToString(expected);
  }

  ::testing::AssertionResult subscribed(LinkUser& one, const std::string& channel) {
    one.subscribe({channel});
    return heard(one, {"+" + channel});
  }

  // Nothing more is on its way to him: what comes next is what is asked for now, on both ways.
  ::testing::AssertionResult quiet(LinkUser& one) {
    if (auto fenced = subscribed(one, "fence"); !fenced) return fenced;
    one.unsubscribe({"fence"});
    one.count({"nobody's"});
    return heard(one, {"=0"});
  }

  std::unique_ptr<BrokerWorld> world_;
  std::array<std::unique_ptr<LinkUser>, BrokerWorld::reactors> users_;
};

// An implementation's test may have no other use for the suite.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(BrokerContract);

}  // namespace kith::ports::contract
