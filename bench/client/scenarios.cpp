#include "client/idle.hpp"
#include "client/traffic.hpp"

namespace kith::bench {

std::unique_ptr<Scenario> make_scenario(Run& run, unsigned thread) {
  switch (run.options.scenario) {
    case ScenarioName::pairs:
    case ScenarioName::group:
      return std::make_unique<Traffic>(run, thread);
    case ScenarioName::idle:
    case ScenarioName::storm:
    case ScenarioName::catchup:
    case ScenarioName::room:
    case ScenarioName::history:
    case ScenarioName::mixed:
      return std::make_unique<Idle>(run, thread);
  }
  return nullptr;
}

}  // namespace kith::bench
