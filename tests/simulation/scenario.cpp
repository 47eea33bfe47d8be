#include "scenario.hpp"

#include "front/credentials.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kith::simulation {
namespace {

constexpr std::size_t nodes = 3;
// Faults that nothing but the comparison of every minute can find take longer.
constexpr Duration settle_most = 30s;
constexpr Duration settle_heavy_most = 120s;  // much to read, through a thin pipe
constexpr Duration settle_lossy_most = 150s;
constexpr Duration look_every = 1s;
constexpr std::string_view app = "acme";

ports::Directory directory() {
  ports::Directory made;
  made.apps.push_back({base::AppId{1}, std::string{app}, {}});
  made.keys.push_back({.app = base::AppId{1},
                       .kid = "k1",
                       .kind = ports::KeyKind::signing,
                       .secret = "secret of a simulated application"});
  return made;
}

}  // namespace

Scenario::Scenario(WorldOptions options)
    : world_(std::move(options)),
      database_(world_),
      broker_(world_),
      observer_(world_, *database_.tables),
      town_{.world = world_, .observer = observer_},
      places_(nodes) {
  database_.tables->directory = directory();
  credentials_ = std::make_shared<const front::Credentials>(directory(), front::DevMode::off);
  town_.epoch = ports::MemoryStore{}.meta().epoch;
  town_.connect = [this](Client&) { return connect(); };
  draw_config();
  for (std::size_t i = 0; i < places_.size(); ++i)
    boot(i);
  draw_people();
  draw_faults();
}

Scenario::~Scenario() {
  clients_.clear();
}

// ------------------------------------------------------------------------------------------------
// what is drawn

void Scenario::draw_config() {
  reactors_ = 1 + world_.below(2);
  trouble_ = world_.between(Duration{8s}, Duration{25s});
  config_.socketio.ping_interval_ms = world_.chance(0.5) ? 3'000 : 8'000;
  config_.socketio.ping_timeout_ms = 4'000;
  config_.limits.slow_reader_timeout_ms = world_.chance(0.3) ? 3'000 : 30'000;
  if (world_.chance(0.3))
    config_.limits.catchup_events_max = static_cast<std::uint32_t>(world_.between(5, 100));
  static constexpr std::optional<std::uint32_t> within[] = {0, 5, 5, 100, std::nullopt};
  config_.app_defaults.deliver_within = within[world_.below(std::size(within))];
  config_.limits.user_messages_per_s = world_.chance(0.3) ? 20 : 0;
  wires_.latency_most = world_.chance(0.3) ? Duration{150ms} : Duration{3ms};
  wires_.pipe_bytes = world_.chance(0.5) ? 4 * 1024 : 64 * 1024;
  database_.knows_unsent = world_.chance(0.6) ? 0.9 : 0;
  database_.commit_most = world_.chance(0.3) ? Duration{100ms} : Duration{4ms};
  database_.read_most = world_.chance(0.3) ? Duration{60ms} : Duration{2ms};
}

Habits Scenario::draw_habits() {
  Habits habits;
  habits.keeps_cursors = world_.chance(0.6);
  habits.tries_again = world_.chance(0.85);
  habits.pause_most = world_.between(Duration{100ms}, Duration{1500ms});
  habits.burst_most = world_.chance(0.3) ? 6 : 1;
  habits.offline_most = world_.chance(0.2) ? Duration{8s} : Duration{1s};
  const bool restless = world_.chance(0.5);
  habits.hangs_up = restless ? 0.03 : 0.003;
  habits.cut = restless ? 0.03 : 0.003;
  habits.falls_silent = world_.chance(0.3) ? 0.01 : 0;
  habits.stops_reading = world_.chance(0.4) ? 0.03 : 0;
  habits.unread_most = world_.chance(0.3) ? Duration{20s} : Duration{2s};
  habits.lies = world_.chance(0.2) ? 0.1 : 0;
  habits.changes_members = world_.chance(0.5) ? 0.08 : 0.01;
  return habits;
}

