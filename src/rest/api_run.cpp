#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "base/names.hpp"
#include "commands/arguments.hpp"
#include "commands/resolver.hpp"
#include "rest/answer.hpp"
#include "rest/api.hpp"
#include "rest/arguments.hpp"
#include "rest/record.hpp"
#include "wire/json/writer.hpp"

// From a request that may be answered to its command, and back.
namespace kith::rest {
namespace {

using base::Errc;
using base::Fault;
using base::Result;
using commands::Answer;
using commands::Caller;
using commands::Value;
using front::Response;
using wire::json::Writer;

namespace limits = base::limits;

constexpr Fault too_many_commands{Errc::overloaded,
                                  "too many requests wait for their answer: try again",
                                  limits::rest_retry_after_ms};

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

// Empty: none was given, or nothing is made of it.
Result<std::string> key_of(const Route& route, const wire::http::Request& request) {
  if (route.repeat == Repeat::natural) return std::string{};
  constexpr Fault no_key{Errc::validation_failed,
                         "give one Idempotency-Key of 1 to 64 bytes, or none"};
  const auto key = request.header_or("idempotency-key", {});
  if (request.header_count("idempotency-key") > 1 || key.size() > limits::client_id_bytes_max ||
      (key.empty() && request.header("idempotency-key")))
    return no_key;
  if (!base::is_utf8(key)) return no_key;
  return std::string{key};
}

// Nothing: it is none.
std::optional<Ending> ending_of(Value args) {
  const auto code = commands::said(args, "code");
  if (!code) return Ending::session_revoked;
  const auto text = code->as_string().value_or("");
  if (text == "session_revoked") return Ending::session_revoked;
  if (text == "kicked") return Ending::kicked;
  if (text == "banned") return Ending::banned;
  return std::nullopt;
}

commands::Reply recorded(Record record, commands::Reply reply) {
  return [record = std::move(record), reply = std::move(reply)](Result<Answer> result) mutable {
    record.close(result);
    reply(std::move(result));
  };
}

}  // namespace

// ---- arguments

Result<std::string> Api::arguments(const Ask& ask,
                                   front::Exchange& exchange,
                                   std::string_view key) {
  std::string members;
  Writer json{members};
  const auto& request = exchange.request();
  std::string first;
  if (ask.route->takes_client_id() && !key.empty()) Writer{first}.field("client_id", key);
  KITH_CHECK(add_query(json, request.query(), ask.route->query));
  if (ask.route->element == Element::conversation) KITH_CHECK(add_conversation(json, ask.element));
  KITH_TRY(text, join(exchange.complete_request().take_body(), members, first));
  if (first.empty()) return text;
  // A body that says `"client_id": null` has none either.
  const auto args = parser_.parse(text);
  if (args.has_error() || !args->is_object() || commands::said(*args, "client_id")) return text;
  return join(std::move(text), first, {});
}

Result<Value> Api::parse_object(std::string_view text) {
  KITH_TRY(value, parser_.parse(text));
  if (!value.is_object()) return Fault{Errc::validation_failed, "the body is one JSON object"};
  return value;
}

// ---- commands

// They may be with another reactor; meanwhile the request is one of those that wait.
void Api::await_budgets(Ask ask, std::unique_ptr<front::Exchange> exchange) {
  if (!parts_.budgets_of) return serve(std::move(ask), std::move(exchange), {});
  if (*in_flight_ >= limits::rest_in_flight_max)
    return exchange->answer(fault_response(too_many_commands));
  const Access access = *ask.access;
  parts_.budgets_of(access,
                    [alive = std::weak_ptr<Api*>(self_),
                     place = std::optional<Place>{in_flight_},
                     ask = std::move(ask),
                     exchange = std::move(exchange)](const Budgets& budgets) mutable {
                      place.reset();
                      if (const auto api = alive.lock())
                        (*api)->serve(std::move(ask), std::move(exchange), budgets);
                    });
}

void Api::serve(Ask ask, std::unique_ptr<front::Exchange> exchange, const Budgets& budgets) {
  if (budgets.for_commands)
    if (const auto wait_ms = budgets.for_commands->take(parts_.context.reactor.clock().now()))
      return exchange->answer(
          fault_response({Errc::rate_limited, "too many requests: wait and try again", wait_ms}));
  ask.messages = budgets.for_messages;
  if (ask.route->action == Action::make_token) {
    auto made = make_token(ask, *exchange);
    Record{parts_.logger, ask}.close(made.has_value() ? std::nullopt
                                                      : std::optional{made.error().code});
    return exchange->answer(made.has_value() ? Response::json(ask.route->status, std::move(*made))
                                             : fault_response(made.error()));
  }
  if (const auto begun = begin(ask, exchange); begun.has_error())
    exchange->answer(fault_response(begun.error()));
}

// The exchange is taken if nothing is wrong.
Result<void> Api::begin(const Ask& ask, std::unique_ptr<front::Exchange>& exchange) {
  if (ask.route->action != Action::revoke && parts_.table.find(ask.route->command) == nullptr)
    return Fault{Errc::feature_disabled, "this server runs without the feature of this path"};
  if (*in_flight_ >= limits::rest_in_flight_max) return too_many_commands;
  KITH_TRY(key, key_of(*ask.route, exchange->request()));
  KITH_TRY(text, arguments(ask, *exchange, key));
  auto reply = recorded(Record{parts_.logger, ask}, reply_to(*ask.route, exchange));
  if (key.empty() || !ask.route->keeps_answers())
    perform(ask, text, std::move(reply));
  else
    ask_keeper({.ask = ask,
                .text = std::move(text),
                .key = std::move(key),
                .keeper = 0,
                .reply = std::move(reply)});
  return {};
}

void Api::perform(const Ask& ask, std::string_view text, commands::Reply reply) {
  const auto args = parse_object(text);
  if (args.has_error()) return reply(args.error());
  if (ask.route->action == Action::revoke) return revoke(ask, *args, std::move(reply));
  run(ask, *args, std::move(reply));
}

void Api::run(const Ask& ask, Value args, commands::Reply reply) {
  const auto& run = *parts_.table.find(ask.route->command);
  const auto& access = *ask.access;
  const base::UserKey user{access.identity.app, access.user};
  const Caller caller{.app = user.app,
                      .user = user.user,
                      .application = user.user.empty(),
                      .server_key = access.identity.application,
                      .settings = &parts_.settings_of(user.app),
                      .messages = ask.messages.get(),
                      .origin = {.reactor = parts_.context.reactor.index()}};
  if (ask.route->action == Action::run) {
    run_command(run, caller, args, std::move(reply));
  } else if (const auto begun = mark_read(run, caller, args, reply); begun.has_error()) {
    reply(begun.error());
  }
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

// {code?} -> {revoked_at, sessions}
void Api::revoke(const Ask& ask, Value args, commands::Reply reply) {
  const auto why = ending_of(args);
  if (!why)
    return reply(Fault{Errc::validation_failed, "`code` is session_revoked, kicked or banned"});
  ++commands_run_;
  parts_.revoke({{ask.access->identity.app, ask.access->user}, *why},
                [reply = std::move(reply)](Result<Revoked> revoked) mutable {
                  if (revoked.has_error()) return reply(revoked.error());
                  Answer answer;
                  Writer{answer.data}
                      .begin_object()
                      .field("revoked_at", base::to_rfc3339(revoked->at))
                      .field("sessions", revoked->sessions)
                      .end_object();
                  reply(std::move(answer));
                });
}

}  // namespace kith::rest
