#include "base/names.hpp"
#include "commands/all.hpp"
#include "commands/arguments.hpp"
#include "commands/resolver.hpp"
#include "conversations/objects.hpp"
#include "domain/rights.hpp"
#include "wire/json/writer.hpp"

#include <memory>

namespace kith::commands {
namespace {

namespace limits = base::limits;

// Users on their way into a conversation, in slices of one transaction each.
struct Addition {
  Context* context;
  ConversationKey key;
  conversations::Actor actor;
  domain::Role role{};
  std::uint32_t members_max = 0;
  std::vector<UserId> left;
  std::vector<UserId> added;
  Reply reply;
};

void answer(Addition& addition) {
  Answer answer;
  wire::json::Writer json{answer.data};
  json.begin_object().key("added").begin_array();
  for (const auto& user : addition.added)
    json.string(user.str());
  json.end_array().end_object();
  addition.reply(std::move(answer));
}

void add_slice(const std::shared_ptr<Addition>& addition) {
  auto& context = *addition->context;
  auto entry = std::make_unique<conversations::AddEntry>();
  auto& left = addition->left;
  const auto end =
      left.begin() + static_cast<std::ptrdiff_t>(std::min(left.size(), limits::members_slice));
  entry->users.assign(left.begin(), end);
  left.erase(left.begin(), end);
  entry->asker = context.reactor.index();
  entry->ts = context.reactor.clock().wall();
  entry->key = addition->key;
  entry->actor = addition->actor;
  entry->role = addition->role;
  entry->members_max = addition->members_max;
  entry->done = [addition](Result<conversations::AddResult> result) {
    if (result.has_error()) return addition->reply(result.error());
    addition->added.insert(addition->added.end(), result->added.begin(), result->added.end());
    if (addition->left.empty()) return answer(*addition);
    add_slice(addition);
  };
  context.home().submit(std::move(entry));
}

}  // namespace

// member.add {cid | external_id, users, role?} -> {added}: who was not a member before. Owner and
// admin may.
void add_members(Context& context, const Caller& caller, const Input& input, Reply reply) {
  auto users = users_of(input.args, "users", limits::members_per_request_max);
  if (users.has_error()) return reply(users.error());
  if (users->empty())
    return reply(Fault{Errc::validation_failed, "`users` names at least one user"});
  const auto role = role_of(input.args);
  if (role.has_error()) return reply(role.error());
  auto addition = std::make_shared<Addition>();
  addition->context = &context;
  addition->actor = {caller.user, caller.application};
  addition->role = *role;
  addition->members_max = static_cast<std::uint32_t>(caller.settings->members_max);
  addition->left = std::move(*users);
  addition->reply = std::move(reply);
  context.resolver.resolve(caller, input.args, [addition](Result<Target> target) {
    if (target.has_error()) return addition->reply(target.error());
    addition->key = target->key;
    add_slice(addition);
  });
}

namespace {

struct Listing {
  Context* context;
  UserId user;
  ports::MembersQuery query;
  Reply reply;
};

void list(const std::shared_ptr<Listing>& listing) {
  auto& context = *listing->context;
  const auto limit = listing->query.limit++;  // one more tells whether there are more
  context.store.members(context.reactor, listing->query, [listing, limit](auto members) {
    if (members.has_error()) return listing->reply(members.error());
    const bool more = members->size() > limit;
    if (more) members->pop_back();
    Answer answer;
    wire::json::Writer json{answer.data};
    json.begin_object().key("members").begin_array();
    for (const auto& member : *members)
      conversations::append_member(json, member);
    json.end_array();
    if (more) json.field("next", members->back().user.str());
    json.end_object();
    listing->reply(std::move(answer));
  });
}

// A member may see the list; so may the application.
void list_if_member(const std::shared_ptr<Listing>& listing) {
  if (listing->user.empty()) return list(listing);
  auto& context = *listing->context;
  context.store.find_for(
      context.reactor, listing->query.conversation, listing->user, [listing](auto found) {
        if (found.has_error()) return listing->reply(found.error());
        if (!*found) return listing->reply(domain::no_conversation());
        if (!(*found)->member.active())
          return listing->reply(
              Fault{Errc::not_member, "you are no longer a member of this conversation"});
        list(listing);
      });
}

}  // namespace

// member.list {cid | external_id | to, limit?, next?} -> {members: [{user, role, joined_at,
// read_seq}], next?}
void list_members(Context& context, const Caller& caller, const Input& input, Reply reply) {
  const auto limit = limit_of(input.args, 100, limits::list_page_max);
  if (limit.has_error()) return reply(limit.error());
  const auto next = optional_text(
      input.args, "next", limits::user_chars_max * 4, "`next` is what the page before gave");
  if (next.has_error()) return reply(next.error());
  auto listing = std::make_shared<Listing>(Listing{&context, caller.user, {}, std::move(reply)});
  listing->query.limit = *limit;
  listing->query.after = next->value_or("");
  context.resolver.resolve(caller, input.args, [listing](Result<Target> target) {
    if (target.has_error()) return listing->reply(target.error());
    listing->query.conversation = target->key;
    list_if_member(listing);
  });
}

}  // namespace kith::commands
