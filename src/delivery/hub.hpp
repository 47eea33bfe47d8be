#pragma once

#include "base/log.hpp"
#include "conversations/home.hpp"
#include "delivery/due_queue.hpp"
#include "delivery/network.hpp"
#include "delivery/pages.hpp"
#include "delivery/session.hpp"
#include "delivery/ticks.hpp"
#include "ports/read_gate.hpp"
#include "ports/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace kith::delivery {

struct HubOptions {
  std::size_t catchup_events_max = 10'000;  // pushed to one session per connect
  // A session that is behind is closed when its outbox did not shrink for so long.
  std::uint32_t slow_reader_timeout_ms = 60'000;
};

// Hears on one reactor who is out of which conversation.
class SessionWatch {
 public:
  SessionWatch() = default;
  SessionWatch(const SessionWatch&) = delete;
  SessionWatch& operator=(const SessionWatch&) = delete;
  virtual ~SessionWatch() = default;

  // Its user is out of the conversation, and it was told so.
  virtual void on_removed(const Session& /*session*/, const Cid& /*cid*/) {}

  // The same of somebody else, told to those who are left in it: once for all of them, or for each
  // that was behind.
  virtual void on_member_removed(const UserKey& /*removed*/) {}

  // A session has its place in logs it was not in yet, or passed over events of one: of removals
  // before that place it is not told.
  virtual void on_placed(const Session& /*session*/) {}
};

// Who is listening on one reactor: its channels and sessions. Hears every event of a channel
// through one queue and hands it to the sessions that are live; brings the others to the head by
// pages. Reactor thread only; outlives its sessions.
class Hub final : private ports::TickHook {
 public:
  Hub(ports::Reactor& reactor,
      ports::Store& store,
      conversations::Home& home,
      const Network& network,
      base::Logger& logger,
      HubOptions options);
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;
  ~Hub() override;

  std::unique_ptr<Session> make_session(Sink& sink, SessionOptions options);
  Session* find_session(std::uint64_t id) noexcept;

  // Before there are any; it lives as long as they do.
  void add_watch(SessionWatch& watch) { watches_.push_back(&watch); }

  // --- from the homes
  void on_published(const PublishedPtr& published);
  // The head of a channel is at least `head`; what is missing is read.
  void learn(const ConversationKey& key, Seq head);

  void on_early(const EarlyPtr& early);
  void on_retract(const ConversationKey& key, const MessageId& id);

  void on_broadcast(const ConversationKey& key,
                    const wire::engineio::OutMessage& message,
                    std::uint64_t except);
  // Asks the home of `key` to tell all who listen to it (Registry::broadcast), from this reactor.
  void broadcast(const ConversationKey& key,
                 const wire::engineio::OutMessage& message,
                 const Whom& whom);

  struct Recent {
    std::vector<PublishedPtr> messages;  // ascending
    Seq head = 0;
  };

  // What is in memory of a conversation the session listens to: its newest messages below `before`,
  // at most `limit`, nothing that was before his membership.
  std::optional<Recent> recent(std::uint64_t session,
                               const ConversationKey& key,
                               Seq before,
                               std::size_t limit);

  // Tells those who listen what a user has received or read. Kept until the end of the tick.
  void tell(Tick tick);

  // Of which applications that is told; until it is said, of none.
  void set_ticks_told(std::function<bool(base::AppId)> told) { ticks_told_ = std::move(told); }

  // How many connections of this reactor listen there.
  std::size_t listeners_of(const ConversationKey& key) const noexcept;

  template <class F>
  void each_session(F f) const {
    for (const auto& [id, session] : sessions_)
      f(*session);
  }

  // Writes every cursor that is due, now: at shutdown.
  void flush_cursors();

  std::size_t sessions() const noexcept { return sessions_.size(); }

  std::size_t channels() const noexcept { return channels_.size(); }

  std::uint64_t delivered() const noexcept { return delivered_; }

  std::uint64_t behind() const noexcept { return behind_; }

  ports::Reactor& reactor() noexcept { return reactor_; }

  ports::Store& store() noexcept { return store_; }

  // The database's, as this reactor knows it.
  const std::string& epoch() const noexcept { return epoch_; }

  // Which one of those it has known: another history has another number.
  std::uint32_t epoch_number() const noexcept { return epoch_number_; }

