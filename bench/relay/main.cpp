// epoll_relay: what Kith's fan-out is compared with. Only for the load generator's group scenario.
#include "net/endpoint.hpp"
#include "relay/relay.hpp"

#include <charconv>
#include <csignal>
#include <cstdio>
#include <string_view>

namespace {

volatile std::sig_atomic_t stopped = 0;

constexpr std::size_t frames_max = 10'000;

struct Options {
  std::uint16_t port = 0;
  std::size_t frames = 1;
};

bool read_options(int argc, char** argv, Options& options) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const std::string_view value = argv[i + 1];
    if (name == "--listen") {
      const auto endpoint = kith::net::parse_endpoint(value);
      if (!endpoint) return false;
      options.port = endpoint->port;
    } else if (name == "--frames") {
      std::from_chars(value.data(), value.data() + value.size(), options.frames);
      if (options.frames == 0 || options.frames > frames_max) return false;
    } else if (name != "--data") {  // as every server that is compared takes it
      return false;
    }
  }
  return argc % 2 == 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!read_options(argc, argv, options)) {
    (void)std::fputs(
        "epoll_relay [--listen 127.0.0.1:PORT] [--frames 1-10000 of a group in a write]\n", stderr);
    return 2;
  }

  struct sigaction action {};

  action.sa_handler = [](int) { stopped = 1; };
  (void)::sigaction(SIGTERM, &action, nullptr);
  kith::bench::relay::Relay relay(options.frames);
  const auto port = relay.listen(options.port);
  if (port == 0) {
    std::perror("epoll_relay can not listen");
    return 1;
  }
  std::printf("listening on http://127.0.0.1:%u\n", static_cast<unsigned>(port));
  (void)std::fflush(stdout);
  while (stopped == 0 && relay.turn()) {
  }
  return 0;
}
