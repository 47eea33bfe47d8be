// kith_echo [--listen ADDR:PORT] [--reactors N] [--ping-interval-ms N] [--ping-timeout-ms N]
// [--max-payload-bytes N] [--no-eio3] Socket.IO at /socket.io/ (echo_service.hpp), Engine.IO alone
// at /engine.io/. Prints `listening on http://...`.
#include "base/log.hpp"
#include "echo/echo_service.hpp"
#include "front/engine_server.hpp"
#include "front/http_server.hpp"
#include "front/router.hpp"
#include "front/static_files.hpp"
#include "net/listener.hpp"
#include "net/tcp_streams.hpp"
#include "runtime/reactor_set.hpp"
#include "runtime/signals.hpp"
#include "server/assets.hpp"

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kith::echo {
namespace {

struct Options {
  net::Endpoint listen{"127.0.0.1", 0};
  std::size_t reactors = 1;
  front::EngineOptions engine;
};

// Everything of one reactor.
class Seat final : public net::AcceptHandler {
 public:
  Seat(runtime::RealReactor& reactor, const Options& options)
      : streams_(reactor),
        socketio_(reactor, socketio_service_, options.engine),
        engineio_(reactor, engineio_service_, options.engine),
        bundles_(server::client_assets(), {"public, max-age=0", {}, options.engine.cors}),
        router_(not_found_),
        http(reactor, streams_, router_) {
    for (const auto* path : {"/socket.io", "/socket.io/"})
      router_.add_path(path, socketio_);
    for (const auto* path : {"/engine.io", "/engine.io/"})
      router_.add_path(path, engineio_);
    router_.add_tree("/socket.io/", bundles_);
  }

  void on_accepted(std::unique_ptr<ports::ReleasedStream> connection) override {
    http.accept(std::move(connection));
  }

 private:
  net::TcpStreams streams_;
  SocketIoEcho socketio_service_;
  EngineIoEcho engineio_service_;
  front::EngineServer socketio_;
  front::EngineServer engineio_;
  front::StaticFiles bundles_;
  front::NotFound not_found_;
  front::Router router_;

 public:
  front::HttpServer http;
};

template <class Number>
bool read_number(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

bool read_option(std::string_view name, std::string_view value, Options& options) {
  if (name == "--listen") {
    const auto endpoint = net::parse_endpoint(value);
    if (endpoint.has_value()) options.listen = endpoint.value();
    return endpoint.has_value();
  }
  if (name == "--reactors") return read_number(value, options.reactors) && options.reactors > 0;
  if (name == "--ping-interval-ms")
    return read_number(value, options.engine.session.ping_interval_ms);
  if (name == "--ping-timeout-ms")
    return read_number(value, options.engine.session.ping_timeout_ms);
  if (name == "--max-payload-bytes") return read_number(value, options.engine.max_payload_bytes);
  return false;
}

std::optional<Options> read_options(int argc, char** argv) {
  Options options;
  options.engine.cors.origins = {"*"};
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--no-eio3") {
      options.engine.allow_eio3 = false;
    } else if (i + 1 == argc || !read_option(name, argv[++i], options)) {
      std::fprintf(stderr, "kith_echo: cannot use %s\n", argv[i]);
      return std::nullopt;
    }
  }
  return options;
}

int serve(const Options& options) {
  base::NullLogger logger;
  runtime::ReactorSet reactors({options.reactors, false}, logger);
  std::vector<std::unique_ptr<Seat>> seats;
  std::vector<front::HttpServer*> servers;
  net::ListenerOptions listening;
  for (std::size_t i = 0; i < reactors.size(); ++i) {
    seats.push_back(std::make_unique<Seat>(reactors[i], options));
    servers.push_back(&seats.back()->http);
    listening.seats.push_back({&reactors[i], seats.back().get()});
  }
  for (auto* server : servers)
    server->set_peers(servers);
  auto listener = net::Listener::listen(reactors[0], options.listen, std::move(listening));
  if (listener.has_error()) {
    std::fprintf(stderr, "kith_echo: %s\n", listener.error().text);
    return 1;
  }
  std::atomic<bool> ended{false};
  {
    runtime::Signals signals(reactors[0], [&ended](int) {
      ended = true;
      ended.notify_all();
    });
    reactors.start();
    std::printf("listening on http://%s\n", net::to_text(listener.value()->endpoint()).c_str());
    std::fflush(stdout);
    ended.wait(false);
    reactors.stop();
    listener.value().reset();
    seats.clear();
  }
  return 0;
}

}  // namespace
}  // namespace kith::echo

int main(int argc, char** argv) {
  const auto options = kith::echo::read_options(argc, argv);
  return options ? kith::echo::serve(*options) : 2;
}
