#pragma once

#include "base/log.hpp"
#include "conversations/audience.hpp"
#include "conversations/homes.hpp"
#include "delivery/comparison.hpp"
#include "delivery/relay_frames.hpp"
#include "ports/broker.hpp"
#include "ports/peers.hpp"
#include "ports/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace kith::delivery {

class Registry;

// The other nodes, as one home reactor knows them: tells them what is committed here, and hears
// what they commit. Safety does not rest on it: whatever the broker loses is found by comparing
// heads with the database.
//
// What nobody else listens to is not published. A channel that looks like this node's own (the last
// publication reached one link, and no greeting came since) is skipped, and asked about within a
// second: a listener subscribes, then reads; this node commits, then asks; one of the two sees the
// other. Until the answer is "only you, and you are there", the skip is open.
class Relay final : public ports::BrokerListener {
 public:
  struct Parts {
    ports::Reactor& reactor;
    ports::Store& store;
    ports::BrokerLink& link;
    ports::Peers& peers;
    base::Logger& logger;
    conversations::CommitSink& home;
    Registry& registry;
    // The database has lost what it had: what sessions and conversations know is void.
    std::function<void(const std::string& epoch)> on_epoch;
  };

  // `id`: new at every start, of this reactor alone.
  Relay(Parts parts, std::string id);
  ~Relay() override;

  // Connects. Once, before anything else.
  void start();

  // --- from the registry
  // This node listens there, or does not any more.
  void join(std::span<const ConversationKey> keys);
  void leave(const ConversationKey& key);
  // Calls `done` when what others commit there is heard, or can not be because there is no broker.
  void when_joined(const std::vector<ConversationKey>& keys, base::Task done);
  void publish(const conversations::Committed& committed);
  void publish_head(const ConversationKey& key, Seq head);
  // Not kept where it can not be published now.
  void publish_hint(const ConversationKey& key, RelayBody body);

  // --- from the broker
  void on_up() override;
  void on_down() override;
  void on_subscribed(const std::string& channel) override;
  void on_message(const std::string& channel, std::string_view payload) override;

  std::size_t topics() const noexcept { return topics_.size(); }

  std::size_t open_skips() const noexcept { return skips_.size(); }

  std::size_t unpublished() const noexcept { return unpublished_.size(); }

 private:
  // A channel that is subscribed, or has to be.
  struct Topic {
    bool wanted = false;          // somebody listens here
    std::uint32_t asked = 0;      // subscriptions over the present link
    std::uint32_t confirmed = 0;  // of those; an old one must not stand for a new one
    bool looks_own = false;
    bool compare = false;         // once confirmed: it was heard over another link before
    std::uint32_t greetings = 0;  // heard
    Seq skipped = 0;              // the open skip: up to here nothing was published; 0: none
    std::uint64_t skipped_at = 0;
    std::vector<std::uint64_t> waiting;

    bool heard() const noexcept { return asked > 0 && confirmed == asked; }

    // As far as is known nobody else listens: what is needed only here is not published.
    bool alone() const noexcept { return heard() && looks_own; }
  };

  struct Waiting {
    std::size_t channels = 0;  // not yet confirmed
    base::Task done;
  };

  using Topics = std::map<ConversationKey, Topic>;

  Topic* find_topic(const ConversationKey& key) noexcept;
  void subscribe(const std::vector<ConversationKey>& keys);
  void release(Topic& topic);
  void send(const ConversationKey& key, Topic* topic, RelayBody body, Seq head = 0);
  void on_receivers(std::uint32_t greetings, std::size_t receivers);
  void keep_unpublished(const ConversationKey& key, Seq head);
  void hear(const ConversationKey& key, RelayBody body);
  void on_time();
  void ask_about_skips();
  void ask(std::vector<ConversationKey> keys);
  void on_counts(const std::vector<ConversationKey>& keys,
                 std::uint64_t asked_at,
                 const std::vector<std::size_t>& counts);
  void drop(Topics::iterator topic);
  void close_skip(Topics::iterator topic);  // may drop it
  void publish_skipped(Topics::iterator topic);
  void on_compared(const ConversationKey& key, Seq known, Seq head);
  void announce();
  void on_announced(const ports::Announced& announced);
  void on_peers(const std::vector<ports::Peer>& peers);
  bool compares_now() const;
  void compare_all();

  Parts parts_;
  std::string id_;
  std::string epoch_;
  std::string name_;         // of the present link
  std::string own_channel_;  // of the present link alone
  bool own_confirmed_ = false;
  std::uint64_t links_ = 0;
  Topics topics_;
  // Confirmations of the present link that are due to subscriptions that were given up.
  std::map<ConversationKey, std::uint32_t> stale_;
  std::set<ConversationKey> skips_;  // topics with an open skip
  boost::unordered_flat_map<std::uint64_t, Waiting> waiting_;
  std::uint64_t next_waiting_ = 1;
  std::uint64_t stamp_ = 0;
  // Sent over the present link and not yet answered, in order; seq 0: a hint.
  std::deque<std::pair<ConversationKey, Seq>> unanswered_;
  std::map<ConversationKey, Seq> unpublished_;  // at most relay_unpublished_max
  base::Instant lossy_until_;  // more than that was lost: others are told to compare
  base::Instant question_at_;  // of the oldest one without an answer, the link's own channel first
  std::size_t questions_ = 0;
  bool announcing_ = false;
  std::map<std::string, bool> peers_;  // alive
  bool peers_apart_ = false;           // one is cut off, or on another broker
  base::Instant compared_at_;
  Comparison comparison_;
  std::shared_ptr<Relay*> self_;
  ports::Alarm<Relay, &Relay::on_time> alarm_{*this};
};

}  // namespace kith::delivery
