#pragma once

#include "commands/all.hpp"
#include "commands/resolver.hpp"
#include "delivery/hubs_test.hpp"
#include "gateway/gateway.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A node up to its gateways, and Engine.IO sessions that a test speaks through.
namespace kith::gateway::testing {

using delivery::testing::app;
using delivery::testing::other_app;
using front::CloseReason;
using Lines = std::vector<std::string>;

// An Engine.IO session without a transport. What is sent waits until the client reads.
class Connection final : public front::EngineSocket {
 public:
  Connection(ports::Reactor& reactor, int of_revision)
      : reactor_(reactor), revision_(of_revision) {}

  int revision() const noexcept override { return revision_; }

  std::string_view sid() const noexcept override { return "sid"; }

  std::size_t send(const front::OutMessage& message) override {
    if (closed) return queued_;
    received.emplace_back(message.packet_view().substr(message.is_binary() ? 0 : 1));
    queued_ += message.frame_bytes();
    queued_most = std::max(queued_most, queued_);
    return queued_;
  }

  std::size_t queued_bytes() const noexcept override { return queued_; }

  bool polling() const noexcept override { return false; }

  bool writable() const noexcept override { return !closed; }

  void close(CloseReason reason, std::string_view why) override {
    if (closed) return;
    closed = reason;
    closed_why = why;
    if (listener) listener->on_closed(reason);
  }

  bool ping_now() override {
    ++pings;
    if (!closed) listener->on_checkpoint(pings);
    return !closed;
  }

  ports::Reactor& reactor() const noexcept override { return reactor_; }

  // --- the client's side
  void text(const std::string& data) {
    if (!closed) listener->on_text(data);
  }

  void binary(const std::string& data) {
    if (!closed) listener->on_binary(data);
  }

  void hang_up() { close(CloseReason::transport_close, {}); }

  bool read() {
    const auto before = std::exchange(queued_, 0);
    if (before >= base::limits::outbox_low_bytes && !closed) listener->on_drained();
    return before > 0;
  }

  Lines take() { return std::exchange(received, {}); }

  std::size_t count(std::string_view start) const {
    std::size_t found = 0;
    for (const auto& line : received)
      found += line.starts_with(start) ? 1 : 0;
    return found;
  }

  std::unique_ptr<front::EngineListener> listener;
  std::optional<CloseReason> closed;
  std::string closed_why;
  Lines received;
  bool reads = true;
  std::uint64_t pings = 0;  // early ones
  std::size_t queued_most = 0;

 private:
  ports::Reactor& reactor_;
  int revision_;
  std::size_t queued_ = 0;
};

// Commands that a test answers when it likes, and the sessions that were told to have ended.
struct Held final : commands::Feature {
  std::string_view name() const noexcept override { return "held"; }

  void add_commands(commands::Table& table) override {
    table.add("test.hold", [this](auto&, const auto&, const auto&, commands::Reply reply) {
      replies.push_back(std::move(reply));
    });
    table.add("test.large", [](auto&, const auto&, const auto& input, commands::Reply reply) {
      const auto bytes = input.args.find("bytes")->as_uint().value();
      reply(commands::Answer{.data = '"' + std::string(bytes - 2, 'x') + '"'});
    });
    table.add("test.count", [](auto&, const auto&, const auto& input, commands::Reply reply) {
      reply(commands::Answer{.data = std::to_string(input.attachments.size())});
    });
    table.take_attachments("test.count");
  }

  void on_session_begin(const commands::SessionInfo& session) override {
    begun.push_back(session.id);
  }

  void on_session_end(const commands::SessionInfo& session) override {
    ended.push_back(session.id);
  }

  std::vector<commands::Reply> replies;
  std::vector<std::uint64_t> begun;
  std::vector<std::uint64_t> ended;
};

struct TokenParts {
  std::string app = "acme";
  std::string kid = "k1";
  std::string secret = "secret-of-acme";
  std::int64_t ttl_s = 3'600;
  std::string name = {};
};

class GatewayWorld : public delivery::testing::Hubs {
 public:
  explicit GatewayWorld(std::size_t count = 1, GatewayOptions options = {}) : Hubs(count) {
    for (std::size_t i = 0; i < count; ++i) {
      auto& list = features.emplace_back();
      held.push_back(static_cast<Held*>(list.emplace_back(std::make_unique<Held>()).get()));
      auto& table = tables.emplace_back();
      commands::add_all(table);
      list.front()->add_commands(table);
      resolvers.push_back(std::make_unique<commands::Resolver>(*reactors[i], store));
      auto& context = contexts.emplace_back(
          commands::Context{*reactors[i], store, homes, home_of, *resolvers[i], logger});
      gateways.push_back(std::make_unique<Gateway>(
          GatewayParts{.reactor = *reactors[i],
                       .context = context,
                       .table = table,
                       .hub = *hubs[i],
                       .features = list,
                       .logger = logger,
                       .shared = shared,
                       .settings_of = [this](base::AppId) -> const commands::AppSettings& {
                         return settings;
                       },
                       .revocations = &revocations},
          options));
      shared.gateways.push_back(gateways.back().get());
    }
    set_credentials(front::DevMode::off);
  }

