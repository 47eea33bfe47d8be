#include "client/bench.hpp"

#include "base/crypto.hpp"
#include "base/time.hpp"
#include "client/report.hpp"
#include "client/stage.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <sys/resource.h>
#include <thread>

namespace kith::bench {
namespace {

constexpr int exit_wrong = 1;
constexpr int exit_not_begun = 2;
constexpr std::uint64_t files_besides = 64;  // open without any connection
constexpr std::int64_t token_lives_s = 24 * 3600;

Conductor* signalled = nullptr;

void on_signal(int) {
  if (signalled != nullptr) signalled->stop();
}

int give_up(std::string_view why) {
  (void)std::fprintf(stderr, "kith-bench: %.*s\n", static_cast<int>(why.size()), why.data());
  return exit_not_begun;
}

// Raises the limit of open files as far as it goes. What is wrong, or empty.
std::string allow_files(const Options& options) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const std::uint64_t needed = connections_of(options) + files_besides;
  if (limit.rlim_cur >= needed) return {};
  return fmt::format(
      "{} connections need {} open files, and {} are allowed: raise `ulimit -n` or ask for fewer",
      connections_of(options),
      needed,
      limit.rlim_cur);
}

base::WallTime wall_now() {
  return {std::chrono::duration_cast<std::chrono::milliseconds>(
              std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

std::string tag_of(base::WallTime now) {
  constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string tag = "b";
  for (std::int64_t left = now.ms; left > 0 && tag.size() < 8; left /= 36)
    tag += digits[static_cast<std::size_t>(left % 36)];
  return tag + "-";
}

void run_threads(std::vector<std::unique_ptr<Scenario>>& scenarios) {
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < scenarios.size(); ++i)
    others.emplace_back([&scenarios, i] { scenarios[i]->run(); });
  scenarios.front()->run();
  for (std::thread& other : others)
    other.join();
}

bool append_line(const std::string& path, const std::string& line) {
  std::FILE* file = std::fopen(path.c_str(), "ae");
  if (file == nullptr) return false;
  const bool whole = std::fputs((line + "\n").c_str(), file) >= 0;
  return std::fclose(file) == 0 && whole;
}

int run_with(Options& options) {
  if (const std::string wrong = allow_files(options); !wrong.empty()) return give_up(wrong);
  const base::WallTime began = wall_now();
  if (options.tag.empty()) options.tag = tag_of(began);
  base::SystemRandom random;
  const auto number = static_cast<std::uint32_t>(random.next_u64());
  Conductor conductor(options, options.threads);
  Run run{options,
          conductor,
          Marker(number),
          fmt::format("{:08x}", number),
          began.ms / 1000 + token_lives_s,
          options.threads};
  signalled = &conductor;
  (void)std::signal(SIGINT, on_signal);
  (void)std::signal(SIGTERM, on_signal);
  std::vector<std::unique_ptr<Scenario>> scenarios;
  for (unsigned i = 0; i < options.threads; ++i) {
    scenarios.push_back(make_scenario(run, i));
    if (const std::string wrong = scenarios.back()->prepare(); !wrong.empty())
      return give_up(wrong);
  }
  run_threads(scenarios);
  Tally tally;
  for (const auto& scenario : scenarios)
    tally.merge(scenario->tally());
  if (tally.connected == 0) return give_up("nobody could connect: " + tally.problem);
  const Outcome outcome{options, tally, conductor, to_rfc3339(began)};
  (void)std::fputs(to_table(outcome).c_str(), stdout);
  if (!options.json.empty() && !append_line(options.json, to_json(outcome)))
    return give_up("can not write " + options.json);
  return reasons(outcome).empty() ? 0 : exit_wrong;
}

}  // namespace

int run_bench(std::span<const std::string> arguments) {
  ParsedOptions parsed = parse_options(arguments);
  if (!parsed.error.empty()) return give_up(parsed.error);
  if (parsed.options.help) {
    (void)std::fputs(usage().c_str(), stdout);
    return 0;
  }
  return run_with(parsed.options);
}

}  // namespace kith::bench
