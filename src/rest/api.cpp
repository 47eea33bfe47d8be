#include "rest/api.hpp"

#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "base/names.hpp"
#include "commands/arguments.hpp"
#include "commands/resolver.hpp"
#include "rest/answer.hpp"
#include "rest/arguments.hpp"
#include "wire/http/tokens.hpp"
#include "wire/json/writer.hpp"

#include <algorithm>

namespace kith::rest {
namespace {

using base::Errc;
using base::Fault;
using base::Result;
using commands::Answer;
using commands::Caller;
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
constexpr Fault too_many_commands{Errc::overloaded,
                                  "too many requests wait for their answer: try again",
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

// Counts a command as long as its answer is due.
class Place {
 public:
  explicit Place(std::shared_ptr<std::size_t> count) : count_(std::move(count)) { ++*count_; }

  Place(Place&&) noexcept = default;
  Place& operator=(Place&&) = delete;
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  ~Place() {
    if (count_) --*count_;
  }

 private:
  std::shared_ptr<std::size_t> count_;
};

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

std::string cursor_json(const base::Cid& cid, base::Seq seq) {
  std::string text;
  Writer{text}
      .begin_object()
      .key("cursors")
      .begin_array()
      .begin_object()
      .field("cid", base::to_text(cid))
      .field("seq", seq)
      .end_object()
      .end_array()
      .end_object();
  return text;
}

}  // namespace

Api::Api(ApiParts parts, ApiOptions options)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      body_bytes_max_(std::min(options_.max_payload_bytes, limits::rest_body_bytes_max)),
      cors_(options_.cors),
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
  make_json(response);
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
  const bool open_to_all = ask.route->action == Action::limits;
  if (open_to_all && !request.header("authorization")) return {};
  if (!credentials_)
    return Fault{
        Errc::unavailable, "the server is starting: try again", limits::rest_retry_after_ms};
  KITH_TRY(
      access,
      rest::authenticate(request, *credentials_, parts_.context.reactor.clock().wall(), parser_));
  if (ask.route->element == Element::user) KITH_CHECK(act_for(access, ask.element));
  if (ask.route->action == Action::make_token && !access.identity.application)
    return Fault{Errc::forbidden, "tokens are made with a server key"};
  ask.access = std::move(access);
  return {};
}

// A server key that changes something in a user's name, or makes his token: whose key it was.
void Api::record(const Ask& ask) const {
  const auto& access = *ask.access;
  if (!access.identity.application || access.user.empty() || !ask.route->takes_body()) return;
  const bool token = ask.route->action == Action::make_token;
  parts_.logger.log(base::LogLevel::info,
                    "acted_for",
                    {{"app", access.identity.app_name},
                     {"kid", access.identity.kid},
                     {"user", access.user.str()},
                     {"what", token ? "token" : ask.route->command}});
}

void Api::handle(std::unique_ptr<front::Exchange> exchange) {
  if (!exchange->open()) return;
  if (exchange->request().has_body()) forget_body(*exchange);
  exchange->watch(nullptr);
  Ask ask;
  if (auto refused = judge(*exchange, ask)) return exchange->answer(std::move(*refused));
  if (ask.route->action == Action::limits) return exchange->answer(limits(ask));
  await_budgets(std::move(ask), std::move(exchange));
}

// They may be with another reactor; meanwhile the request is one of those that wait.
void Api::await_budgets(Ask ask, std::unique_ptr<front::Exchange> exchange) {
  if (!parts_.budgets_of) return serve(ask, std::move(exchange), {});
  if (*in_flight_ >= limits::rest_in_flight_max)
    return exchange->answer(fault_response(too_many_commands));
  const Access access = *ask.access;
  parts_.budgets_of(access,
                    [alive = std::weak_ptr<Api*>(self_),
                     place = std::optional<Place>{in_flight_},
                     ask = std::move(ask),
                     exchange = std::move(exchange)](Budgets budgets) mutable {
                      place.reset();
                      if (const auto api = alive.lock())
                        (*api)->serve(ask, std::move(exchange), budgets);
                    });
}

void Api::serve(const Ask& ask, std::unique_ptr<front::Exchange> exchange, const Budgets& budgets) {
  if (budgets.for_commands)
    if (const auto wait_ms = budgets.for_commands->take(parts_.context.reactor.clock().now()))
      return exchange->answer(
          fault_response({Errc::rate_limited, "too many requests: wait and try again", wait_ms}));
  record(ask);
  if (ask.route->action == Action::make_token) {
    auto made = make_token(ask, *exchange);
    return exchange->answer(made.has_value() ? Response::json(ask.route->status, std::move(*made))
                                             : fault_response(made.error()));
  }
  if (const auto begun = run(ask, exchange, budgets.for_messages.get()); begun.has_error())
    exchange->answer(fault_response(begun.error()));
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
  const auto now = parts_.context.reactor.clock().wall();
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

// ---- commands

Result<std::string> Api::arguments(const Ask& ask, front::Exchange& exchange) const {
  std::string members;
  Writer json{members};
  const auto& request = exchange.request();
  if (ask.route->takes_body()) {
    if (request.header_count("idempotency-key") > 1)
      return Fault{Errc::validation_failed, "give one Idempotency-Key"};
    if (const auto key = request.header("idempotency-key"))
      KITH_CHECK(add_text(json, "client_id", *key));
  }
  KITH_CHECK(add_query(json, request.query(), ask.route->query));
  if (ask.route->element == Element::conversation) KITH_CHECK(add_conversation(json, ask.element));
  return join(exchange.complete_request().take_body(), members);
}

Result<Value> Api::parse_object(std::string_view text) {
  KITH_TRY(value, parser_.parse(text));
  if (!value.is_object()) return Fault{Errc::validation_failed, "the body is one JSON object"};
  return value;
}

// The exchange is taken if the command was begun.
Result<void> Api::run(const Ask& ask,
                      std::unique_ptr<front::Exchange>& exchange,
                      commands::Budget* messages) {
  const auto* run = parts_.table.find(ask.route->command);
  if (run == nullptr)
    return Fault{Errc::feature_disabled, "this server runs without the feature of this path"};
  if (*in_flight_ >= limits::rest_in_flight_max) return too_many_commands;
  KITH_TRY(text, arguments(ask, *exchange));
  KITH_TRY(args, parse_object(text));
  const auto& access = *ask.access;
  const base::UserKey user{access.identity.app, access.user};
  const Caller caller{.app = user.app,
                      .user = user.user,
                      .application = user.user.empty(),
                      .settings = &parts_.settings_of(user.app),
                      .messages = messages,
                      .origin = {.reactor = parts_.context.reactor.index()}};
  auto reply = reply_to(*ask.route, exchange);
  if (ask.route->action == Action::run) {
    run_command(*run, caller, args, std::move(reply));
  } else if (const auto begun = mark_read(*run, caller, args, reply); begun.has_error()) {
    reply(begun.error());
  }
  return {};
}

void Api::run_command(const commands::Run& run,
                      const Caller& caller,
                      Value args,
                      commands::Reply reply) {
  ++commands_run_;
  run(parts_.context, caller, {args, {}}, std::move(reply));
}

// {seq} as the one cursor of the conversation of the path. The command knows cids only, so other
// names are looked up first.
Result<void> Api::mark_read(const commands::Run& run,
                            const Caller& caller,
                            Value args,
                            commands::Reply& reply) {
  constexpr const char* complaint = "`seq` is the last event that was read, below 2^53";
  KITH_TRY(seq, commands::optional_seq(args, "seq", complaint));
  if (!seq) return Fault{Errc::validation_failed, complaint};
  parts_.context.resolver.resolve(
      caller,
      args,
      [alive = std::weak_ptr<Api*>(self_), &run, caller, seq = *seq, reply = std::move(reply)](
          Result<commands::Target> target) mutable {
        if (target.has_error()) return reply(target.error());
        const auto api = alive.lock();
        if (!api) return;
        const auto cursor = (*api)->parser_.parse(cursor_json(target->key.cid, seq));
        (*api)->run_command(run, caller, *cursor, std::move(reply));
      });
  return {};
}

// The answer may come after this object, and after the client has gone.
commands::Reply Api::reply_to(const Route& route, std::unique_ptr<front::Exchange>& exchange) {
  return [place = Place{in_flight_}, status = route.status, exchange = std::move(exchange)](
             Result<Answer> result) {
    exchange->answer(result.has_value() ? Response::json(status, std::move(result->data))
                                        : fault_response(result.error()));
  };
}

}  // namespace kith::rest
