#include "commands/all.hpp"
#include "commands/arguments.hpp"
#include "commands/message_body.hpp"
#include "commands/resolver.hpp"
#include "conversations/objects.hpp"
#include "domain/identity.hpp"
#include "wire/json/writer.hpp"

namespace kith::commands {
namespace {

Answer to_answer(const conversations::SendResult& result) {
  using conversations::put;
  constexpr std::size_t answer_bytes = 192;  // about
  Answer answer{.sent = Sent{result.key, result.seq, result.id}};
  answer.data.reserve(answer_bytes);
  wire::json::Writer json{answer.data};
  put(json.begin_object().key("id"), result.id);
  put(json.key("cid"), result.key.cid);
  json.field("seq", result.seq).field("no", result.no);
  put(json.key("ts"), result.ts);
  json.field("duplicate", result.duplicate).end_object();
  return answer;
}

}  // namespace

// message.send {cid | external_id | to, client_id?, type?, text?, custom?, reply_to?, mentions?,
// silent?, attachments?}
//   -> {id, cid, seq, no, ts, duplicate}, after the commit
void send_message(Context& context, const Caller& caller, const Input& input, Reply reply) {
  auto sender = user_of(caller);
  if (sender.has_error()) return reply(sender.error());
  auto body = message_body(input.args, *caller.settings, caller.server_key);
  if (body.has_error()) return reply(body.error());
  auto client_id = client_id_of(input.args);
  if (client_id.has_error()) return reply(client_id.error());
  if (caller.messages != nullptr)
    if (const auto wait_ms = caller.messages->take(context.reactor.clock().now()); wait_ms > 0)
      return reply(Fault{Errc::rate_limited, "too many messages: wait and send it again", wait_ms});
  conversations::SendRequest request;
  request.sender = std::move(*sender);
  request.server_made_key = !*client_id;
  request.client_id = *client_id ? std::move(**client_id)
                                 : domain::make_client_id(context.reactor.clock().wall(),
                                                          context.reactor.random().next_u64());
  request.body = std::move(body->bytes);
  request.counted = body->counted;
  if (caller.answered) request.origin = caller.origin;  // else it gets the event, as all do
  request.show_within = caller.settings->deliver_within;
  request.asker = context.reactor.index();
  request.done = [reply = std::move(reply)](Result<conversations::SendResult> result) mutable {
    if (result.has_error()) return reply(result.error());
    reply(to_answer(*result));
  };
  context.resolver.resolve(
      caller, input.args, [&context, request = std::move(request)](Result<Target> target) mutable {
        if (target.has_error()) return request.done(target.error());
        request.key = target->key;
        request.direct = std::move(target->direct);
        send_home(context, std::move(request));
      });
}

}  // namespace kith::commands
