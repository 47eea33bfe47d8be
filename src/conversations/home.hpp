#pragma once

#include "base/limits.hpp"
#include "conversations/audience.hpp"
#include "conversations/homes.hpp"
#include "conversations/loaded.hpp"
#include "ports/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <list>
#include <memory>
#include <vector>

namespace kith::conversations {

// A send as its sender's session hands it to the conversation's home.
struct SendRequest {
  ConversationKey key;
  UserId sender;
  ClientId client_id;
  bool server_made_key = false;
  std::string body;
  std::optional<std::pair<UserId, UserId>> direct;  // the two, when it was named by `to`
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

  std::size_t loaded_count() const noexcept { return slots_.size(); }

 private:
  // A conversation that is loaded, or being loaded while sends and events wait.
  struct Slot {
    std::unique_ptr<Loaded> loaded;
    std::vector<SendRequest> waiting;
    std::vector<Committed> heard;  // while loading; bounded by what the lane had in flight
    std::list<ConversationKey>::iterator recent;
  };

  Slot& touch(const ConversationKey& key);
  void load(const ConversationKey& key);
  void on_loaded(const ConversationKey& key,
                 base::Result<std::optional<ports::LoadedConversation>> result);
  void decide(const Loaded* loaded, SendRequest request);
  void evict();

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
  std::size_t members_ = 0;      // of what is loaded
  std::shared_ptr<Home*> self_;  // empty once this is gone: for reads still under way
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
  std::size_t lane = 0;
  if constexpr (requires { made.key; }) lane = (base::KeyHash{}(made.key) >> 16) % store_.lanes();
  auto taken = store_.submit(lane, waiting);
  if (taken.has_value()) return true;
  KITH_ASSERT(waiting != nullptr);
  if constexpr (requires { made.done; }) refuse(made.asker, std::move(made.done), taken.error());
  return false;
}

}  // namespace kith::conversations
