#include "world.hpp"

#include "base/assert.hpp"
#include "base/ids.hpp"
#include "base/simulation.hpp"

#include <fmt/format.h>

namespace kith::simulation {
namespace {

constexpr std::size_t lines_max = 200'000;
// How often a rare road is taken in a world that takes it at all.
constexpr double road_share = 0.15;

World* running = nullptr;  // one at a time in this process

}  // namespace

World::World(WorldOptions options)
    : options_(std::move(options)),
      random_(options_.seed * 0x9e3779b97f4a7c15ULL + 1),
      trace_(options_.seed) {
  KITH_ASSERT(running == nullptr);
  running = this;
}

World::~World() {
  while (!heap_.empty())
    heap_.pop();
  running = nullptr;
}

std::uint64_t World::below(std::uint64_t bound) {
  return bound == 0 ? 0 : random_.next_u64() % bound;
}

std::int64_t World::between(std::int64_t least, std::int64_t most) {
  return least + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least) + 1));
}

Duration World::between(Duration least, Duration most) {
  return Duration{between(least.count(), most.count())};
}

bool World::chance(double probability) {
  constexpr std::uint64_t parts = 1'000'000;
  if (probability <= 0) return false;
  return below(parts) < static_cast<std::uint64_t>(probability * static_cast<double>(parts));
}

bool World::rarely(std::string_view name) {
  const auto [it, fresh] = roads_.try_emplace(std::string{name});
  if (fresh) it->second.taken = chance(0.5);
  return it->second.taken && chance(road_share);
}

void World::at(Duration after, base::Task action) {
  heap_.push({now() + std::max(after, Duration::zero()), ++order_, std::move(action)});
}

void World::run_until(Instant end) {
  while (!found_ && !heap_.empty() && heap_.top().at <= end) {
    const auto at = heap_.top().at;
    trace(static_cast<std::uint64_t>(at.ns));
    trace(heap_.top().order);
    base::Task action = std::move(heap_.top().action);
    heap_.pop();
    clock_.advance(at - now());
    action();
  }
  if (!found_ && now() < end) clock_.advance(end - now());
}

void World::trace(std::string_view bytes) noexcept {
  trace_ = base::hash_bytes(bytes, trace_);
}

void World::trace(std::uint64_t number) noexcept {
  trace({reinterpret_cast<const char*>(&number), sizeof number});
}

void World::add_line(std::string line) {
  lines_.push_back(fmt::format("{} {}", seconds(now()), line));
  if (lines_.size() > lines_max) lines_.pop_front();
}

void World::violation(std::string what, std::string detail) {
  if (found_) return;
  tell([&] { return fmt::format("VIOLATION {}: {}", what, detail); });
  found_ = Violation{std::move(what), std::move(detail)};
}

std::string seconds(Instant at) {
  return fmt::format("{:9.4f}", static_cast<double>(at.ns) / 1e9);
}

}  // namespace kith::simulation

namespace kith::base::simulation {

bool rarely(std::string_view name) noexcept {
  auto* world = kith::simulation::running;
  return world != nullptr && world->rarely(name);
}

bool mutant(std::string_view name) noexcept {
  const auto* world = kith::simulation::running;
  return world != nullptr && world->mutant(name);
}

}  // namespace kith::base::simulation
