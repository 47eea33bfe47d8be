#include "base/limits.hpp"
#include "commands/arguments.hpp"
#include "features/presence/presence.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

// presence.subscribe, .unsubscribe and .get: whom may he see, and how do they stand.
namespace kith::features::presence {

using base::ConversationKey;
using base::Errc;
using base::Fault;
using base::UserId;
using commands::Answer;
using commands::Reply;
namespace limits = base::limits;

namespace {

base::Result<std::vector<UserId>> users_asked(commands::Value args) {
  KITH_TRY(users, commands::users_of(args, "users", limits::presence_watched_max));
  if (users.empty()) return Fault{Errc::validation_failed, "`users` names at least one user"};
  return users;
}

}  // namespace

struct Presences::Question {
  base::UserKey asking;
  std::uint64_t watcher = 0;  // the session that subscribes; 0: nobody does
  std::vector<UserId> users;
  std::size_t looked_up = 0;           // of those, in the store
  std::map<UserId, Presence> visible;  // to him; with what the store says
  std::size_t homes_left = 0;          // that have not answered
  Reply reply;
};

void append_presence(wire::json::Writer& json, const UserId& user, const Presence& shown) {
  json.begin_object().field("user", user.str()).field("status", to_text(shown.status));
  if (shown.status == Status::offline && shown.last_seen.ms != 0)
    json.field("last_seen", base::to_rfc3339(shown.last_seen));
  json.end_object();
}

void Presences::subscribe(const commands::Caller& caller,
                          const commands::Input& input,
                          Reply reply) {
  auto users = users_asked(input.args);
  if (users.has_error()) return reply(users.error());
  const auto session = caller.origin.session;
  const auto is_new = [&](const auto& user) {
    return !watchers_.watches(session, who(caller.app, user).own_log);
  };
  const auto more = std::count_if(users->begin(), users->end(), is_new);
  if (watchers_.watched_by(session) + static_cast<std::size_t>(more) > limits::presence_watched_max)
    return reply(Fault{Errc::quota_exceeded,
                       "a connection watches at most 1000 users: unsubscribe from some first"});
  for (const auto& user : *users)
    watchers_.want(session, who(caller.app, user));
  auto question = std::make_shared<Question>();
  question->asking = {caller.app, caller.user};
  question->watcher = session;
  question->users = std::move(*users);
  question->reply = std::move(reply);
  ask_store(question);
}

void Presences::get(const commands::Caller& caller, const commands::Input& input, Reply reply) {
  auto users = users_asked(input.args);
  if (users.has_error()) return reply(users.error());
  auto question = std::make_shared<Question>();
  question->asking = {caller.app, caller.user};
  question->users = std::move(*users);
  question->reply = std::move(reply);
  ask_store(question);
}

void Presences::unsubscribe(const commands::Caller& caller,
                            const commands::Input& input,
                            Reply reply) {
  const auto users = users_asked(input.args);
  if (users.has_error()) return reply(users.error());
  for (const auto& user : *users) {
    const auto own_log = who(caller.app, user).own_log;
    if (watchers_.drop(caller.origin.session, own_log)) unwatch(own_log);
  }
  reply(commands::empty_answer());
}

// Whom he may see, some at a time: thousands who come back at once wait for each other, and nobody
// else for them.
void Presences::ask_store(const QuestionPtr& question) {
  reads_.enter([this, question] {
    read_some(question);
    return true;
  });
}

void Presences::read_some(const QuestionPtr& question) {
  const auto first = question->users.begin() + static_cast<std::ptrdiff_t>(question->looked_up);
  const auto count =
      std::min(limits::users_per_request_max, question->users.size() - question->looked_up);
  std::vector<UserId> some{first, first + static_cast<std::ptrdiff_t>(count)};
  question->looked_up += count;
  hub_.store().users(
      hub_.reactor(), question->asking, std::move(some), [this, question](auto rows) {
        reads_.end();
        if (rows.has_error()) {
          for (const auto& user : question->users)
            if (const auto own_log = who(question->asking.app, user).own_log;
                watchers_.give_up(question->watcher, own_log))
              unwatch(own_log);
          return question->reply(rows.error());
        }
        for (const auto& row : *rows)
          question->visible.emplace(row.user, Presence{Status::offline, row.last_seen});
        if (question->looked_up < question->users.size()) return ask_store(question);
        ask_homes(question);
      });
}

void Presences::ask_homes(const QuestionPtr& question) {
  auto by_home = visible_by_home(*question);
  if (by_home.empty()) return answer(question);
  question->homes_left = by_home.size();
  for (auto& [home, whom] : by_home)
    ask_home(std::move(whom), question);
}

// Whom he may see; the others are not watched any more.
std::map<std::size_t, std::vector<Who>> Presences::visible_by_home(Question& question) {
  std::map<std::size_t, std::vector<Who>> by_home;
  for (const auto& user : question.users) {
    auto one = who(question.asking.app, user);
    const bool visible = question.visible.contains(user);
    if (question.watcher != 0) {
      if (!visible) {
        if (watchers_.drop(question.watcher, one.own_log)) unwatch(one.own_log);
      } else if (!watchers_.allow(question.watcher, one.own_log)) {
        question.visible.erase(user);  // unsubscribed meanwhile
        continue;
      } else if (reviewing_) {
        watchers_.doubt(question.watcher, one.own_log);  // that question may be the older one
      }
    }
    if (visible) by_home[homes_.index_of(one.own_log)].push_back(std::move(one));
  }
  return by_home;
}

void Presences::ask_home(std::vector<Who> whom, const QuestionPtr& question) {
  const auto watcher =
      question->watcher == 0 ? std::nullopt : std::optional{hub_.reactor().index()};
  const auto first = whom.front().own_log;
  at_home(first, [watcher, whom = std::move(whom), question, asker = this](auto& there) {
    std::vector<Presence> found;
    found.reserve(whom.size());
    for (const auto& one : whom)
      found.push_back(there.look(one, watcher));
    auto take = [question, whom, found = std::move(found)] {
      for (std::size_t i = 0; i < whom.size(); ++i) {
        auto& known = question->visible[whom[i].user];
        const auto stored = known.last_seen;
        known = found[i];
        if (known.status == Status::offline)
          known.last_seen.ms = std::max(known.last_seen.ms, stored.ms);
      }
      if (--question->homes_left == 0) answer(question);
    };
    if (&there == asker) return take();
    asker->hub_.reactor().post(std::move(take));
  });
}

void Presences::answer(const QuestionPtr& question) {
  Answer answer;
  wire::json::Writer json{answer.data};
  json.begin_object().key("users").begin_array();
  for (const auto& user : question->users)
    if (const auto found = question->visible.find(user); found != question->visible.end())
      append_presence(json, user, found->second);
  json.end_array().end_object();
  question->reply(std::move(answer));
}

void Presences::unwatch(const ConversationKey& own_log) {
  at_home(own_log, [own_log, me = hub_.reactor().index()](auto& there) {
    there.people_.unwatch(own_log, me, there.moment());
    there.watch_time();
  });
}

}  // namespace kith::features::presence
