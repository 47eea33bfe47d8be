#pragma once

#include "commands/command.hpp"

// The list of commands. Shapes of input and answer stand at each definition's head, and in
// docs/protocol.md.
namespace kith::commands {

void send_message(Context& context, const Caller& caller, const Input& input, Reply reply);
void read_history(Context& context, const Caller& caller, const Input& input, Reply reply);
Run make_sync();  // of one reactor
void create_conversation(Context& context, const Caller& caller, const Input& input, Reply reply);
void get_conversation(Context& context, const Caller& caller, const Input& input, Reply reply);
void list_conversations(Context& context, const Caller& caller, const Input& input, Reply reply);
void add_members(Context& context, const Caller& caller, const Input& input, Reply reply);
void remove_member(Context& context, const Caller& caller, const Input& input, Reply reply);
void update_conversation(Context& context, const Caller& caller, const Input& input, Reply reply);
void leave_conversation(Context& context, const Caller& caller, const Input& input, Reply reply);
void update_member(Context& context, const Caller& caller, const Input& input, Reply reply);
void list_members(Context& context, const Caller& caller, const Input& input, Reply reply);
void get_users(Context& context, const Caller& caller, const Input& input, Reply reply);
void tell_time(Context& context, const Caller& caller, const Input& input, Reply reply);

}  // namespace kith::commands
