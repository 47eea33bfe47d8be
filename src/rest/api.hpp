#pragma once

#include "base/log.hpp"
#include "commands/command.hpp"
#include "front/cors.hpp"
#include "front/credentials.hpp"
#include "front/handler.hpp"
#include "front/revocations.hpp"
#include "rest/access.hpp"
#include "rest/ask.hpp"
#include "rest/kept_answers.hpp"
#include "rest/limits.hpp"
#include "rest/route.hpp"
#include "wire/json/parser.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kith::rest {

struct ApiOptions {
  std::size_t max_payload_bytes = 1'000'000;  // of a body, if below rest_body_bytes_max
  front::CorsOptions cors;
  std::vector<Limit> settings;  // shown at GET /v1/limits, besides what is constant
};

// How often who asks may do so yet; null: not limited.
struct Budgets {
  std::shared_ptr<commands::Budget> for_commands;
  std::shared_ptr<commands::Budget> for_messages;
};

using BudgetsReply = base::MoveOnlyFunction<void(Budgets)>;

// What became of a user's sessions.
struct Revoked {
  base::WallTime at;         // tokens issued until then are refused, by every reactor
  std::size_t sessions = 0;  // that were connected, and are closed
};

class Api;

// The APIs of all reactors, by index: where a key's answers are kept is one of them.
struct ApiNetwork {
  std::vector<Api*> apis;
};

// What the API stands on; all of it outlives the API.
// What the clients of a user are told when an application ends his sessions: the code of
// session.closed.
enum class Ending : std::uint8_t { session_revoked, kicked, banned };

struct Revocation {
  base::UserKey user;
  Ending why = Ending::session_revoked;
};

struct ApiParts {
  commands::Context& context;
  const commands::Table& table;
  base::Logger& logger;  // of who acts for whom
  // The references stay valid as long as commands run.
  std::function<const commands::AppSettings&(base::AppId)> settings_of;
  // The budgets of who asks: of a user's token its user's and application's, of a server key the
  // application's. Answers once, now or later on this reactor. Empty: nobody is limited.
  std::function<void(const Access&, BudgetsReply)> budgets_of;
  // A token or key was refused to who asks so. 0, or how many milliseconds he has to wait before he
  // tries again. May be empty.
  std::function<std::uint32_t(const front::Exchange&)> count_refused;
  const front::Revocations& revocations;  // of this reactor
  // Ends a user's sessions and calls his tokens back; answers when it is stored and done.
  std::function<void(const Revocation&, ports::Done<Revoked>)> revoke;
  const ApiNetwork& network;
};

// The HTTP API of one reactor, handler of `/v1/`: every route is a command, run with the rights of
// who asks. docs/rest.md says what the routes are.
class Api final : public front::Handler, private front::ExchangeWatcher {
 public:
  Api(ApiParts parts, ApiOptions options);

  // Keys have changed: what is asked from now on is judged by these. Before the first call
  // everything but the limits is `unavailable`.
  void set_credentials(std::shared_ptr<const front::Credentials> credentials) {
    credentials_ = std::move(credentials);
  }

  // What GET /v1/limits says of the settings, from now on.
  void set_settings(std::vector<Limit> settings) { options_.settings = std::move(settings); }

  // For metrics, on this reactor.
  std::size_t in_flight() const noexcept { return *in_flight_; }

  std::uint64_t commands_run() const noexcept { return commands_run_; }

  std::size_t admit_body(front::Exchange& exchange) override;
  void handle(std::unique_ptr<front::Exchange> exchange) override;
  void add_headers(const wire::http::Request& request, front::Response& response) override;

 private:
  void on_aborted(front::Exchange& exchange) override;
  void on_too_large(front::Exchange& exchange) override;

  std::optional<front::Response> judge(const front::Exchange& exchange, Ask& ask);
  base::Fault judge(const base::Fault& fault, const front::Exchange& exchange) const;
  base::Result<void> authenticate(const wire::http::Request& request, Ask& ask);
  void forget_body(front::Exchange& exchange);
  front::Response limits(const Ask& ask) const;
  base::Result<std::string> make_token(const Ask& ask, front::Exchange& exchange);
  void revoke(const Ask& ask, commands::Value args, commands::Reply reply);
  base::Result<std::string> arguments(const Ask& ask,
                                      front::Exchange& exchange,
                                      std::string_view key);
  base::Result<commands::Value> parse_object(std::string_view text);
  void await_budgets(Ask ask, std::unique_ptr<front::Exchange> exchange);
  void serve(Ask ask, std::unique_ptr<front::Exchange> exchange, const Budgets& budgets);
  base::Result<void> begin(const Ask& ask, std::unique_ptr<front::Exchange>& exchange);
  void perform(const Ask& ask, std::string_view text, commands::Reply reply);
  void run(const Ask& ask, commands::Value args, commands::Reply reply);
  void run_command(const commands::Run& run,
                   const commands::Caller& caller,
                   commands::Value args,
                   commands::Reply reply);
  base::Result<void> mark_read(const commands::Run& run,
                               const commands::Caller& caller,
                               commands::Value args,
                               commands::Reply& reply);
  commands::Reply reply_to(const Route& route, std::unique_ptr<front::Exchange>& exchange);

  // --- writes under an Idempotency-Key; docs/rest.md
  // A request that waits to hear whether it is the first of its key.
  struct Waiting {
    Ask ask;
    std::string text;
    std::string key;
    std::size_t keeper = 0;
    commands::Reply reply;
  };

  class Settling;
  void ask_keeper(Waiting waiting);
  void decide(const std::string& key, const std::string& fingerprint, KeptAnswers::Asker asker);
  void hear(std::uint64_t number, KeptAnswers::Verdict verdict);
  void settle(const std::string& key, std::optional<KeptAnswer> answer);
  void tell(KeptAnswers::Asker asker, KeptAnswers::Verdict verdict);
  template <class Call>
  void at(std::size_t reactor, Call call);

  const ApiParts parts_;
  ApiOptions options_;
  const std::size_t body_bytes_max_;
  const front::Cors cors_;
  const base::SharedBytes openapi_;
  std::shared_ptr<const front::Credentials> credentials_;
  wire::json::Parser parser_;
  std::size_t bodies_bytes_ = 0;            // announced, not yet complete
  std::shared_ptr<std::size_t> in_flight_;  // commands; answers may outlive this object
  std::shared_ptr<Api*> self_;
  std::uint64_t commands_run_ = 0;
  KeptAnswers kept_;
  std::map<std::uint64_t, Waiting> waiting_;  // by number; each has a place among those in flight
  std::uint64_t next_waiting_ = 1;
};

}  // namespace kith::rest
