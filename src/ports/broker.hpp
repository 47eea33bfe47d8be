#pragma once

#include "base/task.hpp"
#include "ports/reactor.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// Publish and subscribe between the nodes of a deployment. A hint service: what it carries may be
// lost, repeated, late or in another order, and safety rests on none of it. What it does promise is
// in BrokerLink's comments, and tested on every adapter by ports/broker_contract_test.hpp.
namespace kith::ports {

// What one hears over a link. On the link's reactor, never from within a call of the link.
class BrokerListener {
 public:
  BrokerListener() = default;
  BrokerListener(const BrokerListener&) = delete;
  BrokerListener& operator=(const BrokerListener&) = delete;
  virtual ~BrokerListener() = default;
  // There is a link, a new one: nothing is subscribed over it.
  virtual void on_up() = 0;
  // It is gone, with all its subscriptions; what was asked over it stays unanswered.
  virtual void on_down() = 0;
  // Once for each channel of each `subscribe`, in their order: what is published from now on comes,
  // as long as the broker remembers the link.
  virtual void on_subscribed(const std::string& channel) = 0;
  virtual void on_message(const std::string& channel, std::string_view payload) = 0;
};

// One reactor's connection to the broker. Comes back by itself when it breaks. Every call does
// nothing while the link is down, and no callback comes after on_down() for what was asked before.
class BrokerLink {
 public:
  using Count = base::MoveOnlyFunction<void(std::size_t)>;
  using Counts = base::MoveOnlyFunction<void(std::vector<std::size_t>)>;

  BrokerLink() = default;
  BrokerLink(const BrokerLink&) = delete;
  BrokerLink& operator=(const BrokerLink&) = delete;
  virtual ~BrokerLink() = default;

  // Connects. Once; the listener outlives the link.
  virtual void start(BrokerListener& listener) = 0;
  virtual bool up() const noexcept = 0;
  // Which server the link leads to: another text after a restart or a failover. Empty while down.
  virtual const std::string& server() const noexcept = 0;

  virtual void subscribe(std::vector<std::string> channels) = 0;
  virtual void unsubscribe(std::vector<std::string> channels) = 0;
  // `receivers`: over how many links it went out, this one included if it is subscribed.
  virtual void publish(std::string channel, std::string payload, Count receivers) = 0;
  // How many links are subscribed to each of these, all at one instant: after everything this link
  // has published, before everything it publishes later.
  virtual void count(std::vector<std::string> channels, Counts counts) = 0;
  // Gives the present connection up and makes a new one.
  virtual void reconnect() = 0;
};

}  // namespace kith::ports
