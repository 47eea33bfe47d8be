#include "commands/command.hpp"

#include "commands/all.hpp"

namespace kith::commands {

void add_all(Table& table) {
  table.add("message.send", send_message);
  table.add("message.history", read_history);
  table.add("sync", make_sync());
  table.add("conversation.create", create_conversation);
  table.add("conversation.get", get_conversation);
  table.add("conversation.list", list_conversations);
  table.add("conversation.update", update_conversation);
  table.add("conversation.leave", leave_conversation);
  table.add("member.add", add_members);
  table.add("member.remove", remove_member);
  table.add("member.update", update_member);
  table.add("member.list", list_members);
  table.add("user.get", get_users);
  table.add("time", tell_time);
}

void send_home(Context& context, conversations::SendRequest request) {
  const auto index = context.homes.index_of(request.key);
  auto* home = context.home_of[index];
  if (index == context.reactor.index()) return home->send(std::move(request));
  base::Task task{
      [home, request = std::move(request)]() mutable { home->send(std::move(request)); }};
  // Bounded by its senders: in_flight_commands_max for each connection.
  context.homes.reactors[index]->post(std::move(task));
}

}  // namespace kith::commands
