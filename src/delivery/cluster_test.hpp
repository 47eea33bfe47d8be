#pragma once

#include "delivery/world_test.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kith::delivery {

// Nodes of one reactor each over one database and one broker, all moved by the test.
class Cluster {
 public:
  explicit Cluster(std::size_t count = 2) {
    for (std::size_t i = 0; i < count; ++i) {
      nodes.push_back(std::make_unique<DeliveryWorld>(
          1,
          HubOptions{},
          conversations::Home::Options{50, 1'000, 1'000, 1'000'000, false},
          database));
      nodes.back()->join(broker, table);
    }
    settle();
  }

  DeliveryWorld& operator[](std::size_t i) { return *nodes[i]; }

  ports::MemoryBroker::LinkId link(std::size_t node) const { return nodes[node]->links[0]->id(); }

  // Until nothing moves without time passing.
  void settle() {
    for (bool again = true; again;) {
      again = false;
      for (auto& node : nodes) {
        node->read_all();
        for (auto& peers : node->peers)
          again = peers->run() || again;
      }
      if (broker_moves) again = broker.run() || again;
      for (auto& node : nodes)
        again = node->settle_once() || again;
    }
  }

  void pass(base::Duration time) {
    const auto step = std::chrono::milliseconds{100};
    for (base::Duration passed{}; passed < time; passed += step) {
      clock.advance(step);
      for (auto& node : nodes)
        if (node) node->pass(step);
      settle();
    }
  }

  ClientPtr connect(std::size_t node, std::string_view name, std::string device = {}) {
    auto client = nodes[node]->begin_connect(name, {.device = std::move(device)});
    settle();
    return client;
  }

  void send(std::size_t node, const ClientPtr& client, const ConversationKey& key, std::string id) {
    nodes[node]->begin_send(client, key, std::move(id));
    settle();
  }

  std::shared_ptr<ports::MemoryDatabase> database = std::make_shared<ports::MemoryDatabase>();
  base::ManualClock clock;  // the database's
  std::shared_ptr<ports::MemoryPeerTable> table = std::make_shared<ports::MemoryPeerTable>(clock);
  ports::MemoryBroker broker;
  bool broker_moves = true;
  std::vector<std::unique_ptr<DeliveryWorld>> nodes;
};

}  // namespace kith::delivery
