#include "server/counters.hpp"

#include <array>

namespace kith::server {
namespace {

using rest::MetricType;

struct Declared {
  rest::Metric metric;
  std::atomic<std::uint64_t> Counters::*counter;
};

// Every metric of the server, in one place.
constexpr std::array<Declared, 7> declared{{
    {{"kith_connections", MetricType::gauge, "Open client sockets."}, &Counters::connections},
    {{"kith_sessions", MetricType::gauge, "Authenticated connections."}, &Counters::sessions},
    {{"kith_channels", MetricType::gauge, "Conversations that a reactor listens to."},
     &Counters::channels},
    {{"kith_conversations_loaded", MetricType::gauge, "Conversations in memory."},
     &Counters::loaded},
    {{"kith_events_delivered_total", MetricType::counter, "Durable events handed to connections."},
     &Counters::delivered},
    {{"kith_fell_behind_total",
      MetricType::counter,
      "Times that a connection fell behind a conversation."},
     &Counters::fell_behind},
    {{"kith_commands_total", MetricType::counter, "Commands run, over sockets and REST."},
     &Counters::commands},
}};

}  // namespace

std::vector<rest::Sample> collect(std::span<const Counters* const> reactors) {
  std::vector<rest::Sample> samples;
  for (const auto& one : declared) {
    std::uint64_t sum = 0;
    for (const auto* counters : reactors)
      sum += (counters->*one.counter).load(std::memory_order_relaxed);
    samples.push_back({.metric = &one.metric, .labels = {}, .value = static_cast<double>(sum)});
  }
  return samples;
}

}  // namespace kith::server