void Scenario::draw_people() {
  const auto users = 3 + world_.below(4);
  heavy_ = world_.chance(0.2);
  for (std::size_t i = 0; i < users; ++i)
    town_.users.push_back(fmt::format("u{}", i));
  for (const auto& user : town_.users) {
    town_.tokens[user] = front::sign_token({.app = app,
                                            .user = user,
                                            .kid = "k1",
                                            .issued_at = world_.clock().wall(),
                                            .expires_at = {world_.clock().wall().ms + 86'400'000}},
                                           directory().keys[0].secret);
    // Connections that name no device share one cursor: one alone is owed everything.
    const bool nameless = world_.chance(0.2);
    const auto devices = nameless ? 1 : 1 + world_.below(2);
    for (std::size_t i = 0; i < devices; ++i) {
      auto habits = draw_habits();
      if (heavy_) habits.text_bytes_most = 12'000;
      clients_.push_back(
          std::make_unique<Client>(town_, user, nameless ? "" : fmt::format("d{}", i), habits));
      clients_.back()->start(world_.between(Duration{1ms}, Duration{500ms}));
    }
  }
}

void Scenario::draw_faults() {
  if (world_.chance(0.4)) database_.fails_again = 0.02;
  if (world_.chance(0.3)) database_.fails_for_good = 0.01;
  if (world_.chance(0.4)) database_.reads_fail = 0.02;
  if (world_.chance(0.4)) database_.commits_unknown = 0.02;
  lossy_ = world_.chance(0.3);
  if (lossy_) broker_.loses = 0.05;
  if (world_.chance(0.3)) broker_.repeats = 0.05;
  if (world_.chance(0.3)) broker_.reorders = 0.1;
  if (world_.chance(0.3)) broker_.delays = 0.02;
  // What is asked is answered, and who comes is heard of, long after it was true.
  if (world_.chance(0.3)) {
    broker_.delays = 0.06;
    broker_.late_answers = 0.5;
  }
  if (world_.chance(0.4)) broker_.late_messages = 0.3;
  if (world_.chance(0.5)) now_and_then(3, [this] { broker_.misbehave(); });
  const auto some_place = [this] { return world_.below(places_.size()); };
  if (world_.chance(0.5)) now_and_then(2, [=, this] { kill(some_place()); });
  if (world_.chance(0.4)) now_and_then(1, [=, this] { drain(some_place()); });
  if (world_.chance(0.4))
    now_and_then(2, [=, this] {
      if (auto* node = places_[some_place()].node.get())
        node->stall(world_.between(Duration{10ms}, Duration{8s}));
    });
  if (world_.chance(0.5))
    now_and_then(2, [this] {
      static constexpr Duration how_long[] = {100ms, 100ms, 1s, 5s, 12s, 60s};
      const auto duration = how_long[world_.below(std::size(how_long))];
      const bool reads_too = world_.chance(0.5);
      world_.tell([&] {
        return std::string{"database: "} + (reads_too ? "stands still" : "commits nothing") +
               " for " + seconds({duration.count()});
      });
      database_.stalled_until = world_.now() + duration;
      if (reads_too) database_.silent_until = database_.stalled_until;
    });
  if (world_.chance(0.2))
    now_and_then(1, [this] {
      world_.tell([] { return std::string{"database: takes no writes"}; });
      database_.read_only_until = world_.now() + world_.between(Duration{100ms}, Duration{5s});
    });
}

void Scenario::now_and_then(double times, std::function<void()> act) {
  const auto apart =
      Duration{static_cast<std::int64_t>(static_cast<double>(trouble_.count()) / times)};
  const auto next = world_.between(Duration{1ms}, apart * 2);
  world_.at(next, [this, times, act = std::move(act)]() mutable {
    if (healed_) return;
    act();
    now_and_then(times, std::move(act));
  });
}

// ------------------------------------------------------------------------------------------------
// nodes

