#include "rest/api.hpp"

#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "base/names.hpp"
#include "commands/arguments.hpp"
#include "rest/answer.hpp"
#include "rest/arguments.hpp"
#include "rest/openapi.hpp"
#include "rest/record.hpp"
#include "wire/http/tokens.hpp"
#include "wire/json/writer.hpp"

#include <algorithm>

namespace kith::rest {
namespace {

using base::Errc;
using base::Fault;
using base::Result;
using commands::Value;
using front::Response;
using wire::http::Request;
using wire::json::Writer;

namespace limits = base::limits;

constexpr std::int64_t ms_per_s = 1'000;
// Room for what the path adds to a body of the largest size.
constexpr std::size_t members_bytes_max = limits::http_head_bytes_max * 2;

constexpr Fault too_many_bodies{Errc::overloaded,
                                "the server reads too many bodies at once: try again",
                                limits::rest_retry_after_ms};

bool is_json(const Request& request) {
  const auto type = request.header_or("content-type", {});
  return wire::http::equal_ignoring_case(wire::http::trim(type.substr(0, type.find(';'))),
                                         "application/json") &&
         !request.header("content-encoding");
}

Response no_method(const Request& request, const std::string& allow) {
  auto response = request.method() == "OPTIONS"
                      ? Response{.status = 204}
                      : fault_response({Errc::validation_failed,
                                        "this path has other methods: see the header Allow"},
                                       405);
  response.headers.emplace_back("Allow", allow);
  return response;
}

// A body's share of `rest_bodies_bytes_max`.
std::size_t announced(const Request& request, std::size_t body_bytes_max) {
  if (request.chunked()) return body_bytes_max;
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(request.content_length(), body_bytes_max));
}

Result<std::string> short_text(Value args,
                               std::string_view name,
                               std::size_t bytes_max,
                               const char* complaint) {
  KITH_TRY(text, commands::optional_text(args, name, bytes_max, complaint));
  return text.value_or("");
}

Result<std::int64_t> ttl_of(Value args) {
  const auto value = args.find("ttl_s");
  if (!value || value->is_null()) return std::int64_t{limits::token_ttl_s_default};
  const auto ttl_s = value->as_int();
  if (!ttl_s || *ttl_s < 1 || *ttl_s > limits::token_ttl_s_max)
    return Fault{Errc::validation_failed,
                 "`ttl_s` is a whole number of seconds from 1 to token_ttl_s_max"};
  return *ttl_s;
}

}  // namespace

Api::Api(ApiParts parts, ApiOptions options)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      body_bytes_max_(std::min(options_.max_payload_bytes, limits::rest_body_bytes_max)),
      cors_(options_.cors),
      openapi_(std::make_shared<const std::string>(openapi_json())),
      parser_({.capacity_bytes_max = limits::rest_body_bytes_max + members_bytes_max}),
      in_flight_(std::make_shared<std::size_t>(0)),
      self_(std::make_shared<Api*>(this)) {}

// ---- before the command

std::size_t Api::admit_body(front::Exchange& exchange) {
  Ask ask;
  // Before the body is read: strangers' bodies cost nothing.
  if (auto refused = judge(exchange, ask)) {
    exchange.answer(std::move(*refused));
    return 0;
  }
  const auto bytes = announced(exchange.request(), body_bytes_max_);
  if (bodies_bytes_ + bytes > limits::rest_bodies_bytes_max) {
    exchange.answer(fault_response(too_many_bodies));
    return 0;
  }
  bodies_bytes_ += bytes;
  exchange.watch(this);
  return body_bytes_max_;
}

void Api::forget_body(front::Exchange& exchange) {
  bodies_bytes_ -= announced(exchange.request(), body_bytes_max_);
}

void Api::on_aborted(front::Exchange& exchange) {
  forget_body(exchange);
}

void Api::on_too_large(front::Exchange& exchange) {
  forget_body(exchange);
}

void Api::add_headers(const Request& request, Response& response) {
  make_problem(response);
  response.headers.emplace_back("Cache-Control", "no-store");
  cors_.add_headers(request, response);
}

// What answers a request without its command, or nothing and the ask.
std::optional<Response> Api::judge(const front::Exchange& exchange, Ask& ask) {
  const auto& request = exchange.request();
  auto routed = find_route(request);
  if (routed.route == nullptr && routed.allow.empty())
    return fault_response({Errc::not_found, "there is no such path: see docs/rest.md"});
  if (front::is_preflight(request))
    return front::preflight_response(request, "GET, HEAD, POST, PATCH, DELETE");
  if (routed.route == nullptr) return no_method(request, routed.allow);
  ask.route = routed.route;
  ask.element = std::move(routed.element);
  if (request.has_body() && !ask.route->takes_body())
    return fault_response({Errc::validation_failed, "send this request without a body"});
  if (request.has_body() && !is_json(request))
    return fault_response(
        {Errc::validation_failed, "a body is JSON: `Content-Type: application/json`"}, 415);
  if (!accepts_json(request.header_or("accept", {})))
    return fault_response(
        {Errc::validation_failed, "answers are JSON: take `application/json`, or say nothing"},
        406);
  if (const auto known = authenticate(request, ask); known.has_error())
    return fault_response(judge(known.error(), exchange));
  return std::nullopt;
}

