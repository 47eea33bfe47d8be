#pragma once

#include "front/http_server.hpp"
#include "front/test_world.hpp"

#include <deque>
#include <memory>
#include <string>

// For the tests of connections: a handler that holds what it gets, and a server around it.
namespace kith::front::testing {

// Holds exchanges until the test answers them.
struct Holder final : Handler, ExchangeWatcher {
  explicit Holder(bool alone = false) : alone_(alone) {}

  bool exclusive() const noexcept override { return alone_; }

  std::size_t admit_body(Exchange& exchange) override {
    ++heads;
    exchange.watch(this);
    if (refuse_body) exchange.answer(Response::text(403, "no"));
    return body_bytes_max;
  }

  void handle(std::unique_ptr<Exchange> exchange) override {
    exchange->watch(this);
    if (at_once)
      exchange->answer(Response::text(200, "body:" + exchange->request().body()));
    else
      held.push_back(std::move(exchange));
  }

  void add_headers(const wire::http::Request&, Response& response) override {
    response.headers.emplace_back("X-Route", "holder");
  }

  void on_aborted(Exchange&) override { ++aborted; }

  void on_too_large(Exchange&) override { ++too_large; }

  void answer_next(std::string text) {
    auto exchange = std::move(held.front());
    held.pop_front();
    exchange->answer(Response::text(200, std::move(text)));
  }

  std::deque<std::unique_ptr<Exchange>> held;
  std::size_t body_bytes_max = 100;
  int heads = 0;
  int aborted = 0;
  int too_large = 0;
  bool at_once = false;
  bool refuse_body = false;

 private:
  bool alone_;
};

struct Site {
  Site() : streams(reactor), router(not_found), http(reactor, streams, router) {
    router.add_path("/a", holder);
    router.add_path("/alone", alone);
  }

  std::shared_ptr<ports::FakePeer> connect() {
    auto peer = std::make_shared<ports::FakePeer>();
    http.accept(std::make_unique<ports::FakeStream>(reactor, peer));
    return peer;
  }

  void pass(std::int64_t ms) { reactor.advance(std::chrono::milliseconds{ms}); }

  base::ManualClock clock;
  ports::FakeReactor reactor{clock};
  ports::FakeStreamFactory streams;
  NotFound not_found;
  Holder holder;
  Holder alone{true};
  Router router;
  HttpServer http;
};

}  // namespace kith::front::testing
