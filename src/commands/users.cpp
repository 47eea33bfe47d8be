#include "base/time.hpp"
#include "commands/all.hpp"
#include "commands/arguments.hpp"
#include "wire/json/writer.hpp"

namespace kith::commands {

// user.get {users} -> {users: [{id, name?, avatar?}]}: of people the caller shares a conversation
// with; others are left out
void get_users(Context& context, const Caller& caller, const Input& input, Reply reply) {
  const auto me = user_of(caller);
  if (me.has_error()) return reply(me.error());
  auto users = users_of(input.args, "users", base::limits::users_per_request_max);
  if (users.has_error()) return reply(users.error());
  if (const auto said = input.args.find("users"); !said || said->is_null())
    return reply(Fault{Errc::validation_failed, "`users` is an array of ids of users"});
  context.store.users(context.reactor,
                      {caller.app, *me},
                      std::move(*users),
                      [reply = std::move(reply)](auto rows) mutable {
                        if (rows.has_error()) return reply(rows.error());
                        Answer answer;
                        wire::json::Writer json{answer.data};
                        json.begin_object().key("users").begin_array();
                        for (const auto& row : *rows) {
                          json.begin_object().field("id", row.user.str());
                          if (!row.name.empty()) json.field("name", row.name);
                          if (!row.avatar.empty()) json.field("avatar", row.avatar);
                          json.end_object();
                        }
                        json.end_array().end_object();
                        reply(std::move(answer));
                      });
}

// time {} -> {server_time}
void tell_time(Context& context, const Caller& /*caller*/, const Input& /*input*/, Reply reply) {
  Answer answer;
  wire::json::Writer{answer.data}
      .begin_object()
      .field("server_time", base::to_rfc3339(context.reactor.clock().wall()))
      .end_object();
  reply(std::move(answer));
}

}  // namespace kith::commands
