#include "ports/memory/broker.hpp"

#include "ports/broker_contract_test.hpp"
#include "ports/fake_reactor.hpp"

namespace kith::ports::contract {
namespace {

using Way = MemoryBroker::Way;

class MemoryBrokerWorld final : public BrokerWorld {
 public:
  std::unique_ptr<BrokerLink> connect(std::size_t reactor) override {
    return broker_.connect(*reactors_.at(reactor));
  }

  void cut(BrokerLink& link) override {
    const auto id = dynamic_cast<MemoryLink&>(link).id();
    broker_.cut_link(id);
    broker_.notice(id);
  }

  void restart() override {
    broker_.restart("server 2");
    for (const auto id : broker_.links())
      broker_.notice(id);
  }

  bool run_until(const std::function<bool()>& done) override {
    while (!done()) {
      bool moved = broker_.run();
      for (const auto& reactor : reactors_)
        while (reactor->turn())
          moved = true;
      if (!moved) return done();
    }
    return true;
  }

 private:
  base::ManualClock clock_;
  MemoryBroker broker_;
  std::array<std::unique_ptr<FakeReactor>, reactors> reactors_{
      std::make_unique<FakeReactor>(clock_, 0),
      std::make_unique<FakeReactor>(clock_, 1),
      std::make_unique<FakeReactor>(clock_, 2)};
};

INSTANTIATE_TEST_SUITE_P(Memory,
                         BrokerContract,
                         ::testing::Values(BrokerAdapter{
                             "memory", [] { return std::make_unique<MemoryBrokerWorld>(); }}),
                         [](const auto& tested) { return tested.param.name; });

// Two links, pumped by hand.
class PumpedBroker : public ::testing::Test {
 protected:
  using Texts = std::vector<std::string>;

  PumpedBroker() {
    for (auto* one : {&ann_, &bob_})
      one->start();
    settle();
    for (auto* one : {&ann_, &bob_})
      EXPECT_EQ(std::exchange(one->heard, {}), Texts{"up"});
  }

  static MemoryBroker::LinkId id(LinkUser& one) {
    return dynamic_cast<MemoryLink&>(one.link()).id();
  }

  void settle() {
    while (broker_.run() || reactor_.waiting_tasks() > 0)
      reactor_.run();
  }

  Texts take(LinkUser& one) {
    reactor_.run();
    return std::exchange(one.heard, {});
  }

  void subscribe(LinkUser& one, std::string channel) {
    one.subscribe({std::move(channel)});
    settle();
    one.heard.clear();
  }

  // Messages 0, 1 and 2 wait on bob's way.
  void publish_three() {
    subscribe(bob_, "a");
    for (const char* text : {"0", "1", "2"})
      ann_.publish("a", text);
    while (broker_.step(id(ann_), Way::commands)) {
    }
    ASSERT_EQ(broker_.waiting(id(bob_), Way::messages), 3U);
  }

