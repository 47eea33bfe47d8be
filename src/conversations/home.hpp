#pragma once

#include "base/limits.hpp"
#include "conversations/audience.hpp"
#include "conversations/early_queue.hpp"
#include "conversations/homes.hpp"
#include "conversations/loaded.hpp"
#include "conversations/pending.hpp"
#include "ports/read_gate.hpp"
#include "ports/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <list>
#include <map>
#include <memory>
#include <vector>

namespace kith::conversations {

inline constexpr base::Fault database_stalled{
    base::Errc::unavailable, "the database does not answer in time: send again", 1'000};

// A send as its sender's session hands it to the conversation's home.
struct SendRequest {
  ConversationKey key;
  UserId sender;
  ClientId client_id;
  bool server_made_key = false;
  std::string body;
  bool counted = true;                              // as unread
  std::optional<std::pair<UserId, UserId>> direct;  // the two, when it was named by `to`
  std::optional<base::Duration> show_within;  // is shown then, stored or not; nothing: when stored
  Origin origin;
  std::size_t asker = 0;  // the reactor `done` runs on
  Done<SendResult> done;
};

// The conversations that live at one reactor: decides sends from memory, hands them to the writer,
// and passes on what was committed. Reactor thread only.
class Home final : public CommitSink {
 public:
  struct Options {
    std::size_t loaded_max;   // conversations in memory
    std::size_t waiting_max;  // sends that wait for a conversation to be loaded
    std::size_t members_max = base::limits::loaded_members_max;          // of all those in memory
    std::size_t waiting_bytes_max = base::limits::lane_queue_bytes_max;  // of those sends
    bool alone = true;  // no other node writes: what is in memory is all there is
  };

  Home(ports::Reactor& reactor,
       ports::Store& store,
       Audience& audience,
       const Homes& homes,
       Options options);
  ~Home() override;

  // `done` comes once, on the reactor of the asker, after every event of the conversation below its
  // seq was published there.
  void send(SendRequest request);
  // Hands any other entry to its writer lane. False if the lane is full: `entry->done`, if it has
  // one, got the fault.
  template <class EntryType>
  bool submit(std::unique_ptr<EntryType> entry);

  void on_committed(const Committed& committed) override;
  void on_answered(std::uint64_t number, const base::Result<SendResult>& result) override;

  // What is in memory may be of another history: it is loaded again when it is needed.
  void forget_all();

  std::size_t loaded_count() const noexcept { return slots_.size(); }

 private:
  // A conversation that is loaded, or being loaded while sends and events wait.
  struct Slot {
    std::unique_ptr<Loaded> loaded;
    std::vector<SendRequest> waiting;
    base::Instant waiting_since;  // the first of them
    bool loading = false;
    std::vector<Committed> heard;  // while loading
    bool missed = false;           // something that was to be heard: it is loaded again
    std::list<ConversationKey>::iterator recent;
  };

  // A conversation's sends that are not answered.
  struct OnTheirWay {
    std::uint64_t last = 0;
    Seq head = 0;  // of those that were answered meanwhile
  };

  Slot& touch(const ConversationKey& key);
  std::vector<SendRequest> take_waiting(Slot& slot);
  void load(const ConversationKey& key);
  void on_loaded(const ConversationKey& key,
                 base::Result<std::optional<ports::LoadedConversation>> result);
  bool apply_heard(Slot& slot);
  void forget(const ConversationKey& key);
  void decide(const Loaded* loaded, SendRequest request);
  void submit_send(const Loaded* loaded, SendRequest request, std::uint64_t access_rev);
  void evict();

  // --- sends on their way
  bool stalled() const;  // the oldest has waited too long: nothing more is taken
  void arm_early();
  void on_early_time();
  void prepare_early(std::uint64_t number, base::Instant now);
  bool is_new(const SendRequest& request) const;
  void look_before_showing(const ConversationKey& key, std::uint64_t number);
  void on_looked(const ConversationKey& key, std::uint64_t number, bool fresh);
  void show_decided(const ConversationKey& key);
  void show_in_order(std::uint64_t number);
  bool may_show(const PendingSend& send, base::Instant now);
  Seq head_known(const ConversationKey& key) const;
  bool keeps_order(const PendingSend& send);
  void show(PendingSend& send, std::uint64_t number);
  void note_submitted(base::Instant now);
  void on_lane_time();
  void take_back(base::Instant limit);  // what has waited since before it

  void refuse(SendRequest request, const base::Fault& fault);

  template <class T>
  void refuse(std::size_t asker, Done<T> done, const base::Fault& fault) {
    answer(asker, std::move(done), base::Result<T>{fault});
  }
  template <class T>
  void answer(std::size_t asker, Done<T> done, base::Result<T> result);

  ports::Reactor& reactor_;
  ports::Store& store_;
  Audience& audience_;
  const Homes& homes_;
  Options options_;
  boost::unordered_flat_map<ConversationKey, Slot, base::KeyHash> slots_;
  std::list<ConversationKey> recent_;  // most recently used first
  std::size_t waiting_ = 0;
  std::size_t waiting_bytes_ = 0;
  std::size_t members_ = 0;  // of what is loaded
  Pending pending_;
  boost::unordered_flat_map<ConversationKey, OnTheirWay, base::KeyHash> on_their_way_;
  EarlyBudget early_budget_;
  std::map<ConversationKey, EarlyQueue> early_;  // of sends on their way
  base::Instant last_submitted_at_;
  base::Instant early_at_;       // what early_alarm_ is armed for
  ports::ReadGate looks_;        // whether what is to be shown early is stored already
  std::shared_ptr<Home*> self_;  // empty once this is gone: for reads still under way
  ports::Alarm<Home, &Home::on_early_time> early_alarm_{*this};
  ports::Alarm<Home, &Home::on_lane_time> lane_alarm_{*this};
};

template <class T>
void Home::answer(std::size_t asker, Done<T> done, base::Result<T> result) {
  if (!done) return;
  if (asker == reactor_.index()) return done(std::move(result));
  homes_.reactors[asker]->post(
      [done = std::move(done), result = std::move(result)]() mutable { done(std::move(result)); });
}

template <class EntryType>
bool Home::submit(std::unique_ptr<EntryType> entry) {
  std::unique_ptr<ports::LaneEntry> waiting = std::move(entry);
  auto& made = static_cast<EntryType&>(*waiting);
  made.submitted_at = reactor_.clock().now();
  note_submitted(made.submitted_at);
  std::size_t lane = 0;
  if constexpr (requires { made.key; }) lane = (base::KeyHash{}(made.key) >> 16) % store_.lanes();
  auto taken = store_.submit(lane, waiting);
  if (taken.has_value()) return true;
  KITH_ASSERT(waiting != nullptr);
  if constexpr (requires { made.done; }) refuse(made.asker, std::move(made.done), taken.error());
  return false;
}

}  // namespace kith::conversations
