#pragma once

#include "ports/memory/broker.hpp"
#include "ports/memory/peers.hpp"
#include "world.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kith::simulation {

// The broker that all nodes share, on the world's heap, with its moods.
class SimBroker {
 public:
  explicit SimBroker(World& world)
      : world_(world), peers_(std::make_shared<ports::MemoryPeerTable>(world.clock())) {}

  double loses = 0;  // of the messages
  double repeats = 0;
  double reorders = 0;
  double delays = 0;  // of the steps, by up to `delay_most`
  Duration delay_most = 1s;
  double late_answers = 0;  // of the answers, in the same way
  double late_messages = 0;

  // One reactor's link. The broker outlives it.
  std::unique_ptr<ports::BrokerLink> connect(ports::Reactor& reactor);

  const std::shared_ptr<ports::MemoryPeerTable>& peers() const noexcept { return peers_; }

  // One of the faults that a broker has, and what ends it.
  void misbehave();
  void heal();

 private:
  friend class SimLink;
  using Place = std::pair<ports::MemoryBroker::LinkId, ports::MemoryBroker::Way>;

  void kick();
  void pump();
  void disturb(const Place& place);
  void notice_later(ports::MemoryBroker::LinkId link, Duration most);

  World& world_;
  ports::MemoryBroker broker_;
  std::shared_ptr<ports::MemoryPeerTable> peers_;
  std::map<Place, Instant> held_;
  std::uint64_t servers_ = 1;
  bool kicked_ = false;
};

// One node's way to the table of peers.
class SimPeers final : public ports::Peers {
 public:
  SimPeers(World& world, std::shared_ptr<ports::MemoryPeerTable> table);
  ~SimPeers() override;

  void announce(ports::Reactor& asker,
                std::string id,
                std::string broker,
                base::MoveOnlyFunction<void(base::Result<ports::Announced>)> done) override;

  void raise_epoch(std::string old) override { peers_.raise_epoch(std::move(old)); }

 private:
  World& world_;
  ports::MemoryPeers peers_;
  std::shared_ptr<SimPeers*> self_;
};

}  // namespace kith::simulation