// Who guesses is told to wait, whatever he guesses next; who has a good token is never refused for
// the sake of others behind his address.
Fault Api::judge(const Fault& fault, const front::Exchange& exchange) const {
  if (fault.code != Errc::unauthenticated && fault.code != Errc::token_expired) return fault;
  const auto wait_ms = parts_.count_refused ? parts_.count_refused(exchange) : 0;
  if (wait_ms == 0) return fault;
  return {Errc::rate_limited,
          "too many refused tokens from your address: wait, then try again",
          wait_ms};
}

Result<void> Api::authenticate(const Request& request, Ask& ask) {
  if (ask.route->open_to_all() && !request.header("authorization")) return {};
  if (!credentials_)
    return Fault{
        Errc::unavailable, "the server is starting: try again", limits::rest_retry_after_ms};
  KITH_TRY(access,
           rest::authenticate(request,
                              {*credentials_, parts_.revocations},
                              parts_.context.reactor.clock().wall(),
                              parser_));
  if (ask.route->element == Element::user) KITH_CHECK(act_for(access, ask.element));
  const bool for_keys =
      ask.route->action == Action::make_token || ask.route->action == Action::revoke;
  if (for_keys && !access.identity.application)
    return Fault{Errc::forbidden, "tokens are made, and sessions ended, with a server key"};
  ask.access = std::move(access);
  return {};
}

void Api::handle(std::unique_ptr<front::Exchange> exchange) {
  if (!exchange->open()) return;
  if (exchange->request().has_body()) forget_body(*exchange);
  exchange->watch(nullptr);
  Ask ask;
  if (auto refused = judge(*exchange, ask)) return exchange->answer(std::move(*refused));
  if (ask.route->action == Action::limits) return exchange->answer(limits(ask));
  if (ask.route->action == Action::openapi) {
    auto response = Response::json(ask.route->status, {});
    response.shared_body = openapi_;
    return exchange->answer(std::move(response));
  }
  await_budgets(std::move(ask), std::move(exchange));
}

// ---- answered here

Response Api::limits(const Ask& ask) const {
  const auto app =
      ask.access ? parts_.settings_of(ask.access->identity.app) : commands::AppSettings{};
  auto settings = options_.settings;
  settings.push_back({"max_payload_bytes", options_.max_payload_bytes});
  return Response::json(ask.route->status, limits_json(app, settings));
}

// {ttl_s?, name?, avatar?} -> {token, expires_at}
Result<std::string> Api::make_token(const Ask& ask, front::Exchange& exchange) {
  constexpr const char* name_complaint = "`name` is a text of at most 128 characters";
  const auto& identity = ask.access->identity;
  KITH_TRY(text, join(exchange.complete_request().take_body(), {}));
  KITH_TRY(args, parse_object(text));
  KITH_TRY(ttl_s, ttl_of(args));
  KITH_TRY(name, short_text(args, "name", limits::name_chars_max * 4, name_complaint));
  if (base::utf8_length(name) > limits::name_chars_max)
    return Fault{Errc::too_large, name_complaint};
  KITH_TRY(
      avatar,
      short_text(
          args, "avatar", limits::avatar_bytes_max, "`avatar` is a text of at most 2048 bytes"));
  const auto* key = credentials_->signing_key(identity.app);
  if (key == nullptr)
    return Fault{Errc::conflict,
                 "the application has no signing key in use: `kith app key add APP --kind "
                 "signing` makes one"};
  // A new token is good even in the millisecond in which the old ones were called back.
  const auto revoked_at = parts_.revocations.revoked_at(identity.app, ask.access->user);
  const base::WallTime now{std::max(parts_.context.reactor.clock().wall().ms, revoked_at.ms + 1)};
  const base::WallTime expires_at{(now.ms / ms_per_s + ttl_s) * ms_per_s};
  const auto token = front::sign_token({.app = identity.app_name,
                                        .user = ask.access->user.str(),
                                        .kid = key->kid,
                                        .issued_at = now,
                                        .expires_at = expires_at,
                                        .name = name,
                                        .avatar = avatar},
                                       key->secret);
  std::string answer;
  Writer{answer}
      .begin_object()
      .field("token", token)
      .field("expires_at", base::to_rfc3339(expires_at))
      .end_object();
  return answer;
}

}  // namespace kith::rest
