#include "front/engine_server.hpp"

#include "base/limits.hpp"
#include "front/engine_session.hpp"
#include "wire/http/query.hpp"
#include "wire/websocket/handshake.hpp"

#include <algorithm>

namespace kith::front {

using wire::engineio::KnownSession;
using wire::engineio::Refusal;
using wire::engineio::RequestFacts;
using wire::engineio::Revision;
using wire::engineio::TransportName;

namespace {

constexpr base::Fault too_many_sessions{
    base::Errc::overloaded, "the server has as many sessions as it may: come back", 1'000};

std::optional<TransportName> transport_named(std::string_view name) {
  if (name == "polling") return TransportName::polling;
  if (name == "websocket") return TransportName::websocket;
  return std::nullopt;
}

// As the reference has it: a byte that no header may hold.
bool valid_origin(std::string_view origin) {
  return std::all_of(origin.begin(), origin.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte < 0x7f) || c == '\t';
  });
}

bool wants_base64(const wire::http::Query& query) {
  const auto value = query.find("b64").value_or("");
  return !value.empty() && value != "0";
}

void refuse(Exchange& exchange, const Refusal& refusal, bool upgrade) {
  Response response = upgrade ? Response::text(400, refusal.message)
                              : Response::json(refusal.http_status, refusal.json());
  response.close = upgrade;
  exchange.answer(std::move(response));
}

// A service that is full for now is not a service that forbids.
void refuse(Exchange& exchange, const base::Fault& fault, bool upgrade) {
  const auto& info = base::info(fault.code);
  if (!info.retryable) return refuse(exchange, wire::engineio::forbidden(fault.text), upgrade);
  Response response =
      upgrade ? Response::text(info.http_status, fault.text)
              : Response::json(info.http_status, wire::engineio::forbidden(fault.text).json());
  const auto seconds = std::max<std::uint32_t>(1, (fault.retry_after_ms + 999) / 1000);
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
  response.close = upgrade;
  exchange.answer(std::move(response));
}

void refuse(Exchange& exchange, const wire::http::HttpError& error) {
  Response response = Response::text(error.status, error.text);
  response.headers.emplace_back("Sec-WebSocket-Version", "13");
  response.close = true;
  exchange.answer(std::move(response));
}

void refuse_method(Exchange& exchange) {
  Response response;
  response.status = 405;
  response.headers.emplace_back("Allow", "GET, POST");
  exchange.answer(std::move(response));
}

}  // namespace

std::string SidCookie::value(std::string_view sid) const {
  auto text = name + "=" + std::string{sid} + "; Path=" + path;
  if (http_only) text += "; HttpOnly";
  text += same_site == "strict" ? "; SameSite=Strict"
                                : (same_site == "none" ? "; SameSite=None" : "; SameSite=Lax");
  if (same_site == "none") text += "; Secure";  // browsers take it only so
  return text;
}

// A request, looked at as far as every request is.
struct EngineServer::Checked {
  wire::http::Query query;
  std::optional<Refusal> refusal;
  EngineSession* session = nullptr;
  Revision revision = Revision::v3;
  bool upgrade = false;
};

EngineServer::EngineServer(ports::Reactor& reactor, EngineService& service, EngineOptions options)
    : reactor_(reactor), service_(service), options_(std::move(options)), cors_(options_.cors) {}

EngineServer::~EngineServer() {
  for (auto* session : std::exchange(sessions_, {}))
    delete session;  // NOLINT(cppcoreguidelines-owning-memory): sessions_ says why
}

std::size_t EngineServer::BySid::operator()(const Sid& sid) const noexcept {
  return SidHash{}(sid);
}

std::size_t EngineServer::BySid::operator()(const EngineSession* session) const noexcept {
  return SidHash{}(session->id());
}

bool EngineServer::BySid::operator()(const EngineSession* a,
                                     const EngineSession* b) const noexcept {
  return a == b;
}

bool EngineServer::BySid::operator()(const Sid& sid, const EngineSession* session) const noexcept {
  return session->id() == sid;
}

void EngineServer::close_all(CloseReason reason) {
  std::vector<EngineSession*> all;
  all.assign(sessions_.begin(), sessions_.end());
  for (auto* session : all)
    session->close(reason, {});
}

std::optional<std::size_t> EngineServer::home_reactor(const wire::http::Request& head) {
  if (reactor_.count() == 1) return std::nullopt;  // it is here
  const auto query = wire::http::Query::parse(head.query());
  if (!query) return std::nullopt;
  const auto sid = Sid::parse(query->find("sid").value_or(""));
  if (!sid || sid->reactor_index() >= reactor_.count()) return std::nullopt;
  return sid->reactor_index();
}

EngineSession* EngineServer::find(std::string_view sid) const noexcept {
  const auto parsed = Sid::parse(sid);
  if (!parsed) return nullptr;
  const auto found = sessions_.find(*parsed);
  return found == sessions_.end() ? nullptr : *found;
}

