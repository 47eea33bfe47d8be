#pragma once

#include "commands/feature.hpp"
#include "delivery/hub.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>

namespace kith::features::typing {

// Who is writing in a conversation: typing.start, typing.stop. Told to the others who are
// connected, in conversations of at most typing_members_max; nothing is stored. It ends by itself
// typing_expires_ms after its last start, with the message that was written, with the connection,
// and when he is out of the conversation.
class Typing final : public commands::Feature, private delivery::SessionWatch {
 public:
  explicit Typing(delivery::Hub& hub) : hub_(hub) { hub_.add_watch(*this); }

  std::string_view name() const noexcept override { return "typing"; }

  void add_commands(commands::Table& table) override;
  void on_session_end(const commands::SessionInfo& session) override;

  std::size_t noted() const noexcept { return writing_.size(); }

 private:
  // Where a connection writes.
  struct Place {
    std::uint64_t session = 0;
    base::ConversationKey key;

    friend auto operator<=>(const Place&, const Place&) = default;
  };

  struct Writing {
    base::UserId user;
    bool active = true;     // false: stopped, and kept until it may be told again
    base::Instant until;    // then it is over
    base::Instant told_at;  // when the others last heard of it
  };

  using Places = std::map<Place, Writing>;
  using Change = void (Typing::*)(const Place&, const base::UserId&, commands::Reply&);

  // typing.start, typing.stop {cid | external_id | to} -> {}
  void change(commands::Context& context,
              const commands::Caller& caller,
              const commands::Input& input,
              commands::Reply reply,
              Change apply);
  void start(const Place& place, const base::UserId& user, commands::Reply& reply);
  void stop(const Place& place, const base::UserId& user, commands::Reply& reply);
  void pause(Places::iterator at);
  void on_sent(const commands::Done& sent);
  bool writes(std::uint64_t session) const;
  bool has_room(std::uint64_t session);
  void tell(std::string_view event, const Place& place, Writing& writing);
  void on_removed(const delivery::Session& session, const base::Cid& cid) override;
  void end(Places::iterator at);
  void on_time();

  delivery::Hub& hub_;
  Places writing_;  // at most typing_per_session_max of each session
  ports::Alarm<Typing, &Typing::on_time> alarm_{*this};
};

}  // namespace kith::features::typing
