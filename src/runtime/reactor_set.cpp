#include "runtime/reactor_set.hpp"

#include "base/assert.hpp"

#include <latch>
#include <pthread.h>
#include <sched.h>
#include <string>

namespace kith::runtime {
namespace {

// The `index`-th core of those this process may use, or -1.
int core_of(std::size_t index) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return -1;
  for (int core = 0; core < CPU_SETSIZE; ++core)
    if (CPU_ISSET(core, &allowed) && index-- == 0) return core;
  return -1;
}

void pin_to(int core) {
  if (core < 0) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(core), &set);
  ::pthread_setaffinity_np(::pthread_self(), sizeof set, &set);
}

// Counts down when it dies, run or not: a task dropped by a stopping reactor does not leave its
// asker waiting.
struct Arrival {
  explicit Arrival(std::shared_ptr<std::latch> l) : latch(std::move(l)) {}

  Arrival(Arrival&&) = default;
  Arrival& operator=(Arrival&&) = delete;

  ~Arrival() {
    if (latch) latch->count_down();
  }

  std::shared_ptr<std::latch> latch;
};

}  // namespace

ReactorSet::ReactorSet(ReactorSetOptions options, base::Logger& logger) : options_(options) {
  KITH_ASSERT(options.count > 0);
  for (std::size_t i = 0; i < options.count; ++i)
    reactors_.push_back(
        std::make_unique<RealReactor>(ReactorOptions{.index = i, .count = options.count}, logger));
}

ReactorSet::~ReactorSet() {
  stop();
}

void ReactorSet::start() {
  KITH_ASSERT(threads_.empty());
  for (auto& reactor : reactors_) {
    const int core = options_.pin ? core_of(reactor->index()) : -1;
    threads_.emplace_back([r = reactor.get(), core] {
      ::pthread_setname_np(::pthread_self(), ("reactor" + std::to_string(r->index())).c_str());
      pin_to(core);
      r->run();
    });
  }
}

void ReactorSet::stop() {
  for (const auto& reactor : reactors_) {
    KITH_ASSERT(threads_.empty() || !reactor->running_here());
    reactor->stop();
  }
  for (std::thread& thread : threads_)
    thread.join();
  threads_.clear();
  // A task's destructor may post again, here or to a neighbour.
  for (std::size_t dropped = 1; dropped != 0;) {
    dropped = 0;
    for (const auto& reactor : reactors_)
      dropped += reactor->drop_tasks();
  }
}

void ReactorSet::on_each(const std::function<void(RealReactor&)>& what) {
  if (threads_.empty()) {
    for (const auto& reactor : reactors_)
      what(*reactor);
    return;
  }
  const auto done = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(reactors_.size()));
  for (const auto& reactor : reactors_) {
    KITH_ASSERT(!reactor->running_here());
    reactor->post([&what, r = reactor.get(), arrival = Arrival{done}] { what(*r); });
  }
  done->wait();
}

}  // namespace kith::runtime