  // The database's history is another one: what is known of the old one is forgotten. Sessions that
  // began in it are closed by the caller.
  void begin_epoch(std::string epoch);

  const HubOptions& options() const noexcept { return options_; }

  // From now on.
  void set_options(const HubOptions& options) noexcept { options_ = options; }

 private:
  friend class Session;
  friend class Attachment;
  friend class PageReader;

  // Asks the homes of `keys` to be told of their events, and pins the channels; `done` when all
  // have confirmed.
  void subscribe(const std::vector<ConversationKey>& keys, base::Task done);
  void ask_home(std::size_t home, std::uint64_t id, std::vector<ConversationKey> keys);
  void unpin(const ConversationKey& key);

  std::uint64_t stamp() noexcept { return ++stamp_; }

  void confirm(std::uint64_t subscription, const std::vector<ConversationKey>& keys);
  Channel* find_channel(const ConversationKey& key) noexcept;
  void leave_if_unused(const ConversationKey& key);
  void raise_head(Channel& channel, Seq head);
  void remember(Channel& channel, const PublishedPtr& published);
  void forget_ring(Channel& channel);
  void fan_out(Channel& channel, const PublishedPtr& published);
  void tell_watches(const Published& removal) const;
  // Of users who were added to a conversation, or removed from it.
  void add(const std::vector<std::uint64_t>& sessions, const Cid& cid);
  void remove(const std::vector<std::uint64_t>& sessions, const ConversationKey& key);
  void end(Session& session);
  // --- shown before it is stored
  static bool shows_in_order(const Session& session, const conversations::EarlyMessage& message);
  static bool stored_since(const Channel& channel, const conversations::EarlyMessage& message);
  void on_early_time();

  // What was shown, without its body: it may be many for a while.
  struct Shown {
    ConversationKey key;
    MessageId id;
    UserId sender;
    conversations::ClientId client_id;
    bool here = true;
    base::Instant at;
  };

  void remember_shown(Shown shown);
  void look_for(const Shown& shown);
  void on_looked(const Shown& message, const base::Result<std::optional<ports::StoredSend>>& found);

  void note_probe(Session& session);  // something is to be proved
  void on_probe_time();
  // Those whose time has come; the alarm is armed for the next.
  std::vector<std::uint64_t> take_due(DueQueue& sessions, ports::Timer& alarm);
  void note_cursors(Session& session);
  bool write_cursors(Session& session);  // false: the lane is full
  void on_cursor_time();
  void on_tick_end() override;  // hands over the ticks

  ports::Reactor& reactor_;
  ports::Store& store_;
  conversations::Home& home_;
  const Network& network_;
  base::Logger& logger_;
  HubOptions options_;
  std::vector<SessionWatch*> watches_;
  std::string epoch_;
  std::uint32_t epoch_number_ = 0;
  PageReader pages_;
  ports::ReadGate membership_reads_;
  boost::unordered_flat_map<ConversationKey, std::unique_ptr<Channel>, base::KeyHash> channels_;
  boost::unordered_flat_map<std::uint64_t, Session*> sessions_;

  struct Subscription {
    std::size_t waiting_for = 0;  // homes that have not answered
    base::Task done;
  };

  boost::unordered_flat_map<std::uint64_t, Subscription> subscriptions_;
  std::uint64_t next_subscription_ = 1;
  std::uint64_t next_session_ = 1;
  std::uint64_t stamp_ = 0;
  DueQueue cursor_sessions_;  // with cursors to write, each in its own time
  DueQueue probe_sessions_;   // with events to be proved

  std::deque<Shown> early_shown_;  // at most early_remembered_max, the oldest first
  ports::ReadGate looks_;          // for what became of those
  std::vector<Tick> ticks_;        // of this tick of the reactor
  std::function<bool(base::AppId)> ticks_told_;
  std::size_t ring_bytes_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t behind_ = 0;    // times that a session fell behind
  std::shared_ptr<Hub*> self_;  // empty once this is gone: for attachments still under way
  ports::Alarm<Hub, &Hub::on_early_time> early_alarm_{*this};
  ports::Alarm<Hub, &Hub::on_cursor_time> cursor_alarm_{*this};
  ports::Alarm<Hub, &Hub::on_probe_time> probe_alarm_{*this};
};

}  // namespace kith::delivery
