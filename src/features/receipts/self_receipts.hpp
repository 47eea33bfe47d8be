#pragma once

#include "base/ids.hpp"
#include "ports/reactor.hpp"
#include "wire/engineio/message.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>

namespace kith::features::receipts {

// What one of a user's connections has read, as it stands afterwards.
struct OwnRead {
  base::UserKey user;
  base::Cid user_cid;  // his own log: all his connections listen there
  base::Cid cid;
  base::Seq read_seq = 0;
  std::uint64_t unread = 0;
  std::uint64_t total_unread = 0;
  std::uint64_t session = 0;  // who said so, and need not hear it; 0: all are told
};

// Tells a user's other connections what he has read: receipt.self {cid, read_seq, unread,
// total_unread}, each conversation at most once in ticks_interval_ms. A hint: not stored, not
// repeated; what is above the bound is not told. One for each reactor.
class SelfReceipts {
 public:
  // To all who listen to `log` but the session `except`.
  using Tell = std::function<void(const base::ConversationKey& log,
                                  const wire::engineio::OutMessage& message,
                                  std::uint64_t except)>;

  SelfReceipts(ports::Reactor& reactor, Tell tell);

  void note(const OwnRead& read);

  std::size_t noted() const noexcept { return noted_; }

 private:
  struct Mark {
    base::Seq read_seq = 0;
    std::uint64_t unread = 0;
  };

  struct Reader {
    base::Cid user_cid;
    std::uint64_t total_unread = 0;
    std::uint64_t except = 0;
    std::map<base::Cid, Mark> marks;
  };

  void on_time();

  ports::Reactor& reactor_;
  Tell tell_;
  std::map<base::UserKey, Reader> due_;
  std::size_t noted_ = 0;  // conversations of all of them, at most self_receipts_noted_max
  base::Instant told_at_;
  ports::Alarm<SelfReceipts, &SelfReceipts::on_time> alarm_{*this};
};

}  // namespace kith::features::receipts