void Scenario::boot(std::size_t place) {
  auto& at = places_[place];
  if (at.node) return;
  ++at.boots;
  at.node =
      std::make_unique<SimNode>(SimNode::Ground{.world = world_,
                                                .database = database_,
                                                .broker = broker_,
                                                .config = config_,
                                                .credentials = credentials_,
                                                .reactors = reactors_,
                                                .name = fmt::format("node{}.{}", place, at.boots)});
  world_.tell([&] { return at.node->name() + " ! starts"; });
}

void Scenario::boot_later(std::size_t place) {
  world_.at(world_.between(Duration{10ms}, Duration{4s}), [this, place] { boot(place); });
}

void Scenario::kill(std::size_t place) {
  auto& at = places_[place];
  if (!at.node) return;
  world_.tell([&] { return at.node->name() + " ! killed"; });
  at.node->die(world_.chance(0.7));
  at.node.reset();
  boot_later(place);
}

void Scenario::drain(std::size_t place) {
  auto& at = places_[place];
  if (!at.node || at.node->draining()) return;
  world_.tell([&] { return at.node->name() + " ! drains"; });
  const auto over = world_.between(Duration{0s}, Duration{3s});
  at.node->drain(over, [this, place, boots = at.boots] {
    auto& ended = places_[place];
    if (!ended.node || ended.boots != boots) return;
    world_.tell([&] { return ended.node->name() + " ! is done"; });
    ended.node->die(true);
    ended.node.reset();
    boot_later(place);
  });
}

WirePtr Scenario::connect() {
  auto& at = places_[world_.below(places_.size())];
  if (!at.node) return nullptr;
  return at.node->connect(wires_);
}

// ------------------------------------------------------------------------------------------------
// the run

void Scenario::run() {
  world_.run_until(world_.now() + trouble_);
  heal();
  if (world_.found()) return;
  if (!settle()) return;
  end();
}

void Scenario::heal() {
  world_.tell([] { return std::string{"everything is healed"}; });
  healed_ = true;
  town_.calm = true;
  database_.heal();
  broker_.heal();
  wires_.latency_most = Duration{3ms};
  for (std::size_t i = 0; i < places_.size(); ++i)
    boot(i);
  for (const auto& client : clients_)
    client->heal();
}

bool Scenario::settle() {
  const auto most = lossy_ ? settle_lossy_most : heavy_ ? settle_heavy_most : settle_most;
  const auto end = world_.now() + most;
  std::optional<std::string> missing = "nothing was looked at";
  while (missing && !world_.found()) {
    if (world_.now() >= end) {
      world_.violation("not all has arrived", *missing);
      return false;
    }
    world_.run_until(world_.now() + look_every);
    missing = observer_.missing();
    for (const auto& client : clients_) {
      client->heal();
      if (!client->online()) missing = client->user() + " is offline";
    }
  }
  return !world_.found();
}

void Scenario::end() {
  observer_.judge_database();
  for (const auto& client : clients_)
    client->list_conversations();
  const auto all = [this] {
    return std::all_of(clients_.begin(), clients_.end(), [](const auto& c) { return c->listed(); });
  };
  for (int i = 0; i < 60 && !all() && !world_.found(); ++i) {
    world_.run_until(world_.now() + look_every);
    for (const auto& client : clients_)
      if (!client->listed()) client->list_conversations();
  }
  if (!all() && !world_.found()) world_.violation("no list", "");
  town_.closing = true;
  for (const auto& client : clients_)
    client->leave();
  world_.run_until(world_.now() + 40s);
  // Nodes go on telling each other that they are there: one quiet moment is enough.
  std::string left = "nothing was looked at";
  for (int i = 0; i < 200 && !left.empty() && !world_.found(); ++i) {
    world_.run_until(world_.now() + Duration{37ms});
    left.clear();
    for (const auto& place : places_)
      if (place.node) left += place.node->left_over();
  }
  if (!left.empty() && !world_.found()) world_.violation("something is left over", left);
}

}  // namespace kith::simulation
