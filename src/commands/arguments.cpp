#include "commands/arguments.hpp"

#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "base/names.hpp"
#include "wire/json/writer.hpp"

#include <algorithm>
#include <functional>
#include <set>

namespace kith::commands {

std::optional<Value> said(Value args, std::string_view name) {
  const auto found = args.find(name);
  return found && !found->is_null() ? found : std::nullopt;
}

Result<std::optional<std::string>> optional_text(Value args,
                                                 std::string_view name,
                                                 std::size_t bytes_max,
                                                 const char* complaint) {
  const auto value = said(args, name);
  if (!value) return std::nullopt;
  const auto text = value->as_string();
  if (!text || text->find('\0') != std::string_view::npos)
    return Fault{Errc::validation_failed, complaint};
  if (text->size() > bytes_max) return Fault{Errc::too_large, complaint};
  return std::optional<std::string>{*text};
}

Result<std::optional<Seq>> optional_seq(Value args, std::string_view name, const char* complaint) {
  const auto value = said(args, name);
  if (!value) return std::nullopt;
  const auto number = value->as_uint();
  if (!number || *number > base::seq_wire_max) return Fault{Errc::validation_failed, complaint};
  return std::optional<Seq>{*number};
}

Result<std::size_t> limit_of(Value args, std::size_t fallback, std::size_t at_most) {
  const auto value = said(args, "limit");
  if (!value) return fallback;
  const auto number = value->as_uint();
  if (!number || *number == 0)
    return Fault{Errc::validation_failed, "`limit` is a whole number from 1"};
  return static_cast<std::size_t>(std::min<std::uint64_t>(*number, at_most));
}

Result<std::string> custom_of(Value args, std::size_t bytes_max) {
  const auto value = said(args, "custom");
  if (!value) return std::string{};
  if (!value->is_object() || wire::json::contains_nul(*value))
    return Fault{Errc::validation_failed, "`custom` is a JSON object without NUL in its strings"};
  std::string out;
  wire::json::append_raw(out, *value);
  if (out.size() > bytes_max)
    return Fault{Errc::too_large, "`custom` is larger than custom_bytes_max: see GET /v1/limits"};
  return out;
}

Result<std::optional<std::string>> title_of(Value args, const char* complaint) {
  KITH_TRY(title, optional_text(args, "title", base::limits::title_chars_max * 4, complaint));
  if (title && base::utf8_length(*title) > base::limits::title_chars_max)
    return Fault{Errc::too_large, complaint};
  return title;
}

Result<std::vector<UserId>> users_of(Value args, std::string_view name, std::size_t at_most) {
  std::vector<UserId> users;
  const auto value = said(args, name);
  if (!value) return users;
  if (!value->is_array())
    return Fault{Errc::validation_failed, "a list of users is an array of their ids"};
  if (value->size() > at_most)
    return Fault{Errc::too_large, "too many users at once: ask in smaller lists"};
  std::set<std::string_view> seen;
  for (const auto item : value->items()) {
    const auto text = item.as_string();
    if (!text) return Fault{Errc::validation_failed, "a list of users is an array of their ids"};
    KITH_TRY(user, base::parse_user(*text));
    if (seen.insert(*text).second) users.push_back(std::move(user));
  }
  return users;
}

Result<std::optional<domain::ClientId>> client_id_of(Value args) {
  const auto value = said(args, "client_id");
  if (!value) return std::nullopt;
  const auto text = value->as_string();
  if (!text) return Fault{Errc::validation_failed, "`client_id` is a string"};
  KITH_TRY(id, base::parse_client_id(*text));
  return std::optional{std::move(id)};
}

Result<domain::Role> role_of(Value args) {
  const auto value = said(args, "role");
  if (!value) return domain::Role::member;
  const auto text = value->as_string();
  for (const auto role :
       {domain::Role::member, domain::Role::moderator, domain::Role::admin, domain::Role::owner})
    if (text && *text == domain::to_text(role)) return role;
  return Fault{Errc::validation_failed, "`role` is one of member, moderator, admin, owner"};
}

Result<std::vector<std::pair<Cid, Seq>>> cursors_of(Value args, Unreadable unreadable) {
  static_assert(base::limits::cursors_max == 1'000, "a text below says so");
  constexpr const char* complaint =
      "`cursors` is an array of at most 1000 of {cid, seq}, seq a whole number below 2^53";
  std::vector<std::pair<Cid, Seq>> cursors;
  const auto value = said(args, "cursors");
  if (!value) return cursors;
  if (!value->is_array() || value->size() > base::limits::cursors_max)
    return Fault{Errc::validation_failed, complaint};
  for (const auto item : value->items()) {
    const auto cid = item.find("cid");
    const auto text = cid ? cid->as_string() : std::nullopt;
    if (!text) return Fault{Errc::validation_failed, complaint};
    KITH_TRY(seq, optional_seq(item, "seq", complaint));
    if (!seq) return Fault{Errc::validation_failed, complaint};
    const auto parsed = base::parse_cid(*text);
    if (parsed.has_error() && unreadable == Unreadable::passed_over) continue;
    if (parsed.has_error()) return parsed.error();
    cursors.emplace_back(*parsed, *seq);
  }
  std::sort(cursors.begin(), cursors.end(), std::greater<>{});  // the highest of each first
  const auto same_cid = [](const auto& a, const auto& b) { return a.first == b.first; };
  cursors.erase(std::unique(cursors.begin(), cursors.end(), same_cid), cursors.end());
  return cursors;
}

Result<UserId> user_of(const Caller& caller) {
  if (caller.user.empty())
    return Fault{Errc::validation_failed, "name the user to act for in the header On-Behalf-Of"};
  return caller.user;
}

}  // namespace kith::commands
