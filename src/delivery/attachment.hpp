#pragma once

#include "base/task.hpp"
#include "delivery/session.hpp"
#include "ports/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace kith::delivery {

// Brings a session into its conversations: all of them when it connects, single ones when its user
// is added.
//
// A head counts only if it was read after the home of its conversation knew that this reactor
// listens: what is committed later comes by itself, what was committed before is in the read. So:
// subscribe, wait, read, place; and since memberships are found by a read, those that were not yet
// subscribed then are read again. His place in his own log is of the same snapshot as the list:
// what that log tells later is not in it, and were it passed over by a cursor that rose meanwhile,
// nobody would tell this session.
class Attachment : public std::enable_shared_from_this<Attachment> {
 public:
  Attachment(Hub& hub, std::uint64_t session);
  Attachment(const Attachment&) = delete;
  Attachment& operator=(const Attachment&) = delete;
  ~Attachment();

  // Everything the user is in, and his own log.
  // `cursors`: what the client says it has, of this history if `epoch_matches`. `are_all`: what is
  // stored of his other conversations says nothing of this session.
  void attach_all(std::vector<std::pair<Cid, Seq>> cursors, bool epoch_matches, bool are_all);
  // What he is in and does not listen to yet: when events of his own log were passed over.
  void attach_missing();
  // These conversations, if he is (still) in them.
  void attach(std::vector<Cid> cids);

 private:
  Session* session() const noexcept;
  void subscribe(const std::vector<Cid>& cids, base::Task then);
  // Has `ask` begin a read of the store when there is room for it.
  template <class Ask>
  void read(Ask ask);
  bool read_ended() const;  // and the session is still there
  void find_memberships();
  void on_memberships(std::uint64_t asked_at, base::Result<std::vector<ports::Membership>> found);
  void read_heads(std::vector<Cid> cids);
  void place(std::vector<ports::Membership> memberships);
  void send_reset(Session& session) const;
  void place_one(Session& session, const ports::Membership& membership, bool reset);
  // What the client claims, else what is stored for his device, else for the user.
  std::optional<Seq> cursor_of(const ports::Membership& membership) const;
  void failed(const base::Fault& fault);

  Hub& hub_;
  std::shared_ptr<Hub*> hub_alive_;
  std::uint64_t session_;
  std::vector<ConversationKey> pinned_;
  std::vector<ports::Membership>
      known_;  // read after their channel was confirmed, newest activity first
  boost::unordered_flat_map<Cid, Seq, base::KeyHash> claims_;  // the client's cursors
  std::uint64_t asked_at_ = 0;  // Hub::stamp of the oldest read that is placed by
  std::size_t budget_ = 0;      // events that may still be pushed
  bool everything_ = false;
  bool epoch_matches_ = true;
  bool claims_are_all_ = false;
};

}  // namespace kith::delivery
