#pragma once

#include "client/conductor.hpp"
#include "client/marker.hpp"
#include "client/rest.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace kith::bench {

// What is the same for all threads of a run.
struct Run {
  const Options& options;
  Conductor& conductor;
  Marker marker;
  std::string run_text;  // begins every client_id
  std::int64_t token_expires_s = 0;
  unsigned threads = 1;
};

// A share of `all` things for one of the threads: which come before it, and how many are its.
struct Share {
  std::uint32_t first = 0;
  std::uint32_t count = 0;

  static Share of(std::uint32_t all, unsigned thread, unsigned threads) noexcept {
    const std::uint32_t each = all / threads;
    const std::uint32_t more = all % threads;
    const std::uint32_t first = thread * each + std::min<std::uint32_t>(thread, more);
    return {first, each + (thread < more ? 1 : 0)};
  }
};

// A scenario in one thread. It owns a loop whose connections are users `first_user()` and on.
class Scenario : public Listener {
 public:
  Scenario(Run& run, unsigned thread) : run_(run), thread_(thread), loop_(run.options, *this) {}

  // In the main thread, before all others: groups. What went wrong, or empty.
  virtual std::string prepare() { return {}; }

  virtual void run() = 0;

  // Once a second, from thread 0: where it stands.
  virtual std::string progress() const { return {}; }

  Tally& tally() noexcept { return tally_; }

  std::string auth(const Connection& connection) override;
  void on_ready(Connection& connection, std::int64_t now) override;

  void on_event(Connection&, const Packet&, std::int64_t) override {}

  void on_ack(Connection&, const Packet&, std::int64_t) override {}

  void on_attachment(Connection&, std::string_view, std::string_view, std::int64_t) override {}

  void on_closed(Connection& connection, std::string_view reason) override;

 protected:
  const Options& options() const noexcept { return run_.options; }

  Conductor& conductor() noexcept { return run_.conductor; }

  std::string user_name(std::uint32_t user) const {
    return run_.options.tag + "u" + std::to_string(user);
  }

  std::string group_name(std::uint32_t group) const {
    return run_.options.tag + "g" + std::to_string(group);
  }

  bool create(std::uint32_t connections, std::uint32_t first_user);
  // All connect; those that fail are counted. False when none is there or it took too long.
  bool connect_all();
  // Until `until_ns` or ^C; `turn` is called between, and says how long it can wait.
  template <class Turn>
  void go_on(std::int64_t until_ns, Turn turn);

  void go_on(std::int64_t until_ns) {
    go_on(until_ns, [] { return turn_ns; });
  }
  // Until `done` or the deadline.
  template <class Done>
  bool wait(double seconds, Done done);
  void show_progress(std::int64_t now);
  std::string make_groups(const std::vector<Group>& groups, bool pumping);

  static constexpr std::int64_t turn_ns = 5'000'000;
  static constexpr std::int64_t second_ns = 1'000'000'000;

  Run& run_;
  unsigned thread_;
  Tally tally_;
  Loop loop_;
  std::uint32_t first_user_ = 0;
  bool running_ = false;  // connections that end now end early
  bool ending_ = false;

 private:
  std::int64_t shown_ns_ = now_ns();
};

template <class Turn>
void Scenario::go_on(std::int64_t until_ns, Turn turn) {
  for (std::int64_t now = now_ns(); now < until_ns && !run_.conductor.stopped(); now = now_ns()) {
    const std::int64_t wish = turn();
    loop_.pump(std::min({wish, until_ns - now, turn_ns}));
    if (now - shown_ns_ >= second_ns) show_progress(now);
  }
}

template <class Done>
bool Scenario::wait(double seconds, Done done) {
  const std::int64_t until_ns = now_ns() + static_cast<std::int64_t>(seconds * 1e9);
  for (std::int64_t now = now_ns(); !done(); now = now_ns()) {
    if (now >= until_ns || run_.conductor.stopped()) return false;
    loop_.pump(turn_ns);
    if (now - shown_ns_ >= second_ns) show_progress(now);
  }
  return true;
}

std::unique_ptr<Scenario> make_scenario(Run& run, unsigned thread);

}  // namespace kith::bench
