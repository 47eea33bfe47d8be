#pragma once

#include "base/random.hpp"
#include "base/task.hpp"
#include "base/time.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

// Everything that happens in a simulated world happens here, one thing after the other.
namespace kith::simulation {

using namespace std::chrono_literals;
using base::Duration;
using base::Instant;

struct WorldOptions {
  std::uint64_t seed = 1;
  bool transcript = false;  // keep readable lines
  std::string mutant;       // the planted fault that is switched on
};

// What the observer, or an invariant of the world itself, found wrong.
struct Violation {
  std::string what;  // a few words, the same for the same fault
  std::string detail;
};

// One heap of (time, order, action), one source of chance, one trace.
class World {
 public:
  explicit World(WorldOptions options);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  base::ManualClock& clock() noexcept { return clock_; }

  Instant now() const { return clock_.now(); }

  // --- chance
  std::uint64_t below(std::uint64_t bound);
  std::int64_t between(std::int64_t least, std::int64_t most);
  Duration between(Duration least, Duration most);
  bool chance(double probability);
  // Of a road that production code takes rarely: decided per world which, then per call.
  bool rarely(std::string_view name);

  bool mutant(std::string_view name) const noexcept { return options_.mutant == name; }

  // --- time
  void at(Duration after, base::Task action);
  // Runs what is due until `end`, or until something was found wrong.
  void run_until(Instant end);

  // --- trace
  void trace(std::string_view bytes) noexcept;
  void trace(std::uint64_t number) noexcept;

  std::uint64_t trace_hash() const noexcept { return trace_; }

  // A line of the transcript; `make` is called only if there is one.
  template <class Make>
  void tell(Make make) {
    if (options_.transcript) add_line(make());
  }

  const std::deque<std::string>& transcript() const noexcept { return lines_; }

  void violation(std::string what, std::string detail);

  const std::optional<Violation>& found() const noexcept { return found_; }

  std::uint64_t seed() const noexcept { return options_.seed; }

 private:
  struct Due {
    Instant at;
    std::uint64_t order = 0;
    mutable base::Task action;

    bool operator<(const Due& other) const {  // the heap's top is the greatest
      return at != other.at ? at > other.at : order > other.order;
    }
  };

  struct Road {
    bool taken = false;
  };

  void add_line(std::string line);

  WorldOptions options_;
  base::ManualClock clock_;
  base::SeededRandom random_;
  std::priority_queue<Due> heap_;
  std::uint64_t order_ = 0;
  std::uint64_t trace_;
  std::unordered_map<std::string, Road> roads_;
  std::deque<std::string> lines_;
  std::optional<Violation> found_;
};

std::string seconds(Instant at);

}  // namespace kith::simulation
