#pragma once

#include "commands/command.hpp"

#include <string>

namespace kith::commands {

// The client's part of a message, checked and brought into the one form that is stored, compared
// and shown (domain/body.hpp): type, text, reply_to, mentions, attachments, custom, silent, in this
// order, what is absent left out.
Result<std::string> message_body(Value args, const AppSettings& settings);

}  // namespace kith::commands
