#pragma once

#include "conversations/audience.hpp"
#include "delivery/network.hpp"
#include "delivery/published.hpp"
#include "delivery/ticks.hpp"
#include "ports/reactor.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace kith::delivery {

class Relay;

// Hears which reactors listen to a conversation, at its home.
class ListenWatch {
 public:
  ListenWatch() = default;
  ListenWatch(const ListenWatch&) = delete;
  ListenWatch& operator=(const ListenWatch&) = delete;
  virtual ~ListenWatch() = default;
  // `reactors`: a bit for each; 0: nobody does any more.
  virtual void on_listeners(const ConversationKey& key, std::uint64_t reactors) = 0;
};

// At the home of a conversation: which reactors listen to it. Encodes an event once and posts it to
// each of them, in the order of the log. What a full mailbox refuses is announced again by its
// number alone: the reactor then reads it.
class Registry final : public conversations::Audience, private ports::Timer {
 public:
  Registry(ports::Reactor& reactor, const Network& network, const base::Key16& id_key);

  // Has other nodes told of what is committed here, and tells what they commit. Before anybody
  // listens; it lives as long as this.
  void set_relay(Relay& relay) noexcept { relay_ = &relay; }

  // Has it hear of every change. Before anybody listens; it lives as long as anybody does.
  void set_watch(ListenWatch& watch) noexcept { watch_ = &watch; }

  // A bit for each reactor that listens.
  std::uint64_t listeners_of(const ConversationKey& key) const noexcept;

  // Called on this reactor, for the reactor `listener`. `done`, on this reactor: what is committed
  // from now on comes.
  void subscribe(std::size_t listener, const std::vector<ConversationKey>& keys, base::Task done);
  void unsubscribe(std::size_t listener, const ConversationKey& key);

  void publish(const conversations::Committed& committed) override;
  // A hint: dropped where it can not be taken.
  void show_early(const conversations::EarlyMessage& message) override;
  void retract(const ConversationKey& key, const MessageId& id) override;
  void learn(const ConversationKey& key, Seq head) override;

  // What members received and read, told to those who listen unless they are too many.
  void note_ticks(const std::vector<Tick>& ticks);

  // To those who listen to `key`, at other nodes too: not durable, not ordered with the log's
  // events, dropped where it can not be taken.
  void broadcast(const ConversationKey& key,
                 const wire::engineio::OutMessage& message,
                 const Whom& whom);
  // --- the same for the sessions of this node alone
  void show_here(const conversations::EarlyMessage& message);
  void retract_here(const ConversationKey& key, const MessageId& id);
  void learn_here(const ConversationKey& key, Seq head);
  // `packet`: as OutMessage::packet_view of a text gives it.
  void broadcast_here(const ConversationKey& key, std::string_view packet);
  void broadcast_here(const ConversationKey& key,
                      const wire::engineio::OutMessage& message,
                      std::uint64_t except);

  std::size_t channels() const noexcept { return listeners_.size(); }

 private:
  // Runs it there, here at once. False: its mailbox is full.
  bool give(std::size_t listener, base::Task task);
  void hand_to(std::size_t listener, const PublishedPtr& published);
  void tell_later(std::size_t listener, const ConversationKey& key, Seq head);
  // Calls `f(listener)` for each reactor that listens to `key`.
  template <class F>
  void each_listener(const ConversationKey& key, F f) const;
  void on_timer() override;  // tells the heads that a full mailbox refused

  ports::Reactor& reactor_;
  const Network& network_;
  base::Key16 id_key_;
  ListenWatch* watch_ = nullptr;
  Relay* relay_ = nullptr;  // none: there are no other nodes

  struct Listened {
    std::uint64_t reactors = 0;  // a bit for each
    std::uint32_t members = 0;   // of the conversation, as the last event said; 0: not known
  };

  boost::unordered_flat_map<ConversationKey, Listened, base::KeyHash> listeners_;
  // Per reactor: the highest number it was not told. At most one entry for each channel it listens
  // to.
  std::vector<boost::unordered_flat_map<ConversationKey, Seq, base::KeyHash>> untold_;
  Ticks ticks_;
};

}  // namespace kith::delivery
