#pragma once

#include "delivery/published.hpp"
#include "ports/store.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

namespace kith::delivery {

class Hub;

// Reads pages of logs for the sessions of one reactor: from the channel's ring if it reaches back
// far enough, else from the database, a bounded number at a time, and one page once for all who
// want it at that moment.
class PageReader {
 public:
  using DonePage = ports::Done<std::vector<PublishedPtr>>;
  // `at_most`: reads under way at the same time.
  PageReader(Hub& hub, std::size_t at_most);
  ~PageReader();
  PageReader(const PageReader&) = delete;
  PageReader& operator=(const PageReader&) = delete;

  // The first events of (after, to], dense from after + 1: at most page_events_max of them and no
  // more than an outbox takes, never none. `done` may be called before this returns. `internal`:
  // the log has a hole there.
  void read(const ConversationKey& key, Seq after, Seq to, DonePage done);

 private:
  struct Place {
    ConversationKey key;
    Seq after;
    Seq to;
    friend auto operator<=>(const Place&, const Place&) = default;
  };

  bool from_ring(const Place& place, DonePage& done);
  void begin_reads();
  void on_read(const Place& place, base::Result<std::vector<domain::LogEvent>> result);

  Hub& hub_;
  std::size_t at_most_;
  std::size_t under_way_ = 0;
  std::map<Place, std::vector<DonePage>> wanted_;  // at most one place for each session
  std::deque<Place> queue_;                        // of those, not begun
  std::shared_ptr<PageReader*> self_;
};

}  // namespace kith::delivery
