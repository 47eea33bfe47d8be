#include "base/crypto.hpp"
#include "runtime/clock.hpp"
#include "server/run.hpp"

#include <iostream>
#include <poll.h>
#include <unistd.h>

namespace {

std::vector<kith::server::EnvironmentVariable> environment() {
  std::vector<kith::server::EnvironmentVariable> variables;
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view entry{*at};
    if (const auto equals = entry.find('='); equals != std::string_view::npos)
      variables.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return variables;
}

constexpr int pause_ms = 50;

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const kith::runtime::SystemClock clock;
  kith::base::SystemRandom random;
  kith::server::World world{
      .clock = clock,
      .random = random,
      .environment = environment(),
      .out = std::cout,
      .err = std::cerr,
      .serve =
          [](const kith::server::LoadedConfig&, kith::server::DataDir) {
            std::cerr << "kith: this build has no server in it\n";
            return 1;
          },
      .open_store = [](const kith::server::Config&)
          -> kith::server::Outcome<std::unique_ptr<kith::ports::Store>> {
        return kith::server::Problem{.exit_code = 1, .text = "this build has no store in it"};
      },
      .pause = [] { ::poll(nullptr, 0, pause_ms); },
  };
  return kith::server::run(arguments, world);
}
