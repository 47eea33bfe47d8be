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
  bool cursors_are_all = false;  // in other conversations it is at the beginning of his membership
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

  const UserKey& user() const noexcept { return user_; }

  const DeviceId& device() const noexcept { return device_; }

  const Cid& user_cid() const noexcept { return user_cid_; }

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

  // How far it was handed each log it listens to.
  std::vector<std::pair<Cid, Seq>> places() const;

  // Whether own messages may be answered now: not while too many wait to be left out of pages.
  bool may_send() const noexcept { return own_ == nullptr || own_->acked.size() < acked_max; }

  // The client says it has received up to here; never beyond what was handed out. How far it is
  // now known to have received; nothing if it does not listen.
  std::optional<Seq> received(const Cid& cid, Seq seq);
  // Whether he is a member there, and told of it.
  bool listens(const Cid& cid) noexcept;
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

  // Room for so many more conversations, and no more than that.
  void expect(std::size_t conversations);
  // Begins to listen there.
  void place(Channel& channel, Place place);
  void leave(Channel& channel);
  void note_acked(Slot slot, Seq seq);
  static void unlink(const Position& position) noexcept;
  Position* find(const Channel& channel) noexcept;  // scans the shorter of two lists
  Slot slot_of(const Position& position) const noexcept;
  void fell_behind(Slot slot, Seq at);
  void pump();  // reads the next page, if one is due and allowed
  void pump_behind();
  void look_at_page(const Channel& channel, const Position& position);
  void on_page(const ConversationKey& key, const base::Result<std::vector<PublishedPtr>>& page);
  void take_page(Position& position, const std::vector<PublishedPtr>& page);
  // Sends one event of a log; true if it removed this user from the conversation.
  bool hand_out(const Position& position, const Published& published);
  // A page may be faster than the answer to an own message in it.
  bool awaits_answer(const Position& position, const Published& published);
  bool holding() const noexcept;

  // Of all it listens to, and it is to listen to no more.
  bool at_heads() const noexcept {
    return catching_ == nullptr || (catching_->behind.empty() && catching_->wanted.empty());
  }

  // Too far behind: the newest page and conversation.gap, if he still is a member.
  void look_far(const ConversationKey& key);
  void on_far(const ConversationKey& key,
              const base::Result<std::vector<ports::Membership>>& found);
  void pass_over(Position& position);     // up to its skip_to
  bool forget_acked(Slot slot, Seq seq);  // and those below; true if `seq` was among them
  void retry_later();
  void give_back_catching();
  void watch_outbox();  // begins to wait for a reader that keeps the session behind
  void send_gap(const Cid& cid, Seq from, Seq to);
  void removed_from(Channel& channel);  // the next two
  void leave_removed(Channel& channel);
  void on_removed(const ConversationKey& key);

  // --- messages shown before they were stored
  bool shows_early(const MessageId& id) const noexcept;
  // And in its turn among those on their way.
  bool shows_early(const conversations::Attempt& attempt) const noexcept;
  bool repeats_early(const conversations::Attempt& attempt) noexcept;
  // And has not been removed from there since.
  bool awaits_early(const Channel& channel, const MessageId& id) const noexcept;
  bool settle_early(const MessageId& id) noexcept;  // true: it was among them
  void want(const Cid& cid);                        // to be attached there
  void attach_wanted();
  void note_handed_out();
  bool note_proved(Position& position, Seq seq);  // true: it is more than was known
  void on_stalled();

  void on_retry() { pump(); }

  // Proved places that the store was not told yet, at most cursor_slice.
  std::vector<std::pair<Slot, Seq>> due_cursors() const;

  // An event that may be an own message: waits for those that were on their way when it came.
  struct Held {
    Seq seq = 0;  // 0: none
    Slot slot = 0;
    std::uint64_t sends = 0;
  };

  struct Acked {
    Slot slot;
    ShortSeq seq;
    friend auto operator<=>(const Acked&, const Acked&) = default;
  };

  // What only one who writes needs; given back at the next proof.
  struct Own {
    std::vector<Acked> acked;  // answered already and above now(), ascending
    std::vector<std::pair<ConversationKey, Seq>> unplaced;  // answered before it was attached there
    std::vector<std::uint64_t> sending;                     // on their way, ascending
    std::uint64_t begun = 0;
    Held held;

    bool idle() const noexcept { return acked.empty() && unplaced.empty() && sending.empty(); }
  };

  // What only one who is behind needs.
  struct Catching {
    explicit Catching(Session& session) : stall(session), retry(session) {}

    std::vector<Slot> behind;  // in the order they are served; the front is being read
    std::vector<Cid> wanted;   // conversations this user was added to, not yet attached
    std::size_t stalled_bytes = 0;
    ports::Alarm<Session, &Session::on_stalled> stall;
    ports::Alarm<Session, &Session::on_retry> retry;

    bool idle() const noexcept {
      return behind.empty() && wanted.empty() && !stall.armed() && !retry.armed();
    }
  };

  struct Checkpoint {
    std::uint64_t number;
    std::vector<std::pair<Slot, ShortSeq>> places;
  };

  struct ShownEarly {
    const Channel* channel;
    conversations::Attempt attempt;  // the last that came in its turn
  };

  // What the client says it has; needed once.
  struct Claims {
    std::vector<std::pair<Cid, Seq>> cursors;
    bool epoch_matches = true;
    bool are_all = false;
  };

  Own& own();
  Catching& catching();
  void forget_behind(Slot slot);

  Hub& hub_;
  Sink& sink_;
  std::uint64_t id_;
  UserKey user_;
  DeviceId device_;
  Cid user_cid_;
  std::vector<Position> positions_;  // by slot
  std::unique_ptr<Claims> claims_;
  std::unique_ptr<Own> own_;
  std::unique_ptr<Catching> catching_;
  // Shown and not settled, at most early_max. Nearly always empty.
  // Without a channel: he was removed from it since.
  std::vector<ShownEarly> early_;
  std::vector<Checkpoint> checkpoints_;  // unproved; at most checkpoints_max, the oldest go first
  std::uint64_t left_at_ = 0;            // Hub::stamp when it last left a conversation
  std::uint32_t epoch_;                  // Hub's number of the history its positions are in
  std::uint32_t free_slots_ = 0;
  bool pumping_ = false;
  bool reading_ = false;
  bool handed_out_ = false;   // something, since the last checkpoint
  bool probe_due_ = false;    // noted at the hub
  bool cursors_due_ = false;  // noted at the hub
};

}  // namespace kith::delivery
