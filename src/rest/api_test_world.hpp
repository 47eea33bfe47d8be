#pragma once

#include "base/assert.hpp"
#include "base/crypto.hpp"
#include "base/log_lines_test.hpp"
#include "commands/resolver.hpp"
#include "front/http_server.hpp"
#include "front/router.hpp"
#include "front/test_world.hpp"
#include "ports/fake.hpp"
#include "ports/idle_store_test.hpp"
#include "rest/api.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// For the tests of rest/: the API behind a real HttpServer, over commands that write down what they
// are asked.
namespace kith::rest::testing {

using front::testing::Answer;
using front::testing::get_request;
using front::testing::post_request;
using front::testing::take_answer;

constexpr std::string_view signing_secret = "shop secret";
constexpr const char* server_key = "sk_srv_key_of_the_shop";
constexpr const char* keyless_server_key = "sk_srv2_key_of_the_game";

inline ports::Directory test_directory() {
  ports::Directory made;
  made.apps = {{base::AppId{1}, "shop", {}}, {base::AppId{2}, "game", {}}};
  const auto add =
      [&](std::uint32_t app, std::string kid, ports::KeyKind kind, std::string secret) {
        ports::AppKeyRow row;
        row.app = base::AppId{app};
        row.kid = std::move(kid);
        row.kind = kind;
        row.secret = std::move(secret);
        made.keys.push_back(std::move(row));
      };
  add(1, "k1", ports::KeyKind::signing, std::string{signing_secret});
  add(1, "srv", ports::KeyKind::server, base::sha256("key_of_the_shop"));
  add(2, "srv2", ports::KeyKind::server, base::sha256("key_of_the_game"));
  return made;
}

// Knows external ids, when the test says so.
class NamesStore final : public ports::IdleStore {
 public:
  std::map<std::string, base::Cid> names;
  std::vector<base::Task> waiting;  // lookups asked for

  void answer_all() {
    for (auto& task : std::exchange(waiting, {}))
      task();
  }

  void find_external(ports::Reactor&,
                     ports::ExternalKey key,
                     ports::Done<std::optional<domain::Cid>> done) override {
    waiting.emplace_back([this, key = std::move(key), done = std::move(done)]() mutable {
      const auto found = names.find(key.external_id);
      done(found == names.end() ? std::optional<domain::Cid>{} : std::optional{found->second});
    });
  }
};

class ApiWorld {
 public:
  explicit ApiWorld(ApiOptions options = {}, bool receipts = true) {
    for (const char* name : {"conversation.create",
                             "conversation.get",
                             "conversation.list",
                             "conversation.update",
                             "member.update",
                             "presence.get",
                             "message.send",
                             "message.history",
                             "member.add",
                             "member.remove",
                             "member.list"})
      add(name);
    if (receipts) add("receipt.read");
    api = std::make_unique<Api>(
        ApiParts{context,
                 table,
                 log,
                 [this](base::AppId app) -> const commands::AppSettings& { return settings[app]; },
                 [this](const Access& access, BudgetsReply reply) {
                   budgets_asked.push_back(access.user.str());
                   if (hold_budgets)
                     held_budgets.push_back(std::move(reply));
                   else
                     reply(budgets);
                 },
                 [this](const front::Exchange& exchange) {
                   refused_from.push_back(exchange.peer_address());
                   return refused_wait_ms;
                 },
                 revocations,
                 [this](const Revocation& wish, ports::Done<Revoked> done) {
                   revoked.push_back(wish.user);
                   revoked_why.push_back(wish.why);
                   if (revoke_fault) return done(*revoke_fault);
                   revocations.note(wish.user, clock.wall());
                   done(Revoked{clock.wall(), 2});
                 },
                 network},
        std::move(options));
    api->set_credentials(
        std::make_shared<front::Credentials>(test_directory(), front::DevMode::off));
    network.apis = {api.get()};
    router.add_tree("/v1/", *api);
  }

  // A request on a connection of its own, answered within the tick; status 0 if it is not.
  Answer ask(std::string_view request) {
    auto peer = connect();
    peer->send(request);
    reactor.run();
    return take_answer(peer->received);
  }

  Answer get(std::string_view target, std::string_view bearer) {
    return ask(get_request(target, auth(bearer)));
  }

  Answer post(std::string_view target,
              std::string_view body,
              std::string_view bearer,
              std::string_view more = {}) {
    return ask(post_request(target, body, json(bearer) + std::string{more}));
  }

  std::shared_ptr<ports::FakePeer> connect() {
    auto peer = std::make_shared<ports::FakePeer>();
    http.accept(std::make_unique<ports::FakeStream>(reactor, peer));
    return peer;
  }

  std::string token(std::string_view user) const {
    const auto now = clock.wall();
    return front::sign_token({"shop", user, "k1", now, {now.ms + 60'000}, {}, {}}, signing_secret);
  }

  static std::string auth(std::string_view bearer) {
    return "Authorization: Bearer " + std::string{bearer} + "\r\n";
  }

  static std::string json(std::string_view bearer) {
    return auth(bearer) + "Content-Type: application/json\r\n";
  }

  struct Asked {
    std::string command;
    std::string args;
    commands::Caller caller;
  };

  // The only command asked for since the last call.
  Asked taken() {
    KITH_ASSERT(asked.size() == 1);
    return std::exchange(asked, {}).front();
  }

  base::ManualClock clock;
  ApiNetwork network;
  front::Revocations revocations;
  std::vector<base::UserKey> revoked;
  std::vector<Ending> revoked_why;
  std::optional<base::Fault> revoke_fault;
  ports::FakeReactor reactor{clock};
  ports::FakeStreamFactory streams{reactor};
  NamesStore store;
  conversations::Homes homes{{&reactor}, {nullptr}};
  commands::Resolver resolver{reactor, store};
  base::LinesLogger log;
  commands::Context context{reactor, store, homes, {nullptr}, resolver, log};
  commands::Table table;
  std::map<base::AppId, commands::AppSettings> settings;
  std::vector<std::string> budgets_asked;
  Budgets budgets;
  bool hold_budgets = false;  // they wait in `held_budgets`
  std::vector<BudgetsReply> held_budgets;
  std::vector<std::string> refused_from;
  std::uint32_t refused_wait_ms = 0;
  std::vector<Asked> asked;
  bool hold = false;  // commands wait in `held`
  std::vector<commands::Reply> held;
  base::Result<commands::Answer> answer = commands::Answer{R"({"fine":true})", {}};
  std::unique_ptr<Api> api;
  front::NotFound not_found;
  front::Router router{not_found};
  front::HttpServer http{reactor, streams, router};

 private:
  void add(std::string_view name) {
    table.add(name,
              [this, name](commands::Context&,
                           const commands::Caller& caller,
                           const commands::Input& input,
                           commands::Reply reply) {
                Asked one{std::string{name}, {}, caller};
                wire::json::append_raw(one.args, input.args);
                asked.push_back(std::move(one));
                if (hold)
                  held.push_back(std::move(reply));
                else
                  reply(answer);
              });
  }
};

}  // namespace kith::rest::testing
