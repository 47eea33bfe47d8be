#include "client/catchup.hpp"
#include "client/history.hpp"
#include "client/idle.hpp"
#include "client/mixed.hpp"
#include "client/room.hpp"
#include "client/storm.hpp"
#include "client/traffic.hpp"

namespace kith::bench {

std::unique_ptr<Scenario> make_scenario(Run& run, unsigned thread) {
  switch (run.options.scenario) {
    case ScenarioName::pairs:
    case ScenarioName::group:
      return std::make_unique<Traffic>(run, thread);
    case ScenarioName::idle:
      return std::make_unique<Idle>(run, thread);
    case ScenarioName::storm:
      return std::make_unique<Storm>(run, thread);
    case ScenarioName::catchup:
      return std::make_unique<Catchup>(run, thread);
    case ScenarioName::room:
      return std::make_unique<Room>(run, thread);
    case ScenarioName::history:
      return std::make_unique<History>(run, thread);
    case ScenarioName::mixed:
      return std::make_unique<Mixed>(run, thread);
  }
  return nullptr;
}

}  // namespace kith::bench
