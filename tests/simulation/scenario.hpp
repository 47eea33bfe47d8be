#pragma once

#include "broker.hpp"
#include "client.hpp"
#include "node.hpp"
#include "observer.hpp"
#include "store.hpp"
#include "world.hpp"

#include <memory>
#include <vector>

namespace kith::simulation {

// One world from its beginning to the verdict: people talk while things break, then everything is
// healed, and everybody has to have everything.
class Scenario {
 public:
  explicit Scenario(WorldOptions options);
  Scenario(const Scenario&) = delete;
  Scenario& operator=(const Scenario&) = delete;
  ~Scenario();

  void run();

  const World& world() const noexcept { return world_; }

  std::size_t messages() const noexcept { return observer_.messages(); }

 private:
  struct Place {  // where a node runs, or will again
    std::unique_ptr<SimNode> node;
    std::uint64_t boots = 0;
  };

  void draw_config();
  void draw_people();
  void draw_faults();
  Habits draw_habits();
  void boot(std::size_t place);
  void kill(std::size_t place);
  void drain(std::size_t place);
  void boot_later(std::size_t place);
  WirePtr connect();
  // Has `act` happen now and then, about so often in the whole run, until all is healed.
  void now_and_then(double times, std::function<void()> act);
  void heal();
  bool settle();
  void end();

  World world_;
  Database database_;
  SimBroker broker_;
  Observer observer_;
  server::Config config_;
  std::shared_ptr<const front::Credentials> credentials_;
  Town town_;
  std::vector<Place> places_;
  std::vector<std::unique_ptr<Client>> clients_;
  WireOptions wires_;
  Duration trouble_ = 20s;  // how long things break
  std::size_t reactors_ = 1;
  bool heavy_ = false;  // large texts
  bool lossy_ = false;  // the broker loses messages
  bool healed_ = false;
};

}  // namespace kith::simulation
