#pragma once

#include "commands/command.hpp"

#include <string>

namespace kith::commands {

// The client's part of a message, checked and brought into the one form that is stored, compared
// and shown (domain/body.hpp): type, text, reply_to, mentions, attachments, custom, silent, in this
// order, what is absent left out.
struct MessageBody {
  std::string bytes;
  bool counted = true;  // as unread: not what is silent, nor a note of the application
};

// `server_key`: the application asks, which alone writes notes: `type` system or system.WORD.
Result<MessageBody> message_body(Value args, const AppSettings& settings, bool server_key);

}  // namespace kith::commands
