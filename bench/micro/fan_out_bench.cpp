// One published event to N sessions of one reactor, through the delivery code as it runs: the hub,
// positions, cursors, proofs. The clients take their frames and drop them, so that no socket
// counts.
#include "delivery/world_test.hpp"

#include <benchmark/benchmark.h>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace kith;
using namespace kith::delivery;

// Takes everything at once, and proves it when it is asked to.
class Swallows final : public Sink {
 public:
  void send(const wire::engineio::OutMessage& message) override {
    ++frames;
    benchmark::DoNotOptimize(message.frame().data());
  }

  std::size_t queued_bytes() const noexcept override { return 0; }

  void ask_proof() override { asked = true; }

  void close(CloseCode /*code*/) override { std::abort(); }

  void prove() {
    if (!asked) return;
    asked = false;
    session->on_checkpoint(++probes);
    session->on_proved(probes);
  }

  std::unique_ptr<Session> session;
  std::size_t frames = 0;
  std::uint64_t probes = 0;
  bool asked = false;
};

std::string member(std::size_t n) {
  return "u" + std::to_string(n);
}

class Crowd {
 public:
  explicit Crowd(std::size_t size) : key_(DeliveryWorld::group(1)) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < size; ++i)
      names.push_back(member(i));
    world_.make_group(key_, names);
    for (const auto& name : names) {
      auto& client = clients_.emplace_back(std::make_unique<Swallows>());
      client->session =
          world_.hub().make_session(*client,
                                    {.user = {conversations::app, conversations::user(name)},
                                     .device = DeviceId{"d"},
                                     .user_cid = world_.own_log(name).cid});
      client->session->start();
    }
    world_.settle();
    event_.seq = world_.head(key_);
    event_.actor = conversations::user("somebody");
    event_.client_id = conversations::ClientId{"r-17-42"};
    event_.ts = {1'767'261'600'123};
    event_.body = conversations::body(std::string(64, 'x'));
    delivered_before_ = delivered();
  }

  void publish() {
    ++event_.seq;
    ++event_.no;
    world_.hub().on_published(encode(id_key_, key_, event_));
  }

  // What a second brings besides: proofs, and cursors that are written.
  void pass_a_second() {
    for (auto& client : clients_)
      client->prove();
    world_.pass(std::chrono::seconds{1});
    world_.settle();
  }

  std::size_t delivered() const {
    std::size_t sum = 0;
    for (const auto& client : clients_)
      sum += client->frames;
    return sum - delivered_before_;
  }

 private:
  DeliveryWorld world_;
  const ConversationKey key_;
  const base::Key16 id_key_{1};
  domain::LogEvent event_;
  std::vector<std::unique_ptr<Swallows>> clients_;
  std::size_t delivered_before_ = 0;
};

constexpr int messages_a_second = 100;

void fan_out(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  Crowd crowd(size);
  int since = 0;
  for (auto _ : state) {
    crowd.publish();
    if (++since < messages_a_second) continue;
    since = 0;
    state.PauseTiming();
    crowd.pass_a_second();
    state.ResumeTiming();
  }
  const auto due = static_cast<std::size_t>(state.iterations()) * size;
  // Beside the messages, groups of up to 256 are told who has received them.
  if (crowd.delivered() < due) state.SkipWithError("somebody was not told");
  state.SetItemsProcessed(static_cast<std::int64_t>(due));
  state.counters["per_delivery"] = benchmark::Counter(
      static_cast<double>(due), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

BENCHMARK(fan_out)->Arg(2)->Arg(100)->Arg(1'000)->ArgName("sessions")->Iterations(20'000);

}  // namespace

BENCHMARK_MAIN();
