#include "base/encoding.hpp"
#include "base/names.hpp"
#include "commands/activity_place.hpp"
#include "commands/all.hpp"
#include "commands/arguments.hpp"
#include "commands/resolver.hpp"
#include "conversations/objects.hpp"
#include "domain/identity.hpp"
#include "domain/rights.hpp"
#include "wire/json/writer.hpp"

#include <memory>

namespace kith::commands {
namespace {

namespace limits = base::limits;

void answer_with(Context& context, const ConversationKey& key, UserId user, Reply reply) {
  context.store.find_for(context.reactor,
                         key,
                         std::move(user),
                         [&context, key, reply = std::move(reply)](auto found) mutable {
                           if (found.has_error()) return reply(found.error());
                           if (!*found) return reply(domain::no_conversation());
                           Answer answer;
                           wire::json::Writer json{answer.data};
                           conversations::append_conversation(
                               json, context.store.meta().id_key, key.app, **found);
                           reply(std::move(answer));
                         });
}

// `listed` holds one more than `limit` when there are more.
Answer page_of(const base::Key16& id_key,
               base::AppId app,
               const std::vector<ports::ListedConversation>& listed,
               std::size_t limit) {
  Answer answer;
  wire::json::Writer json{answer.data};
  json.begin_object().key("conversations").begin_array();
  std::size_t count = 0;
  while (count < std::min(listed.size(), limit) && answer.data.size() < limits::list_page_bytes_max)
    conversations::append_conversation(json, id_key, app, listed[count++]);
  json.end_array();
  if (count < listed.size()) {
    const auto& last = listed[count - 1];
    json.field("next", to_token({last.active_at, last.conversation.cid}));
  }
  json.end_object();
  return answer;
}

// A group under way: its first members come with it, the others in slices after it.
struct Creation {
  Context* context;
  UserId creator;
  bool retried = false;  // it was there: what is missing is added with the rights he has now
  std::vector<UserId> later;
  std::uint32_t members_max = 0;
  Reply reply;
};

void add_later(const std::shared_ptr<Creation>& creation, const ConversationKey& key) {
  auto& context = *creation->context;
  if (creation->later.empty())
    return answer_with(context, key, creation->creator, std::move(creation->reply));
  auto entry = std::make_unique<conversations::AddEntry>();
  const auto count = std::min(creation->later.size(), limits::members_slice);
  entry->users.assign(creation->later.begin(),
                      creation->later.begin() + static_cast<std::ptrdiff_t>(count));
  creation->later.erase(creation->later.begin(),
                        creation->later.begin() + static_cast<std::ptrdiff_t>(count));
  entry->asker = context.reactor.index();
  entry->ts = context.reactor.clock().wall();
  entry->key = key;
  entry->actor = {creation->creator, !creation->retried};
  entry->members_max = creation->members_max;
  entry->done = [creation, key](auto result) {
    if (result.has_error()) return creation->reply(result.error());
    add_later(creation, key);
  };
  context.home().submit(std::move(entry));
}

Result<std::unique_ptr<conversations::CreateEntry>> parse_creation(Context& context,
                                                                   const Caller& caller,
                                                                   Value args,
                                                                   std::vector<UserId>& later) {
  KITH_TRY(creator, user_of(caller));
  KITH_TRY(kind, optional_text(args, "kind", 16, "`kind` is group"));
  if (kind.value_or("group") != "group")
    return Fault{Errc::validation_failed,
                 "`kind` is group: a direct conversation begins with message.send {to}"};
  KITH_TRY(title, title_of(args, "`title` is at most 256 characters"));
  KITH_TRY(custom, custom_of(args, caller.settings->custom_bytes_max));
  KITH_TRY(
      external,
      optional_text(
          args, "external_id", limits::external_id_bytes_max, "`external_id` is 1 to 128 bytes"));
  if (external) KITH_CHECK(base::parse_external_id(*external));
  KITH_TRY(members, users_of(args, "members", limits::members_per_request_max));
  KITH_TRY(client_id, client_id_of(args));
  std::erase(members, creator);
  if (members.size() + 1 > caller.settings->members_max)
    return Fault{Errc::quota_exceeded, "the group would have more members than `members_max`"};
  auto entry = std::make_unique<conversations::CreateEntry>();
  entry->key.app = caller.app;
  if (client_id)
    entry->key.cid =
        domain::group_cid(context.store.meta().id_key, caller.app, creator, *client_id);
  else
    context.reactor.random().fill(entry->key.cid.bytes);
  entry->title = title.value_or("");
  entry->custom = std::move(custom);
  entry->external_id = external.value_or("");
  entry->members.emplace_back(creator, domain::Role::owner);
  const auto first = std::min(members.size(), limits::members_slice - 1);
  for (std::size_t i = 0; i < first; ++i)
    entry->members.emplace_back(std::move(members[i]), domain::Role::member);
  for (std::size_t i = first; i < members.size(); ++i)
    later.push_back(std::move(members[i]));
  return entry;
}

}  // namespace

// conversation.create {kind: "group", title?, members?, custom?, external_id?, client_id?} ->
// conversation
//   The caller becomes its owner. Again with the same `client_id` or `external_id`: the one that is
//   there, if he is in it.
void create_conversation(Context& context, const Caller& caller, const Input& input, Reply reply) {
  auto creation = std::make_shared<Creation>();
  auto parsed = parse_creation(context, caller, input.args, creation->later);
  if (parsed.has_error()) return reply(parsed.error());
  creation->context = &context;
  creation->creator = caller.user;
  creation->members_max = static_cast<std::uint32_t>(caller.settings->members_max);
  creation->reply = std::move(reply);
  auto& entry = *parsed;
  entry->asker = context.reactor.index();
  entry->ts = context.reactor.clock().wall();
  entry->done = [creation, key = entry->key](Result<conversations::CreateResult> result) {
    if (result.has_error()) return creation->reply(result.error());
    // His own group again: an earlier attempt may have ended between two slices.
    creation->retried = result->existed;
    if (!result->existed || result->key == key) return add_later(creation, result->key);
    creation->later.clear();
    answer_with(
        *creation->context, result->key, creation->creator, [creation](Result<Answer> answer) {
          if (answer.has_error() && answer.error().code == Errc::not_found)
            return creation->reply(
                Fault{Errc::conflict, "this `external_id` names another conversation already"});
          creation->reply(std::move(answer));
        });
  };
  context.home().submit(std::move(entry));
}

// conversation.get {cid | external_id | to} -> conversation
void get_conversation(Context& context, const Caller& caller, const Input& input, Reply reply) {
  const auto user = user_of(caller);
  if (user.has_error()) return reply(user.error());
  context.resolver.resolve(
      caller,
      input.args,
      [&context, user = *user, reply = std::move(reply)](Result<Target> target) mutable {
        if (target.has_error()) return reply(target.error());
        answer_with(context, target->key, std::move(user), std::move(reply));
      });
}

// conversation.list {limit?, next?} -> {conversations, next?}, the latest activity first. A page
//   ends at list_page_bytes_max.
void list_conversations(Context& context, const Caller& caller, const Input& input, Reply reply) {
  const auto user = user_of(caller);
  if (user.has_error()) return reply(user.error());
  const auto limit = limit_of(input.args, 50, limits::list_page_max);
  if (limit.has_error()) return reply(limit.error());
  const auto place = place_of(input.args);
  if (place.has_error()) return reply(place.error());
  context.store.list(
      context.reactor,
      {{caller.app, *user}, *limit + 1, *place},
      [&context, app = caller.app, limit = *limit, reply = std::move(reply)](auto listed) mutable {
        if (listed.has_error()) return reply(listed.error());
        reply(page_of(context.store.meta().id_key, app, *listed, limit));
      });
}

}  // namespace kith::commands
