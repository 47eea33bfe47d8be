#include "features/typing/typing.hpp"

#include "base/limits.hpp"
#include "base/names.hpp"
#include "commands/arguments.hpp"
#include "commands/resolver.hpp"
#include "domain/rights.hpp"
#include "wire/socketio/encode.hpp"

#include <algorithm>
#include <utility>

namespace kith::features::typing {
namespace {

using base::Errc;
using base::Fault;
using commands::empty_answer;
using commands::Reply;
using wire::engineio::OutMessage;
namespace limits = base::limits;

constexpr base::Duration expires = std::chrono::milliseconds{limits::typing_expires_ms};
constexpr base::Duration repeat = std::chrono::milliseconds{limits::typing_repeat_ms};
constexpr base::Duration least_pause = std::chrono::milliseconds{limits::typing_pause_ms};
// What ends within the same moment ends in one go.
constexpr base::Duration gather = std::chrono::milliseconds{100};

// Of a conversation the connection does not listen to: it is a stranger's, or he is being attached.
void answer_unheard(commands::Context& context,
                    const base::ConversationKey& key,
                    const base::UserId& user,
                    Reply reply) {
  context.store.find_for(
      context.reactor, key, user, [reply = std::move(reply)](auto found) mutable {
        if (found.has_error()) return reply(found.error());
        if (!*found) return reply(domain::no_conversation());
        const auto& row = **found;
        const auto allowed = domain::may_send(row.conversation.kind, row.member);
        if (allowed.has_error()) return reply(allowed.error());
        reply(empty_answer());
      });
}

}  // namespace

void Typing::add_commands(commands::Table& table) {
  const auto bind = [this](Change apply) {
    return [this, apply](auto& context, const auto& caller, const auto& input, Reply reply) {
      change(context, caller, input, std::move(reply), apply);
    };
  };
  table.add("typing.start", bind(&Typing::start));
  table.add("typing.stop", bind(&Typing::stop));
  table.add_after("message.send",
                  {.wants = [this](const auto& caller) { return writes(caller.origin.session); },
                   .tell = [this](const auto& sent) { on_sent(sent); }});
}

void Typing::change(commands::Context& context,
                    const commands::Caller& caller,
                    const commands::Input& input,
                    Reply reply,
                    Change apply) {
  const auto session = caller.origin.session;
  if (hub_.find_session(session) == nullptr)
    return reply(Fault{Errc::validation_failed, "typing is told over a connection"});
  context.resolver.resolve(
      caller,
      input.args,
      [this, &context, session, user = caller.user, apply, reply = std::move(reply)](
          base::Result<commands::Target> target) mutable {
        if (target.has_error()) return reply(target.error());
        auto* still = hub_.find_session(session);
        if (still == nullptr) return reply(Fault{Errc::unavailable, "the connection has ended"});
        if (!still->listens(target->key.cid) || target->key.cid == still->user_cid())
          return answer_unheard(context, target->key, user, std::move(reply));
        (this->*apply)({session, target->key}, user, reply);
      });
}

void Typing::start(const Place& place, const base::UserId& user, Reply& reply) {
  const auto now = hub_.reactor().clock().now();
  auto at = writing_.find(place);
  const bool known = at != writing_.end();
  if (known && !at->second.active) {
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(at->second.until - now);
    if (wait.count() > 0)
      return reply(Fault{Errc::rate_limited,
                         "typing was just stopped there: say it again a little later",
                         static_cast<std::uint32_t>(wait.count())});
  }
  if (!known && !has_room(place.session))
    return reply(
        Fault{Errc::quota_exceeded, "a connection may be typing in 16 conversations at a time"});
  if (!known) at = writing_.emplace(place, Writing{}).first;
  auto& writing = at->second;
  const bool told = known && writing.active && now - writing.told_at < repeat;
  writing.user = user;
  writing.active = true;
  writing.until = now + expires;
  if (!told) tell("typing.start", place, writing);
  if (!alarm_.armed()) hub_.reactor().arm(alarm_, expires);
  reply(empty_answer());
}

void Typing::stop(const Place& place, const base::UserId& /*user*/, Reply& reply) {
  if (const auto at = writing_.find(place); at != writing_.end()) pause(at);
  reply(empty_answer());
}

void Typing::pause(Places::iterator at) {
  if (!at->second.active) return;
  tell("typing.stop", at->first, at->second);
  at->second.active = false;
  at->second.until = at->second.told_at + least_pause;
}

bool Typing::writes(std::uint64_t session) const {
  const auto at = writing_.lower_bound({session, {}});
  return at != writing_.end() && at->first.session == session;
}

// What he was writing is there. He may have ended meanwhile.
void Typing::on_sent(const commands::Done& sent) {
  if (sent.result.has_error() || !sent.result->sent) return;
  const auto at = writing_.find({sent.caller.origin.session, sent.result->sent->key});
  if (at != writing_.end()) pause(at);
}

bool Typing::has_room(std::uint64_t session) {
  std::size_t count = 0;
  for (auto at = writing_.lower_bound({session, {}});
       at != writing_.end() && at->first.session == session;
       ++at)
    ++count;
  return count < limits::typing_per_session_max;
}

void Typing::tell(std::string_view event, const Place& place, Writing& writing) {
  writing.told_at = hub_.reactor().clock().now();
  OutMessage::Builder builder{OutMessage::Builder::Kind::text, 128};
  auto json = wire::socketio::begin_event(builder.buffer(), event);
  json.begin_object()
      .field("cid", base::to_text(place.key.cid))
      .field("user", writing.user.str())
      .end_object()
      .end_array();
  hub_.broadcast(place.key,
                 std::move(builder).finish(),
                 {.except = place.session, .members_max = limits::typing_members_max});
}

void Typing::end(Places::iterator at) {
  if (at->second.active) tell("typing.stop", at->first, at->second);
  writing_.erase(at);
}

void Typing::on_session_end(const commands::SessionInfo& session) {
  for (auto at = writing_.lower_bound({session.id, {}});
       at != writing_.end() && at->first.session == session.id;)
    end(at++);
}

void Typing::on_removed(const delivery::Session& session, const base::Cid& cid) {
  const auto at = writing_.find({session.id(), {session.user().app, cid}});
  if (at != writing_.end()) end(at);
}

void Typing::on_time() {
  const auto now = hub_.reactor().clock().now();
  base::Instant next = now + expires;
  for (auto at = writing_.begin(); at != writing_.end();) {
    const auto here = at++;
    if (here->second.until <= now)
      end(here);
    else
      next = std::min(next, here->second.until);
  }
  if (!writing_.empty()) hub_.reactor().arm(alarm_, std::max(gather, next - now));
}

}  // namespace kith::features::typing
