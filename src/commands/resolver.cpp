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

}  // namespace

Resolver::Resolver(ports::Reactor& reactor, ports::Store& store)
    : reactor_(reactor), store_(store), self_(std::make_shared<Resolver*>(this)) {}

Resolver::~Resolver() {
  *self_ = nullptr;
}

void Resolver::resolve(const Caller& caller, Value args, Found found) {
  const auto cid = said(args, "cid");
  const auto external = said(args, "external_id");
  const auto to = said(args, "to");
  const int named = (cid ? 1 : 0) + (external ? 1 : 0) + (to ? 1 : 0);
  const auto named_by = cid ? cid : external ? external : to;
  const auto text = named == 1 ? named_by->as_string() : std::nullopt;
  if (!text)
    return found(Fault{Errc::validation_failed,
                       "name the conversation by one of `cid`, `external_id` and `to`, a string"});
  if (to) return found(direct_target(caller, store_.meta().id_key, *text));
  if (external) {
    auto id = base::parse_external_id(*text);
    if (id.has_error()) return found(id.error());
    return resolve_external({caller.app, std::move(*id)}, std::move(found));
  }
  const auto parsed = base::parse_cid(*text);
  if (parsed.has_error()) return found(parsed.error());
  found(Target{{caller.app, *parsed}, std::nullopt});
}

void Resolver::resolve_external(Key key, Found found) {
  if (const auto known = known_.find(key); known != known_.end())
    return found(Target{{key.first, known->second}, std::nullopt});
  auto& waiting = waiting_[key];
  waiting.push_back(std::move(found));
  if (waiting.size() > 1) return;
  store_.find_external(reactor_, {key.first, key.second}, [self = self_, key](auto result) {
    if (*self != nullptr) (*self)->on_found(key, result);
  });
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
  for (auto& found : waiting.mapped())
    found(target);
}

}  // namespace kith::commands
