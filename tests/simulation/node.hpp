#pragma once

#include "base/log.hpp"
#include "broker.hpp"
#include "network.hpp"
#include "reactor.hpp"
#include "server/wiring.hpp"
#include "store.hpp"
#include "world.hpp"

#include <memory>
#include <string>
#include <vector>

namespace kith::simulation {

// Log lines go to the transcript; an error is something that may not happen here.
class SimLogger final : public base::Logger {
 public:
  SimLogger(World& world, std::string node) : world_(world), node_(std::move(node)) {}

  void log(base::LogLevel level,
           std::string_view event,
           std::initializer_list<base::LogField> fields) override;

 private:
  World& world_;
  std::string node_;
};

// One server process: the product's wiring, from its sockets to its store. It is started, it is
// killed or drained, and another one takes its place.
class SimNode {
 public:
  struct Ground {
    World& world;
    Database& database;
    SimBroker& broker;
    const server::Config& config;
    std::shared_ptr<const front::Credentials> credentials;
    std::size_t reactors = 1;
    std::string name;
  };

  explicit SimNode(Ground ground);
  SimNode(const SimNode&) = delete;
  SimNode& operator=(const SimNode&) = delete;
  ~SimNode();

  const std::string& name() const noexcept { return ground_.name; }

  // A connection to one of its reactors; nothing if it takes none.
  WirePtr connect(WireOptions options);

  // Everything in its memory is gone. Clients are told, or not.
  void die(bool told);

  // As SIGTERM: has the clients move within `over`, ends what was begun, says goodbye, and is done.
  void drain(Duration over, base::Task done);

  void stall(Duration duration);

  bool draining() const noexcept { return draining_; }

  // What is still held in memory; empty when all is gone that should be.
  std::string left_over();

 private:
  void end_drain(base::Task done);
  void when_lane_is_idle(base::Task done);

  Ground ground_;
  SimLogger logger_;
  std::vector<std::unique_ptr<SimReactor>> reactors_;
  std::vector<std::unique_ptr<SimStreams>> streams_;
  std::unique_ptr<SimStore> store_;
  std::vector<std::unique_ptr<ports::BrokerLink>> links_;
  SimPeers peers_;
  std::unique_ptr<server::Wiring> wiring_;
  std::vector<std::weak_ptr<Wire>> wires_;
  std::size_t next_ = 0;
  bool draining_ = false;
  std::shared_ptr<SimNode*> self_;
};

}  // namespace kith::simulation
