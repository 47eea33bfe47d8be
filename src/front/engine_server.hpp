#pragma once

#include "front/addresses.hpp"
#include "front/cors.hpp"
#include "front/engine_service.hpp"
#include "front/handler.hpp"
#include "front/sid.hpp"
#include "front/websocket_link.hpp"
#include "wire/engineio/checks.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kith::front {

class EngineSession;

// A cookie with the sid, on the answer to a polling handshake: for load balancers that send all
// requests of a session to one server. This one never reads it.
struct SidCookie {
  std::string name;  // none if empty
  std::string path = "/";
  bool http_only = true;
  std::string same_site = "lax";  // lax, strict or none

  std::string value(std::string_view sid) const;  // of Set-Cookie
};

struct EngineOptions {
  wire::engineio::SessionOptions session;  // heartbeat and upgrade
  std::size_t max_payload_bytes = 1'000'000;
  std::size_t sessions_max = 1'000'000;  // of this reactor: one that is polled holds no socket
  bool allow_eio3 = true;
  wire::engineio::TransportsAllowed transports;
  CorsOptions cors;
  SidCookie cookie;
  const Addresses* addresses = nullptr;  // of the node; null: they are not told apart
};

// The Engine.IO endpoint of one reactor: handler of `/socket.io` and `/socket.io/`. Sessions live
// on the reactor that made them; their requests find the way by the index in the sid.
class EngineServer final : public Handler, private ports::TickHook {
 public:
  EngineServer(ports::Reactor& reactor, EngineService& service, EngineOptions options);
  ~EngineServer() override;

  std::size_t sessions() const noexcept { return sessions_.size(); }

  void close_all(CloseReason reason);

  std::optional<std::size_t> home_reactor(const wire::http::Request& head) override;

  bool exclusive() const noexcept override { return true; }

  std::size_t admit_body(Exchange& exchange) override;
  void handle(std::unique_ptr<Exchange> exchange) override;
  void add_headers(const wire::http::Request& request, Response& response) override;

 private:
  friend class EngineSession;
  struct Checked;

  Checked check(const wire::http::Request& request) const;
  std::size_t announced_bytes(const wire::http::Request& request) const noexcept;
  void handle_of_session(EngineSession& session,
                         const Checked& checked,
                         std::unique_ptr<Exchange> exchange);
  void handshake(const Checked& checked, std::unique_ptr<Exchange> exchange);
  EngineSession* find(std::string_view sid) const noexcept;
  void on_tick_end() override;

  // What may be on the stack dies at the end of the tick.
  void retire(EngineSession& session);
  void retire(std::unique_ptr<WebSocketLink> link);
  void retire(std::unique_ptr<EngineListener> listener);

  ports::Reactor& reactor_;
  EngineService& service_;
  const EngineOptions options_;
  const Cors cors_;
  LinkShared shared_;

  // A session is found by the sid that it keeps itself.
  struct BySid {
    using is_transparent = void;
    std::size_t operator()(const Sid& sid) const noexcept;
    std::size_t operator()(const EngineSession* session) const noexcept;
    bool operator()(const EngineSession* a, const EngineSession* b) const noexcept;
    bool operator()(const Sid& sid, const EngineSession* session) const noexcept;
  };

  // Owned; no unique_ptr, because what is in a set can not be moved out of it.
  boost::unordered_flat_set<EngineSession*, BySid, BySid> sessions_;
  std::vector<std::unique_ptr<EngineSession>> retired_sessions_;
  std::vector<std::unique_ptr<WebSocketLink>> retired_links_;
  std::vector<std::unique_ptr<EngineListener>> retired_listeners_;
};

}  // namespace kith::front
