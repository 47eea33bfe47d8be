#include "commands/resolver.hpp"

#include "base/names.hpp"
#include "commands/arguments.hpp"
#include "domain/identity.hpp"
#include "domain/rights.hpp"

namespace kith::commands {
namespace {

constexpr std::size_t known_max = base::limits::external_ids_known_max;

Result<Target> direct_target(const Caller& caller, const base::Key16& id_key, std::string_view to) {
  KITH_TRY(user, base::parse_user(to));
  if (caller.user.empty())
    return Fault{Errc::validation_failed, "name the user to act for in the header On-Behalf-Of"};
  if (user == caller.user)
    return Fault{Errc::validation_failed, "`to` is another user: nobody talks to himself here"};
  const auto cid = domain::direct_cid(id_key, caller.app, caller.user, user);
  return Target{{caller.app, cid}, std::pair{caller.user, std::move(user)}};
}

using Named = std::variant<Target, std::pair<base::AppId, std::string>>;

Result<Named> named_by(const Caller& caller, const base::Key16& id_key, Value args) {
  const auto cid = said(args, "cid");
  const auto external = said(args, "external_id");
  const auto to = said(args, "to");
  const int named = (cid ? 1 : 0) + (external ? 1 : 0) + (to ? 1 : 0);
  const auto name = cid ? cid : external ? external : to;
  const auto text = named == 1 ? name->as_string() : std::nullopt;
  if (!text)
    return Fault{Errc::validation_failed,
                 "name the conversation by one of `cid`, `external_id` and `to`, a string"};
  if (to) {
    KITH_TRY(target, direct_target(caller, id_key, *text));
    return Named{std::move(target)};
  }
  if (external) {
    KITH_TRY(id, base::parse_external_id(*text));
    return Named{std::pair{caller.app, std::move(id)}};
  }
  KITH_TRY(parsed, base::parse_cid(*text));
  return Named{Target{{caller.app, parsed}, std::nullopt}};
}

}  // namespace

Resolver::Resolver(ports::Reactor& reactor, ports::Store& store)
    : reactor_(reactor), store_(store), self_(std::make_shared<Resolver*>(this)) {}

Resolver::~Resolver() {
  *self_ = nullptr;
}

void Resolver::resolve(const Caller& caller, Value args, Found found) {
  auto named = named_by(caller, store_.meta().id_key, args);
  if (named.has_error()) return found(named.error());
  const auto session = caller.origin.session;
  if (const auto behind = behind_.find(session); behind != behind_.end())
    return behind->second.push_back({std::move(*named), std::move(found)});
  if (auto* target = std::get_if<Target>(&*named)) return found(std::move(*target));
  resolve_external(session, std::get<Key>(std::move(*named)), std::move(found));
}

bool Resolver::resolve_external(std::uint64_t session, Key key, Found found) {
  if (const auto known = known_.find(key); known != known_.end()) {
    found(Target{{key.first, known->second}, std::nullopt});
    return false;
  }
  if (session != 0) behind_.try_emplace(session);
  auto& waiting = waiting_[key];
  waiting.push_back({session, std::move(found)});
  if (waiting.size() > 1) return true;
  store_.find_external(reactor_, {key.first, key.second}, [self = self_, key](auto result) {
    if (*self != nullptr) (*self)->on_found(key, result);
  });
  return true;
}

void Resolver::on_found(const Key& key, const Result<std::optional<Cid>>& result) {
  auto waiting = waiting_.extract(key);
  Result<Target> target = domain::no_conversation();
  if (result.has_error()) {
    target = result.error();
  } else if (*result) {
    if (known_.size() >= known_max) known_.erase(known_.begin());
    known_.emplace(key, **result);
    target = Target{{key.first, **result}, std::nullopt};
  }
  for (auto& [session, found] : waiting.mapped()) {
    found(target);
    if (session != 0) go_on(session);
  }
}

// Answers what this connection asked meanwhile, until the next look-up.
void Resolver::go_on(std::uint64_t session) {
  for (;;) {
    auto& steps = behind_.at(session);
    if (steps.empty()) break;
    auto [named, found] = std::move(steps.front());
    steps.pop_front();
    if (auto* target = std::get_if<Target>(&named))
      found(std::move(*target));
    else if (resolve_external(session, std::get<Key>(std::move(named)), std::move(found)))
      return;
  }
  behind_.erase(session);
}

}  // namespace kith::commands
