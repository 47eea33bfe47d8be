#include "client/stage.hpp"

#include "client/json_text.hpp"
#include "client/token.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace kith::bench {
namespace {

constexpr std::uint32_t attempts_max = 200;  // of one connection that is refused with a pace

}  // namespace

std::string Scenario::auth(const Connection& connection) {
  const std::string user = user_name(connection.index);
  JsonObject auth;
  if (options().dev) {
    auth.text("user", user);
  } else {
    auth.text(
        "token",
        sign_token({options().app, user, options().kid, run_.token_expires_s}, options().key));
  }
  return std::move(auth).take();
}

void Scenario::on_ready(Connection& connection, std::int64_t now) {
  if (returning_) {
    ++tally_.returned;
    return;
  }
  ++tally_.connected;
  if (tally_.measuring) ++tally_.connects;
  tally_.connect.add(now - connection.began_ns);
}

void Scenario::on_closed(Connection& connection, std::string_view reason) {
  if (ending_) return;
  if (running_) {
    ++tally_.closed_early;
    tally_.note_problem(reason);
    return;
  }
  if (connection.retry_after_s > 0 && connection.session < attempts_max) {
    ++tally_.paced;
    loop_.connect(connection.index, connection.retry_after_s * second_ns);
    return;
  }
  ++tally_.connect_failed;
  tally_.note_problem(reason);
}

bool Scenario::create(std::uint32_t users, std::uint32_t first_user, std::uint32_t helpers) {
  first_user_ = first_user;
  users_ = users;
  tally_.wanted = users + helpers;
  if (loop_.create(users + helpers, first_user)) return true;
  tally_.note_problem("epoll_create1 failed");
  return false;
}

bool Scenario::connect_some(std::uint32_t from, std::uint32_t to) {
  running_ = false;
  for (std::uint32_t i = from; i < to; ++i)
    loop_.connect(i);
  const bool all = wait(options().connect_timeout_s, [this] { return loop_.connecting() == 0; });
  if (!all) {
    tally_.connect_failed += loop_.connecting();
    tally_.note_problem("not all connected within --connect-timeout");
  }
  running_ = true;
  return loop_.ready_count() > 0;
}

void Scenario::begin_measuring() {
  conductor().meet(loop_, [this] { conductor().begin(); });
  tally_.measuring = true;
}

void Scenario::end_measuring() {
  tally_.measuring = false;
  conductor().meet(loop_, [this] { conductor().end(); });
}

void Scenario::show_progress(std::int64_t now) {
  shown_ns_ = now;
  if (thread_ != 0 || options().quiet) return;
  std::string line =
      fmt::format("{}: {} of {} connected", options().label, loop_.ready_count(), loop_.size());
  if (const std::string more = progress(); !more.empty()) line += ", " + more;
  if (run_.threads > 1) line += fmt::format(" (thread 1 of {})", run_.threads);
  (void)std::fprintf(stderr, "%s\n", line.c_str());
}

std::string Scenario::make_groups(const std::vector<Group>& groups, bool pumping) {
  Rest rest(options());
  for (std::size_t i = 0; i < groups.size() && !run_.conductor.stopped(); ++i) {
    if (std::string wrong = rest.make(groups[i]); !wrong.empty())
      return fmt::format("group {}: {}", groups[i].external_id, wrong);
    if (pumping) loop_.pump(0);
    const std::int64_t now = now_ns();
    if (now - shown_ns_ < second_ns || options().quiet) continue;
    shown_ns_ = now;
    (void)std::fprintf(
        stderr, "%s: %zu of %zu groups made\n", options().label.c_str(), i + 1, groups.size());
  }
  return {};
}

}  // namespace kith::bench