  base::ManualClock clock_;
  FakeReactor reactor_{clock_};
  MemoryBroker broker_;
  LinkUser ann_{broker_.connect(reactor_)};
  LinkUser bob_{broker_.connect(reactor_)};
};

TEST_F(PumpedBroker, nothing_moves_by_itself_and_each_way_by_its_own) {
  bob_.subscribe({"a"});
  ann_.publish("a", "early");
  EXPECT_TRUE(broker_.step(id(ann_), Way::commands));
  EXPECT_TRUE(broker_.step(id(bob_), Way::subscriptions));
  ann_.publish("a", "late");
  EXPECT_TRUE(broker_.step(id(ann_), Way::commands));
  EXPECT_FALSE(broker_.step(id(ann_), Way::commands));
  EXPECT_EQ(broker_.waiting(id(ann_), Way::answers), 2U);
  EXPECT_TRUE(take(bob_).empty());
  EXPECT_TRUE(broker_.step(id(bob_)));
  EXPECT_EQ(take(bob_), Texts{"+a"});
  EXPECT_TRUE(broker_.step(id(bob_)));
  EXPECT_EQ(take(bob_), Texts{"a:late"});
  const std::vector left{std::pair{id(ann_), Way::answers}};
  EXPECT_EQ(broker_.ready(), left);
  settle();
  EXPECT_EQ(take(ann_), (Texts{">0", ">1"}));
  EXPECT_FALSE(broker_.step(id(ann_)));
}

TEST_F(PumpedBroker, a_message_can_be_lost_repeated_and_moved) {
  publish_three();
  EXPECT_TRUE(broker_.lose(id(bob_), 1));
  EXPECT_TRUE(broker_.repeat(id(bob_), 0, 2));
  EXPECT_TRUE(broker_.move(id(bob_), 1, 0));
  settle();
  EXPECT_EQ(take(bob_), (Texts{"a:2", "a:0", "a:0"}));
}

TEST_F(PumpedBroker, a_confirmation_is_neither_lost_nor_repeated_nor_moved) {
  bob_.subscribe({"a"});
  broker_.step(id(bob_), Way::subscriptions);
  EXPECT_FALSE(broker_.lose(id(bob_), 0));
  EXPECT_FALSE(broker_.repeat(id(bob_), 0, 0));
  EXPECT_FALSE(broker_.move(id(bob_), 0, 0));
  EXPECT_FALSE(broker_.lose(id(bob_), 1));
}

TEST_F(PumpedBroker, a_half_open_link_hears_nothing_and_its_commands_work_until_it_notices) {
  publish_three();
  broker_.break_link(id(bob_));
  bob_.subscribe({"b"});
  bob_.count({"a"});
  bob_.publish("a", "x");
  settle();
  EXPECT_EQ(take(bob_), (Texts{"=0", ">0"}));
  EXPECT_TRUE(bob_.link().up());
  bob_.reconnect();
  settle();
  EXPECT_EQ(take(bob_), (Texts{"down", "up"}));
}

TEST_F(PumpedBroker, a_cut_link_believes_it_is_up_until_it_notices) {
  broker_.cut_link(id(bob_));
  bob_.count({"a"});
  settle();
  EXPECT_TRUE(take(bob_).empty());
  EXPECT_TRUE(bob_.link().up());
  broker_.notice(id(bob_));
  broker_.notice(id(bob_));
  bob_.count({"a"});  // before it was told
  EXPECT_EQ(take(bob_), Texts{"down"});
  EXPECT_TRUE(broker_.reconnect_step(id(bob_)));
  EXPECT_EQ(take(bob_), Texts{"up"});
  settle();
  EXPECT_TRUE(take(bob_).empty());
}

TEST_F(PumpedBroker, what_was_handed_over_is_dropped_when_the_link_goes_down_meanwhile) {
  publish_three();
  EXPECT_TRUE(broker_.step(id(bob_), Way::messages));
  broker_.notice(id(bob_));
  EXPECT_EQ(take(bob_), Texts{"down"});
}

TEST_F(PumpedBroker, a_link_that_lets_too_much_wait_breaks) {
  subscribe(bob_, "a");
  for (std::size_t i = 0; i <= MemoryBroker::way_entries_max; ++i) {
    ann_.link().publish("a", "x", {});
    broker_.step(id(ann_), Way::commands);
    broker_.step(id(ann_), Way::answers);
  }
  EXPECT_EQ(broker_.waiting(id(bob_), Way::messages), 0U);
  EXPECT_EQ(take(bob_), Texts{"down"});
}

TEST_F(PumpedBroker, a_link_that_breaks_before_it_heard_that_it_is_up_was_never_up) {
  bob_.reconnect();
  EXPECT_EQ(take(bob_), Texts{"down"});
  EXPECT_TRUE(broker_.reconnect_step(id(bob_)));
  broker_.notice(id(bob_));
  EXPECT_TRUE(take(bob_).empty());
  settle();
  EXPECT_EQ(take(bob_), Texts{"up"});
}

TEST_F(PumpedBroker, a_server_that_starts_again_knows_nobody) {
  subscribe(bob_, "a");
  broker_.restart("server 2");
  EXPECT_EQ(bob_.link().server(), "server 1");
  broker_.notice(id(ann_));
  settle();
  EXPECT_EQ(take(ann_), (Texts{"down", "up"}));
  EXPECT_EQ(ann_.link().server(), "server 2");
  ann_.publish("a", "x");
  settle();
  EXPECT_EQ(take(ann_), Texts{">0"});
}

TEST_F(PumpedBroker, after_a_failover_old_links_are_among_themselves) {
  subscribe(bob_, "a");
  broker_.fail_over("server 2");
  ann_.reconnect();
  settle();
  subscribe(ann_, "a");
  for (auto* one : {&ann_, &bob_}) {
    one->heard.clear();
    one->publish("a", "x");
  }
  settle();
  for (auto* one : {&ann_, &bob_}) {
    const auto heard = take(*one);
    EXPECT_EQ(std::count(heard.begin(), heard.end(), ">1"), 1);
    EXPECT_EQ(heard.size(), 2U);
  }
}

TEST_F(PumpedBroker, while_the_server_can_not_be_reached_no_link_comes_up) {
  broker_.set_reachable(false);
  for (auto* one : {&ann_, &bob_})
    broker_.notice(id(*one));
  settle();
  EXPECT_EQ(take(ann_), Texts{"down"});
  EXPECT_FALSE(broker_.reconnect_step(id(ann_)));
  broker_.set_reachable(id(bob_), false);
  broker_.set_reachable(true);
  settle();
  EXPECT_EQ(take(ann_), Texts{"up"});
  EXPECT_EQ(take(bob_), Texts{"down"});
  broker_.set_reachable(id(bob_), true);
  settle();
  EXPECT_EQ(take(bob_), Texts{"up"});
}

}  // namespace
}  // namespace kith::ports::contract
