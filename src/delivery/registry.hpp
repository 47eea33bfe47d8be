#pragma once

#include "conversations/audience.hpp"
#include "delivery/network.hpp"
#include "delivery/published.hpp"
#include "ports/reactor.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace kith::delivery {

// At the home of a conversation: which reactors listen to it. Encodes an event once and posts it to
// each of them, in the order of the log. What a full mailbox refuses is announced again by its
// number alone: the reactor then reads it.
class Registry final : public conversations::Audience, private ports::Timer {
 public:
  Registry(ports::Reactor& reactor, const Network& network, const base::Key16& id_key);

  // Called on this reactor, for the reactor `listener`.
  void subscribe(std::size_t listener, std::span<const ConversationKey> keys);
  void unsubscribe(std::size_t listener, const ConversationKey& key);

  void publish(const conversations::Committed& committed) override;
  // A hint: dropped where it can not be taken.
  void show_early(const conversations::EarlyMessage& message) override;
  void retract(const ConversationKey& key, const MessageId& id) override;
  void learn(const ConversationKey& key, Seq head) override;

  // To everyone who listens to `key`, but `except` (a session's id, 0: nobody): not durable, not
  // ordered with the log's events, dropped where it can not be taken.
  void broadcast(const ConversationKey& key,
                 const wire::engineio::OutMessage& message,
                 std::uint64_t except);

  std::size_t channels() const noexcept { return listeners_.size(); }

 private:
  void hand_to(std::size_t listener, const PublishedPtr& published);
  void tell_later(std::size_t listener, const ConversationKey& key, Seq head);
  // Calls `f(listener)` for each reactor that listens to `key`.
  template <class F>
  void each_listener(const ConversationKey& key, F f) const;
  void on_timer() override;  // tells the heads that a full mailbox refused

  ports::Reactor& reactor_;
  const Network& network_;
  base::Key16 id_key_;
  boost::unordered_flat_map<ConversationKey, std::uint64_t, base::KeyHash>
      listeners_;  // a bit per reactor
  // Per reactor: the highest number it was not told. At most one entry for each channel it listens
  // to.
  std::vector<boost::unordered_flat_map<ConversationKey, Seq, base::KeyHash>> untold_;
};

}  // namespace kith::delivery
