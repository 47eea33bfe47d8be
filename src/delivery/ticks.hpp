#pragma once

#include "delivery/published.hpp"
#include "ports/reactor.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace kith::delivery {

// How far a member is known to have received and read.
struct Tick {
  ConversationKey key;
  UserId user;
  Seq delivered_seq = 0;  // 0: nothing new
  Seq read_seq = 0;
};

// At the home of conversations: what their members are known to have received and read, told to
// those who listen, all members of a conversation in one frame, at most once in ticks_interval_ms:
// message.delivered {cid, members: [{user, delivered_seq}]}, message.read {…, read_seq}.
// A hint: not stored, not repeated; what is above the bounds is left to the next one.
class Ticks {
 public:
  using Tell = std::function<void(const ConversationKey&, const wire::engineio::OutMessage&)>;

  Ticks(ports::Reactor& reactor, Tell tell);

  void note(const std::vector<Tick>& ticks);

  std::size_t conversations() const noexcept { return due_.size(); }

 private:
  struct Places {
    Seq delivered_seq = 0;
    Seq read_seq = 0;
  };

  using Members = std::map<UserId, Places>;

  void on_time();

  ports::Reactor& reactor_;
  Tell tell_;
  std::map<ConversationKey, Members> due_;
  std::size_t noted_ = 0;  // members in all of them, at most ticks_noted_max
  base::Instant told_at_;
  ports::Alarm<Ticks, &Ticks::on_time> alarm_{*this};
};

}  // namespace kith::delivery
