#include "scenario.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <string_view>
#include <unistd.h>

// Runs simulated worlds: one line for each seed on standard output, for run.py.
//   kith_simulation [--first N] [--count N] [--step N] [--mutant NAME] [--transcript]
namespace {

using kith::simulation::Scenario;

struct Arguments {
  std::uint64_t first = 1;
  std::uint64_t count = 1;
  std::uint64_t step = 1;
  std::string mutant;
  bool transcript = false;
};

constexpr std::uint64_t twice_each = 16;
// A world takes a fraction of a second: one that takes so long goes round in circles. It is killed.
constexpr unsigned seconds_most = 60;

bool parse(int argc, char** argv, Arguments& arguments) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--transcript") {
      arguments.transcript = true;
      continue;
    }
    if (++i == argc) return false;
    const std::string_view value = argv[i];
    if (name == "--mutant") {
      arguments.mutant = value;
      continue;
    }
    std::uint64_t* number = name == "--first"   ? &arguments.first
                            : name == "--count" ? &arguments.count
                            : name == "--step"  ? &arguments.step
                                                : nullptr;
    if (number == nullptr) return false;
    if (std::from_chars(value.data(), value.data() + value.size(), *number).ec != std::errc{})
      return false;
  }
  return true;
}

void print_transcript(const Scenario& scenario, std::size_t most) {
  const auto& lines = scenario.world().transcript();
  for (auto i = lines.size() - std::min(most, lines.size()); i < lines.size(); ++i)
    std::printf("| %s\n", lines[i].c_str());
}

// Whether nothing was found wrong.
bool run(const Arguments& arguments, std::uint64_t seed) {
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  ::alarm(seconds_most);
  std::uint64_t hash = 0;
  std::size_t messages = 0;
  {
    Scenario scenario{
        {.seed = seed, .transcript = arguments.transcript, .mutant = arguments.mutant}};
    scenario.run();
    hash = scenario.world().trace_hash();
    messages = scenario.messages();
    if (const auto& found = scenario.world().found()) {
      if (arguments.transcript) print_transcript(scenario, ~std::size_t{0});
      fmt::print("found {} {}: {}\n", seed, found->what, found->detail);
      std::fflush(stdout);
      return false;
    }
    if (arguments.transcript) print_transcript(scenario, ~std::size_t{0});
  }
  if (seed % twice_each == 0) {
    Scenario again{{.seed = seed, .transcript = false, .mutant = arguments.mutant}};
    again.run();
    if (again.world().trace_hash() != hash) {
      fmt::print("found {} not the same twice: the trace of a seed differs\n", seed);
      std::fflush(stdout);
      return false;
    }
  }
  fmt::print("fine {} {} {:016x}\n", seed, messages, hash);
  std::fflush(stdout);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!parse(argc, argv, arguments)) {
    std::fputs("see tests/simulation/main.cpp for the arguments\n", stderr);
    return 2;
  }
  bool good = true;
  for (std::uint64_t i = 0; i < arguments.count; ++i)
    good = run(arguments, arguments.first + i * arguments.step) && good;
  return good ? 0 : 1;
}
