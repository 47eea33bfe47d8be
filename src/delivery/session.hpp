#pragma once

#include "base/limits.hpp"
#include "base/result.hpp"
#include "delivery/channel.hpp"
#include "delivery/sink.hpp"
#include "ports/reactor.hpp"
#include "ports/store.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kith::delivery {

class Hub;

struct SessionOptions {
  UserKey user;
  DeviceId device;                           // empty: shares the user's default cursor
  Cid user_cid;                              // the own log
  std::vector<std::pair<Cid, Seq>> cursors;  // what the client says it has
  bool epoch_matches = true;                 // of those cursors
};

// A connected device: positions in the logs of its conversations, each moving towards the head.
// Reactor thread only.
class Session {
 public:
  Session(Hub& hub, Sink& sink, std::uint64_t id, SessionOptions options);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  std::uint64_t id() const noexcept { return id_; }

  const UserKey& user() const noexcept { return options_.user; }

  const DeviceId& device() const noexcept { return options_.device; }

  Sink& sink() noexcept { return sink_; }

  // Finds the conversations and begins to catch up. Once, after the client was told that it is
  // connected.
  void start();

  // --- from the transport
  void on_drained();  // the outbox fell below its low mark
  void on_checkpoint(
      std::uint64_t number);  // what was handed out until now is proved by on_proved(number)
  void on_proved(std::uint64_t number);

  // --- from commands
  // An own message is on its way; what comes back ends it, after note_acked if it was stored.
  std::uint64_t begin_send();
  void end_send(std::uint64_t number);
  // The session's own message was answered: pages leave it out.
  void note_acked(const ConversationKey& key, Seq seq, const MessageId& id);

  // Whether own messages may be answered now: not while too many wait to be left out of pages.
  bool may_send() const noexcept { return acked_ < acked_max; }

  // The client says it has received up to here; never beyond what was handed out. How far it is
  // now known to have received; nothing if it does not listen.
  std::optional<Seq> received(const Cid& cid, Seq seq);
  // Ephemeral frames, so many bytes together, are dropped when the outbox is above its high mark or
  // would be full.
  bool takes_ephemeral(std::size_t frames_bytes) const noexcept;
  bool send_ephemeral(const wire::engineio::OutMessage& message);

 private:
  friend class Hub;
  friend class Attachment;
  static constexpr std::size_t acked_max = 1'024;
  static constexpr std::size_t checkpoints_max = 8;
  static constexpr std::size_t unplaced_acks_max = 1'024;
  static constexpr std::size_t early_left_max = base::limits::early_max / 2;

  // --- from the hub
  struct Place {
    Seq at = 0;
    Seq skip_to = 0;  // what lies up to there is told as a gap
    Seq from = 1;     // of his membership
  };

  // Begins to listen there.
  void place(Channel& channel, Place place);
  void leave(Channel& channel);
  void note_acked(Position& position, Seq seq);
  static void unlink(Position& position) noexcept;
  Position* find(const Channel& channel) noexcept;  // scans the shorter of two lists
  void fell_behind(Position& position, Seq at);
  void pump();  // reads the next page, if one is due and allowed
  void on_page(const ConversationKey& key, const base::Result<std::vector<PublishedPtr>>& page);
  void take_page(Position& position, const std::vector<PublishedPtr>& page);
  // Sends one event of a log; true if it removed this user from the conversation.
  bool hand_out(Position& position, const Published& published);
  // A page may be faster than the answer to an own message in it.
  bool awaits_answer(const Position& position, const Published& published);
  bool holding() const noexcept;
  // Too far behind: the newest page and conversation.gap, if he still is a member.
  void look_far(const ConversationKey& key);
  void on_far(const ConversationKey& key,
              const base::Result<std::vector<ports::Membership>>& found);
  void pass_over(Position& position);              // up to its skip_to
  bool forget_acked(Position& position, Seq seq);  // true if `seq` was among them
  void retry_later();
  void watch_outbox();  // begins to wait for a reader that keeps the session behind
  void send_gap(const Cid& cid, Seq from, Seq to);
  void removed_from(Channel& channel);

  // --- messages shown before they were stored
  bool shows_early(const MessageId& id) const noexcept;
  // And in its turn among those on their way.
  bool shows_early(const conversations::Attempt& attempt) const noexcept;
  bool repeats_early(const conversations::Attempt& attempt) noexcept;
  // And has not been removed from there since.
  bool awaits_early(const Channel& channel, const MessageId& id) const noexcept;
  bool settle_early(const MessageId& id) noexcept;  // true: it was among them
  void attach_wanted();
  void note_handed_out();
  bool note_proved(Position& position, Seq seq);  // true: it is more than was known
  void on_stalled();

  void on_retry() { pump(); }

  // Proved places that the store was not told yet, at most cursor_slice.
  std::vector<std::pair<Position*, Seq>> due_cursors() const;

  Hub& hub_;
  Sink& sink_;
  std::uint64_t id_;
  SessionOptions options_;
  std::string epoch_;  // of the history its positions are in
  std::vector<std::unique_ptr<Position>> positions_;
  std::vector<Position*> behind_;  // in the order they are served; the front is being read
  bool pumping_ = false;
  bool reading_ = false;
  bool handed_out_ = false;   // something, since the last checkpoint
  bool probe_due_ = false;    // noted at the hub
  bool cursors_due_ = false;  // noted at the hub
  std::vector<std::pair<ConversationKey, Seq>>
      unplaced_acks_;                   // answered before it was attached there
  std::size_t acked_ = 0;               // over all positions
  std::vector<std::uint64_t> sending_;  // own messages on their way, ascending
  std::uint64_t sends_begun_ = 0;

  // An event that may be one of these: waits for those that were on their way when it came.
  struct Held {
    const Position* position = nullptr;
    Seq seq = 0;
    std::uint64_t sends = 0;
  };

  Held held_;
  std::uint64_t left_at_ = 0;  // Hub::stamp when it last left a conversation
  std::vector<Cid> wanted_;    // conversations this user was added to, not yet attached

  struct Checkpoint {
    std::uint64_t number;
    std::vector<std::pair<Position*, Seq>> places;
  };

  struct ShownEarly {
    const Channel* channel;
    conversations::Attempt attempt;  // the last that came in its turn
  };

  // Shown and not settled, at most early_max. Nearly always empty.
  // Without a channel: he was removed from it since.
  std::vector<ShownEarly> early_;

  std::vector<Checkpoint> checkpoints_;  // unproved; at most checkpoints_max, the oldest go first
  std::shared_ptr<Session*> self_;
  std::size_t stalled_bytes_ = 0;
  ports::Alarm<Session, &Session::on_stalled> stall_alarm_{*this};
  ports::Alarm<Session, &Session::on_retry> retry_alarm_{*this};
};

}  // namespace kith::delivery