EngineServer::Checked EngineServer::check(const wire::http::Request& request) const {
  Checked checked;
  checked.upgrade = wire::websocket::wants_upgrade(request);
  auto query = wire::http::Query::parse(request.query());
  if (!query) {
    checked.refusal = wire::engineio::bad_request();
    return checked;
  }
  checked.query = std::move(*query);
  checked.revision = checked.query.find("EIO").value_or("") == "4" ? Revision::v4 : Revision::v3;
  const auto sid = checked.query.find("sid").value_or("");
  RequestFacts facts;
  facts.transport = transport_named(checked.query.find("transport").value_or(""));
  facts.revision = checked.revision;
  facts.get = request.method() == "GET";
  facts.upgrade = checked.upgrade;
  facts.origin_valid = valid_origin(request.header_or("origin", {}));
  facts.sid_given = !sid.empty();
  std::optional<KnownSession> known;
  if (facts.sid_given) {
    checked.session = find(sid);
    if (checked.session != nullptr) known = checked.session->known();
  }
  checked.refusal = wire::engineio::check_request(facts, known, options_.transports);
  return checked;
}

// Of a chunked body nothing is known: it may be as large as any.
std::size_t EngineServer::announced_bytes(const wire::http::Request& request) const noexcept {
  if (request.chunked()) return options_.max_payload_bytes;
  return std::min<std::uint64_t>(request.content_length(), options_.max_payload_bytes);
}

std::size_t EngineServer::admit_body(Exchange& exchange) {
  if (exchange.request().method() != "POST") {
    refuse_method(exchange);
    return 0;
  }
  const auto checked = check(exchange.request());
  if (checked.refusal)
    refuse(exchange, *checked.refusal, checked.upgrade);
  else if (checked.upgrade)
    refuse(exchange, {405, "a WebSocket begins with GET"});
  else
    checked.session->begin_post(exchange, announced_bytes(exchange.request()));
  return options_.max_payload_bytes;
}

void EngineServer::handle(std::unique_ptr<Exchange> exchange) {
  const auto& request = exchange->request();
  if (is_preflight(request)) return exchange->answer(preflight_response(request, "GET, POST"));
  const auto checked = check(request);
  if (checked.refusal) {
    if (checked.session != nullptr) checked.session->forget_post(*exchange);
    return refuse(*exchange, *checked.refusal, checked.upgrade);
  }
  if (checked.upgrade) {
    if (!cors_.allows_websocket(request))
      return refuse(*exchange, wire::engineio::forbidden(), true);
    if (const auto error = wire::websocket::check_upgrade(request))
      return refuse(*exchange, *error);
  }
  if (checked.session != nullptr)
    handle_of_session(*checked.session, checked, std::move(exchange));
  else
    handshake(checked, std::move(exchange));
}

void EngineServer::handle_of_session(EngineSession& session,
                                     const Checked& checked,
                                     std::unique_ptr<Exchange> exchange) {
  const auto method = exchange->request().method();
  if (checked.upgrade) return session.probe(std::move(exchange), wants_base64(checked.query));
  if (method == "GET") {
    const auto t = checked.query.find("t").value_or("");
    return session.get(std::move(exchange), t);
  }
  if (method == "POST") return session.finish_post(std::move(exchange));
  refuse_method(*exchange);
}

void EngineServer::handshake(const Checked& checked, std::unique_ptr<Exchange> exchange) {
  const Handshake handshake{
      .revision = static_cast<int>(checked.revision),
      .transport = checked.upgrade ? TransportName::websocket : TransportName::polling,
      .query = checked.query,
      .exchange = exchange.get(),
      .address = options_.addresses == nullptr ? 0 : options_.addresses->key_of(*exchange)};
  if (const auto fault = service_.admit(handshake))
    return refuse(*exchange, *fault, checked.upgrade);
  if (const auto refusal = wire::engineio::check_revision(checked.revision, options_.allow_eio3))
    return refuse(*exchange, *refusal, checked.upgrade);
  if (sessions_.size() >= options_.sessions_max)
    return refuse(*exchange, too_many_sessions, checked.upgrade);

  const Sid sid = Sid::make(reactor_.random(), reactor_.index());
  auto owned =
      std::make_unique<EngineSession>(*this, sid, checked.revision, wants_base64(checked.query));
  EngineSession& session = *owned;
  sessions_.insert(owned.release());
  if (checked.upgrade)
    session.open_websocket(std::move(exchange), handshake);
  else
    session.open_polling(std::move(exchange), handshake);
}

void EngineServer::add_headers(const wire::http::Request& request, Response& response) {
  cors_.add_headers(request, response);
}

void EngineServer::retire(EngineSession& session) {
  if (sessions_.erase(&session) == 0) return;
  retired_sessions_.emplace_back(&session);
  reactor_.at_tick_end(*this);
}

void EngineServer::retire(std::unique_ptr<WebSocketLink> link) {
  if (link == nullptr) return;
  retired_links_.push_back(std::move(link));
  reactor_.at_tick_end(*this);
}

void EngineServer::retire(std::unique_ptr<EngineListener> listener) {
  retired_listeners_.push_back(std::move(listener));
  reactor_.at_tick_end(*this);
}

void EngineServer::on_tick_end() {
  // Listeners refer to their sockets, links to their sessions: the last one here dies first.
  const auto sessions = std::exchange(retired_sessions_, {});
  const auto links = std::exchange(retired_links_, {});
  const auto listeners = std::exchange(retired_listeners_, {});
}

}  // namespace kith::front
