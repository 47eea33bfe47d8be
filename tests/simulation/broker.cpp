#include "broker.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kith::simulation {

using LinkId = ports::MemoryBroker::LinkId;
using Way = ports::MemoryBroker::Way;

// Whatever a node asks of its link sets the broker going.
class SimLink final : public ports::BrokerLink {
 public:
  SimLink(SimBroker& broker, std::unique_ptr<ports::MemoryLink> link)
      : broker_(broker), link_(std::move(link)) {}

  void start(ports::BrokerListener& listener) override {
    link_->start(listener);
    broker_.kick();
  }

  bool up() const noexcept override { return link_->up(); }

  const std::string& server() const noexcept override { return link_->server(); }

  void subscribe(std::vector<std::string> channels) override {
    link_->subscribe(std::move(channels));
    broker_.kick();
  }

  void unsubscribe(std::vector<std::string> channels) override {
    link_->unsubscribe(std::move(channels));
    broker_.kick();
  }

  void publish(std::string channel, std::string payload, Count receivers) override {
    link_->publish(std::move(channel), std::move(payload), std::move(receivers));
    broker_.kick();
  }

  void count(std::vector<std::string> channels, Counts counts) override {
    link_->count(std::move(channels), std::move(counts));
    broker_.kick();
  }

  void reconnect() override {
    link_->reconnect();
    broker_.kick();
  }

 private:
  SimBroker& broker_;
  std::unique_ptr<ports::MemoryLink> link_;
};

std::unique_ptr<ports::BrokerLink> SimBroker::connect(ports::Reactor& reactor) {
  return std::make_unique<SimLink>(*this, broker_.connect(reactor));
}

void SimBroker::kick() {
  if (std::exchange(kicked_, true)) return;
  world_.at(world_.between(Duration{5us}, Duration{120us}), [this] {
    kicked_ = false;
    pump();
  });
}

// One thing arrives somewhere: which one, is chance.
void SimBroker::pump() {
  auto ready = broker_.ready();
  if (ready.empty()) return;
  Instant next{std::numeric_limits<std::int64_t>::max()};
  std::erase_if(ready, [&](const Place& place) {
    const auto held = held_.find(place);
    if (held == held_.end()) return false;
    if (held->second <= world_.now()) {
      held_.erase(held);
      return false;
    }
    next = std::min(next, held->second);
    return true;
  });
  if (ready.empty()) {
    if (std::exchange(kicked_, true)) return;
    return world_.at(next - world_.now(), [this] {
      kicked_ = false;
      pump();
    });
  }
  const auto place = ready[world_.below(ready.size())];
  const double late = place.second == Way::answers    ? late_answers
                      : place.second == Way::messages ? late_messages
                                                      : 0;
  if (world_.chance(delays) || world_.chance(late)) {
    held_[place] = world_.now() + world_.between(Duration{1ms}, delay_most);
  } else {
    if (place.second == Way::messages) disturb(place);
    broker_.step(place.first, place.second);
  }
  kick();
}

void SimBroker::disturb(const Place& place) {
  const auto waiting = broker_.waiting(place.first, Way::messages);
  if (world_.chance(loses)) {
    if (broker_.lose(place.first, 0))
      world_.tell([] { return std::string{"broker: loses a message"}; });
  } else if (world_.chance(repeats)) {
    broker_.repeat(place.first, 0, world_.below(waiting + 1));
  } else if (waiting > 1 && world_.chance(reorders)) {
    broker_.move(place.first, 0, world_.below(waiting));
  }
}

void SimBroker::notice_later(LinkId link, Duration most) {
  world_.at(world_.between(Duration{1ms}, most), [this, link] {
    const auto links = broker_.links();
    if (std::find(links.begin(), links.end(), link) == links.end()) return;
    broker_.notice(link);
    kick();
  });
}

void SimBroker::misbehave() {
  const auto links = broker_.links();
  if (links.empty()) return;
  const auto link = links[world_.below(links.size())];
  const auto tell = [&](std::string_view what) {
    world_.tell([&] { return fmt::format("broker: {}", what); });
  };
  switch (world_.below(6)) {
    case 0:
      tell("forgets a link's subscriptions");
      broker_.break_link(link);
      break;
    case 1:
      tell("a link hears nothing any more");
      broker_.cut_link(link);
      if (world_.chance(0.5)) notice_later(link, 3s);
      break;
    case 2:
      tell("a link breaks");
      broker_.notice(link);
      break;
    case 3:
      tell("starts anew");
      broker_.restart(fmt::format("server {}", ++servers_));
      for (const auto each : links)
        if (world_.chance(0.7)) notice_later(each, 500ms);
      break;
    case 4:
      tell("new connections lead elsewhere");
      broker_.fail_over(fmt::format("server {}", ++servers_));
      broker_.notice(link);
      break;
    default:
      tell("is not reachable");
      broker_.set_reachable(false);
      for (const auto each : links)
        if (world_.chance(0.7)) notice_later(each, 500ms);
      world_.at(world_.between(Duration{100ms}, Duration{10s}), [this] {
        broker_.set_reachable(true);
        kick();
      });
  }
  kick();
}

void SimBroker::heal() {
  loses = repeats = reorders = delays = late_answers = late_messages = 0;
  held_.clear();
  broker_.set_reachable(true);
  kick();
}

SimPeers::SimPeers(World& world, std::shared_ptr<ports::MemoryPeerTable> table)
    : world_(world), peers_(std::move(table)), self_(std::make_shared<SimPeers*>(this)) {}

SimPeers::~SimPeers() {
  *self_ = nullptr;
}

void SimPeers::announce(ports::Reactor& asker,
                        std::string id,
                        std::string broker,
                        base::MoveOnlyFunction<void(base::Result<ports::Announced>)> done) {
  peers_.announce(asker, std::move(id), std::move(broker), std::move(done));
  world_.at(world_.between(Duration{50us}, Duration{3ms}), [this, self = self_] {
    if (*self == nullptr) return;
    peers_.write();
    world_.at(world_.between(Duration{50us}, Duration{3ms}), [this, self] {
      if (*self != nullptr) peers_.answer();
    });
  });
}

}  // namespace kith::simulation
