#pragma once

#include "base/assert.hpp"
#include "front/engine_server.hpp"
#include "front/engine_service.hpp"
#include "front/http_server.hpp"
#include "front/router.hpp"
#include "ports/fake.hpp"
#include "wire/websocket/frame.hpp"
#include "wire/websocket/frame_parser.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// For the tests of front/: servers on pretend reactors, and clients that speak bytes.
namespace kith::front::testing {

using Strings = std::vector<std::string>;

struct Answer {
  int status = 0;
  std::string head;
  std::string body;

  bool has(std::string_view line) const { return head.find(line) != std::string::npos; }
};

// Takes the first whole response off `received`; status 0 if there is none.
inline Answer take_answer(std::string& received, bool bodyless = false) {
  const auto end = received.find("\r\n\r\n");
  if (end == std::string::npos) return {};
  Answer answer;
  answer.head = received.substr(0, end + 2);
  answer.status = std::stoi(answer.head.substr(9, 3));
  std::size_t length = 0;
  const auto at = answer.head.find("Content-Length: ");
  if (at != std::string::npos && !bodyless) length = std::stoul(answer.head.substr(at + 16));
  if (received.size() < end + 4 + length) return {};
  answer.body = received.substr(end + 4, length);
  received.erase(0, end + 4 + length);
  return answer;
}

inline std::string get_request(std::string_view target, std::string_view headers = {}) {
  return "GET " + std::string{target} + " HTTP/1.1\r\nHost: chat.example.com\r\n" +
         std::string{headers} + "\r\n";
}

inline std::string post_request(std::string_view target,
                                std::string_view body,
                                std::string_view headers = {}) {
  return "POST " + std::string{target} +
         " HTTP/1.1\r\nHost: chat.example.com\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string{headers} + "\r\n" + std::string{body};
}

inline std::string upgrade_request(std::string_view target, std::string_view headers = {}) {
  return get_request(target,
                     "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                         std::string{headers});
}

inline std::string masked(wire::websocket::Opcode opcode, std::string_view payload) {
  std::string frame;
  wire::websocket::append_masked_frame(frame, {opcode, 0x01020304, true}, payload);
  return frame;
}

inline std::string text_frame(std::string_view payload) {
  return masked(wire::websocket::Opcode::text, payload);
}

// Frames of a server as lines: `text 4hello`, `binary ..`, `ping ..`, `close 1001`.
inline Strings frames(std::string_view bytes) {
  Strings lines;
  std::string scratch;
  wire::websocket::FrameParser parser(1 << 24, wire::websocket::FrameParser::Peer::server);
  for (;;) {
    const auto event = parser.next(bytes, scratch);
    using Kind = wire::websocket::Event::Kind;
    switch (event.kind) {
      case Kind::none:
        return lines;
      case Kind::text:
        lines.push_back("text " + std::string{event.payload});
        break;
      case Kind::binary:
        lines.push_back("binary " + std::string{event.payload});
        break;
      case Kind::ping:
        lines.push_back("ping " + std::string{event.payload});
        break;
      case Kind::pong:
        lines.push_back("pong " + std::string{event.payload});
        break;
      case Kind::close:
        lines.push_back("close " + std::to_string(event.code));
        break;
      case Kind::error:
        lines.push_back("error");
        return lines;
    }
  }
}

// Records what it hears; answers what the test tells it to.
struct TestService final : EngineService {
  struct Listener final : EngineListener {
    Listener(TestService& s, EngineSocket& k) : service(s), socket(k) {}

    ~Listener() override { std::erase(service.listeners, this); }

    void on_text(std::string_view data) override {
      service.lines.push_back("text " + std::string{data});
      if (service.on_message) service.on_message(socket, data);
    }

    void on_binary(std::string_view data) override {
      service.lines.push_back("binary " + std::string{data});
    }

    void on_drained() override { service.lines.emplace_back("drained"); }

    void on_checkpoint(std::uint64_t) override { ++service.checkpoints; }

    void on_proved(std::uint64_t n) override { service.proved = n; }

    void on_closed(CloseReason reason) override {
      service.lines.push_back("closed " + std::string{to_text(reason)});
    }

    TestService& service;
    EngineSocket& socket;
  };

  // Of a handshake, what outlives it.
  struct Knock {
    int revision = 0;
    wire::http::Query query;
    std::string origin;
    std::string peer_address;
    std::uint64_t address = 0;
  };

  std::optional<base::Fault> admit(const Handshake& handshake) override {
    last = {handshake.revision,
            handshake.query,
            std::string{handshake.exchange->request().header_or("origin", {})},
            handshake.exchange->peer_address(),
            handshake.address};
    return refusal;
  }

  std::unique_ptr<EngineListener> open(EngineSocket& socket, const Handshake&) override {
    if (on_open) on_open(socket);
    auto listener = std::make_unique<Listener>(*this, socket);
    listeners.push_back(listener.get());
    return listener;
  }

  EngineSocket& socket(std::size_t index = 0) { return listeners.at(index)->socket; }

  Strings take() { return std::exchange(lines, {}); }

  Strings lines;
  std::vector<Listener*> listeners;  // alive
  Knock last;
  std::optional<base::Fault> refusal;
  std::function<void(EngineSocket&)> on_open;
  std::function<void(EngineSocket&, std::string_view)> on_message;
  std::uint64_t checkpoints = 0;
  std::uint64_t proved = 0;
};

// Everything that one reactor has.
struct Seat {
  Seat(base::ManualClock& clock,
       std::size_t index,
       std::size_t count,
       EngineService& service,
       const EngineOptions& options)
      : reactor(clock, index, count),
        streams(reactor),
        engine(reactor, service, options),
        router(not_found),
        http(reactor, streams, router) {
    router.add_path("/socket.io", engine);
    router.add_path("/socket.io/", engine);
  }

  ports::FakeReactor reactor;
  ports::FakeStreamFactory streams;
  NotFound not_found;
  EngineServer engine;
  Router router;
  HttpServer http;
};

class World {
 public:
  explicit World(EngineOptions options = {}, std::size_t reactors = 1) {
    for (std::size_t i = 0; i < reactors; ++i)
      seats.push_back(std::make_unique<Seat>(clock, i, reactors, service, options));
    std::vector<HttpServer*> servers;
    for (auto& seat : seats)
      servers.push_back(&seat->http);
    for (auto& seat : seats)
      seat->http.set_peers(servers);
  }

  // A new connection, at a reactor.
  std::shared_ptr<ports::FakePeer> connect(std::size_t reactor = 0) {
    auto peer = std::make_shared<ports::FakePeer>();
    seats[reactor]->http.accept(std::make_unique<ports::FakeStream>(seats[reactor]->reactor, peer));
    return peer;
  }

  void run() { pass(0); }

  void pass(std::int64_t ms) {
    std::vector<ports::FakeReactor*> others;
    const auto& first = *seats.front();
    (void)first;
    if (seats.size() == 1) {
      seats[0]->reactor.advance(std::chrono::milliseconds{ms});
    } else {
      seats[0]->reactor.advance(std::chrono::milliseconds{ms}, {&seats[1]->reactor});
    }
  }

  // A request on a connection of its own, answered within the tick.
  Answer ask(std::string_view request) {
    auto peer = connect();
    peer->send(request);
    run();
    return take_answer(peer->received);
  }

  // A polling handshake; returns `/socket.io/?...&sid=...`.
  std::string open_session(std::string_view eio = "4", std::string_view more = {}) {
    const std::string base =
        "/socket.io/?EIO=" + std::string{eio} + "&transport=polling" + std::string{more};
    const auto answer = ask(get_request(base));
    const auto at = answer.body.find("\"sid\":\"");
    KITH_ASSERT(at != std::string::npos);
    return base + "&sid=" + answer.body.substr(at + 7, Sid::chars);
  }

  static std::string as_websocket(std::string url) {
    url.replace(url.find("polling"), 7, "websocket");
    return url;
  }

  // A session over WebSocket from the start.
  std::shared_ptr<ports::FakePeer> open_websocket(std::string_view eio = "4") {
    auto peer = connect();
    peer->send(upgrade_request("/socket.io/?EIO=" + std::string{eio} + "&transport=websocket"));
    run();
    KITH_ASSERT(take_answer(peer->received).status == 101);
    peer->take();
    return peer;
  }

  base::ManualClock clock;
  TestService service;
  std::vector<std::unique_ptr<Seat>> seats;
};

}  // namespace kith::front::testing
