#pragma once

#include "commands/command.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Reading of what a caller sent: each gives the value, nothing for an absent or null field, or a
// fault that names the field.
namespace kith::commands {

// The field's value; absent and null are the same: nothing was said.
std::optional<Value> said(Value args, std::string_view name);
Result<std::optional<std::string>> optional_text(Value args,
                                                 std::string_view name,
                                                 std::size_t bytes_max,
                                                 const char* complaint);
Result<std::optional<Seq>> optional_seq(Value args, std::string_view name, const char* complaint);
Result<std::size_t> limit_of(Value args, std::size_t fallback, std::size_t at_most);
// A JSON object, in canonical form; empty if absent.
Result<std::string> custom_of(Value args, std::size_t bytes_max);
// The title of a conversation.
Result<std::optional<std::string>> title_of(Value args, const char* complaint);
// Distinct users, in the order given.
Result<std::vector<UserId>> users_of(Value args, std::string_view name, std::size_t at_most);
Result<std::optional<domain::ClientId>> client_id_of(Value args);
Result<domain::Role> role_of(Value args);
// What becomes of a `cid` that can not be one.
enum class Unreadable : std::uint8_t { refused, passed_over };
// `cursors`, an array of {cid, seq}: distinct, of several places in one conversation the highest;
// empty if absent.
Result<std::vector<std::pair<Cid, Seq>>> cursors_of(Value args,
                                                    Unreadable unreadable = Unreadable::refused);

// The caller as a user; `validation_failed` for the application itself, which has to name one.
Result<UserId> user_of(const Caller& caller);

}  // namespace kith::commands
