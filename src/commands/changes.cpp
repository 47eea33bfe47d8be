#include "base/encoding.hpp"
#include "base/names.hpp"
#include "commands/all.hpp"
#include "commands/arguments.hpp"
#include "commands/resolver.hpp"
#include "wire/json/writer.hpp"

#include <memory>

// What changes a group that is there: its title and custom data, its members' roles, who leaves.
namespace kith::commands {
namespace {

namespace limits = base::limits;

constexpr const char* title_complaint = "`title` is a text of at most 256 characters, or null";

template <class Entry>
std::unique_ptr<Entry> make_entry(Context& context, const Caller& caller, Reply reply) {
  auto entry = std::make_unique<Entry>();
  entry->asker = context.reactor.index();
  entry->ts = context.reactor.clock().wall();
  entry->actor = {caller.user, caller.application};
  entry->done = [reply = std::move(reply)](Result<conversations::ChangeResult> result) mutable {
    if (result.has_error()) return reply(result.error());
    Answer answer;
    wire::json::Writer{answer.data}.begin_object().field("seq", result->seq).end_object();
    reply(std::move(answer));
  };
  return entry;
}

template <class Entry>
void submit_named(Context& context,
                  const Caller& caller,
                  Value args,
                  std::unique_ptr<Entry> entry) {
  context.resolver.resolve(
      caller, args, [&context, entry = std::move(entry)](Result<Target> target) mutable {
        if (target.has_error()) return entry->done(target.error());
        entry->key = target->key;
        context.home().submit(std::move(entry));
      });
}

// Nothing if it is not said; empty if it is null.
Result<std::optional<std::string>> title_of(Value args) {
  const auto value = args.find("title");
  if (!value) return std::nullopt;
  if (value->is_null()) return std::optional{std::string{}};
  KITH_TRY(title, optional_text(args, "title", limits::title_chars_max * 4, title_complaint));
  if (title && base::utf8_length(*title) > limits::title_chars_max)
    return Fault{Errc::too_large, title_complaint};
  return title;
}

// An object to be merged, or null; nothing if it is not said.
Result<std::optional<std::string>> custom_patch_of(Value args, std::size_t bytes_max) {
  const auto value = args.find("custom");
  if (!value) return std::nullopt;
  if (value->is_null()) return std::optional{std::string{"null"}};
  KITH_TRY(patch, custom_of(args, bytes_max));
  return std::optional{std::move(patch)};
}

Result<UserId> named_user(Value args) {
  const auto named = args.find("user");
  const auto text = named ? named->as_string() : std::nullopt;
  if (!text) return Fault{Errc::validation_failed, "`user` names a member"};
  return base::parse_user(*text);
}

}  // namespace

// conversation.update {cid | external_id, title?, custom?} -> {seq} of the conversation.updated
// event, 0 if nothing has changed. JSON merge patch: null clears, what is absent stays, `custom` is
// merged with what is there. Owner and admin may.
void update_conversation(Context& context, const Caller& caller, const Input& input, Reply reply) {
  auto title = title_of(input.args);
  if (title.has_error()) return reply(title.error());
  auto custom = custom_patch_of(input.args, caller.settings->custom_bytes_max);
  if (custom.has_error()) return reply(custom.error());
  if (!*title && !*custom)
    return reply(Fault{Errc::validation_failed, "say `title`, `custom`, or both"});
  auto entry = make_entry<conversations::UpdateEntry>(context, caller, std::move(reply));
  entry->title = std::move(*title);
  entry->custom_patch = std::move(*custom);
  entry->custom_bytes_max = caller.settings->custom_bytes_max;
  submit_named(context, caller, input.args, std::move(entry));
}

// conversation.leave {cid | external_id} -> {seq} of the member.removed event. When the owner
// leaves, the oldest admin becomes owner, else the oldest member.
void leave_conversation(Context& context, const Caller& caller, const Input& input, Reply reply) {
  auto user = user_of(caller);
  if (user.has_error()) return reply(user.error());
  auto entry = make_entry<conversations::RemoveEntry>(context, caller, std::move(reply));
  entry->user = std::move(*user);
  submit_named(context, caller, input.args, std::move(entry));
}

// member.remove {cid | external_id, user} -> {seq} of the member.removed event. Owner, admin and
// moderator may remove those of lower roles, anyone himself.
void remove_member(Context& context, const Caller& caller, const Input& input, Reply reply) {
  auto user = named_user(input.args);
  if (user.has_error()) return reply(user.error());
  auto entry = make_entry<conversations::RemoveEntry>(context, caller, std::move(reply));
  entry->user = std::move(*user);
  submit_named(context, caller, input.args, std::move(entry));
}

// member.update {cid | external_id, user, role} -> {seq} of the member.updated event, 0 if he has
// the role already. The owner gives any role, and with `owner` hands the group over and stays as
// admin; an admin gives lower roles to lower members; anyone may take a lower role himself.
void update_member(Context& context, const Caller& caller, const Input& input, Reply reply) {
  auto user = named_user(input.args);
  if (user.has_error()) return reply(user.error());
  if (!said(input.args, "role"))
    return reply(
        Fault{Errc::validation_failed, "`role` is one of member, moderator, admin, owner"});
  const auto role = role_of(input.args);
  if (role.has_error()) return reply(role.error());
  auto entry = make_entry<conversations::RoleEntry>(context, caller, std::move(reply));
  entry->user = std::move(*user);
  entry->role = *role;
  submit_named(context, caller, input.args, std::move(entry));
}

}  // namespace kith::commands
