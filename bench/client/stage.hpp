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

  // Of this thread's users, by the number of their connection; those behind the users are helpers.
  std::string user_name(std::uint32_t index) const {
    if (index < users_) return run_.options.tag + "u" + std::to_string(first_user_ + index);
    return run_.options.tag + "w" + std::to_string(thread_) + "-" + std::to_string(index - users_);
  }

  std::string to_user(std::uint32_t index) const { return "\"to\":\"" + user_name(index) + '"'; }

  static std::string to_group(const std::string& external_id) {
    return "\"external_id\":\"" + external_id + '"';
  }

  std::string group_name(std::uint32_t group) const {
    return run_.options.tag + "g" + std::to_string(group);
  }

  bool create(std::uint32_t users, std::uint32_t first_user, std::uint32_t helpers = 0);

  // All connect, or those from `from` up to `to`; those that fail are counted. False when nobody is
  // there.
  bool connect_all() { return connect_some(0, static_cast<std::uint32_t>(loop_.size())); }

  bool connect_some(std::uint32_t from, std::uint32_t to);
  // All threads together; the processes are read between.
  void begin_measuring();
  void end_measuring();
  // Until `until_ns` or ^C; `turn` is called between, and says how long it can wait.
  template <class Turn>
  void go_on(std::int64_t until_ns, Turn turn);

  void go_on(std::int64_t until_ns) {
    go_on(until_ns, [] { return turn_ns; });
  }

  // Until `done`, the deadline, or ^C.
  template <class Done>
  bool wait(double seconds, Done done) {
    return wait_until(seconds, done, [this] { return run_.conductor.stopped(); });
  }

  // The same for what is on its way: ^C ends it the second time only.
  template <class Done>
  bool drain(Done done) {
    return wait_until(options().drain_s, done, [this] { return run_.conductor.hurried(); });
  }

  template <class Done, class Stop>
  bool wait_until(double seconds, Done done, Stop stop);
  void show_progress(std::int64_t now);
  std::string make_groups(const std::vector<Group>& groups, bool pumping);

  static std::int64_t to_ns(double seconds) { return static_cast<std::int64_t>(seconds * 1e9); }

  static constexpr std::int64_t turn_ns = 5'000'000;
  static constexpr std::int64_t second_ns = 1'000'000'000;

  Run& run_;
  unsigned thread_;
  Tally tally_;
  Loop loop_;
  std::uint32_t first_user_ = 0;
  std::uint32_t users_ = 0;
  bool running_ = false;    // connections that end now end early
  bool returning_ = false;  // connections were there before
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

template <class Done, class Stop>
bool Scenario::wait_until(double seconds, Done done, Stop stop) {
  const std::int64_t until_ns = now_ns() + to_ns(seconds);
  for (std::int64_t now = now_ns(); !done(); now = now_ns()) {
    if (now >= until_ns || stop()) return false;
    loop_.pump(turn_ns);
    if (now - shown_ns_ >= second_ns) show_progress(now);
  }
  return true;
}

std::unique_ptr<Scenario> make_scenario(Run& run, unsigned thread);

}  // namespace kith::bench