  GatewayWorld(const GatewayWorld&) = delete;
  GatewayWorld& operator=(const GatewayWorld&) = delete;

  ~GatewayWorld() override {
    for (auto& connection : connections)
      connection.listener.reset();
    for (auto* one : held)
      one->replies.clear();
    settle();
  }

  void set_credentials(front::DevMode dev) {
    const auto key = [](base::AppId of, std::string kid, std::string secret) {
      return ports::AppKeyRow{.app = of,
                              .kid = std::move(kid),
                              .kind = ports::KeyKind::signing,
                              .secret = std::move(secret)};
    };
    auto retired = key(app, "old", "secret-of-old");
    retired.retired_at = {1};
    const auto credentials = std::make_shared<const front::Credentials>(
        ports::Directory{.apps = {{app, "acme", {}},
                                  {other_app, "other", {}},
                                  {static_cast<base::AppId>(3), "default", {}}},
                         .keys = {key(app, "k1", "secret-of-acme"),
                                  key(other_app, "k1", "secret-of-other"),
                                  retired}},
        dev);
    for (auto& gateway : gateways)
      gateway->set_credentials(credentials);
  }

  std::string token(const std::string& user, const TokenParts& parts = {}) const {
    return front::sign_token({.app = parts.app,
                              .user = user,
                              .kid = parts.kid,
                              .issued_at = clock.wall(),
                              .expires_at = {clock.wall().ms + parts.ttl_s * 1'000},
                              .name = parts.name},
                             parts.secret);
  }

  static std::string auth(const std::string& token, const std::string& more = {}) {
    return R"(0{"token":")" + token + '"' + more + "}";
  }

  Connection& open(std::size_t reactor = 0,
                   int revision = 4,
                   std::string_view query = {},
                   std::uint64_t address = 0) {
    auto& connection = connections.emplace_back(*reactors[reactor], revision);
    connection.listener = gateways[reactor]->open(connection,
                                                  {.revision = revision,
                                                   .query = wire::http::Query::parse(query).value(),
                                                   .address = address});
    if (connection.closed) connection.listener->on_closed(*connection.closed);
    return connection;
  }

  // Connected as that user, with everything read.
  Connection& enter(const std::string& user, std::size_t reactor = 0) {
    auto& connection = open(reactor);
    connection.text(auth(token(user)));
    run();
    EXPECT_FALSE(connection.closed);
    connection.take();
    return connection;
  }

  // Until nothing moves; whoever reads has read.
  void run() {
    for (bool again = true; again;) {
      settle();
      again = false;
      for (auto& connection : connections) {
        if (connection.closed) connection.listener.reset();
        if (connection.reads && connection.read()) again = true;
      }
    }
  }

  void let_pass(base::Duration time) {
    pass(time);
    run();
  }

  // The answer to an event, without its brackets; empty if there was none.
  std::string ask(Connection& connection, const std::string& event, const std::string& args) {
    const auto id = std::to_string(++asked_);
    connection.text("2" + id + "[\"" + event + "\"," + args + "]");
    run();
    const auto start = "3" + id + "[";
    for (auto line = connection.received.begin(); line != connection.received.end(); ++line)
      if (line->starts_with(start)) {
        const auto answer = line->substr(start.size(), line->size() - start.size() - 1);
        connection.received.erase(line);
        return answer;
      }
    return {};
  }

  // The code of an error that answers, else the whole answer.
  std::string code(Connection& connection, const std::string& event, const std::string& args) {
    const auto answer = ask(connection, event, args);
    constexpr std::string_view start = R"({"ok":false,"error":{"code":")";
    if (!answer.starts_with(start)) return answer;
    return answer.substr(start.size(), answer.find('"', start.size()) - start.size());
  }

  GatewayShared shared;
  commands::AppSettings settings;
  std::deque<commands::Features> features;
  front::Revocations revocations;
  std::vector<Held*> held;
  std::deque<commands::Table> tables;
  std::vector<std::unique_ptr<commands::Resolver>> resolvers;
  std::deque<commands::Context> contexts;
  std::vector<std::unique_ptr<Gateway>> gateways;
  std::deque<Connection> connections;

 private:
  int asked_ = 0;
};

}  // namespace kith::gateway::testing
