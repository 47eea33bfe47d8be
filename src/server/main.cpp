#include "base/crypto.hpp"
#include "runtime/clock.hpp"
#include "server/run.hpp"
#include "server/serve.hpp"

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
          [&](const kith::server::LoadedConfig& loaded,
              const kith::server::ReadAgain& read_again,
              kith::server::DataDir data) {
            return kith::server::serve(loaded, read_again, std::move(data), clock, random);
          },
      .open_store =
          [&](const kith::server::Config& config) {
            return kith::server::open_store(config, clock, random);
          },
      .do_with_store =
          [&](const kith::server::Config& config, const kith::server::StoreCommand& command) {
            return kith::server::do_with_store(config, command, clock, random);
          },
      .pause = [] { ::poll(nullptr, 0, pause_ms); },
  };
  return kith::server::run(arguments, world);
}
