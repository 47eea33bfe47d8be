#pragma once

#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/log_record.hpp"
#include "base/limits.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

// What is committed and not yet a row of `entry`: the ends of conversations, in memory. One thread
// writes, others read.
namespace kith::adapters::sqlite {

// The number of a row of `log`. Rows are never numbered anew, so it tells the states of the
// database apart as far as events are concerned.
using Version = std::uint64_t;

struct TailEvent {
  base::Seq seq = 0;
  Version born = 0;
  std::uint64_t sent = 0;                  // sent_hash of a message whose client named it, else 0
  std::shared_ptr<const std::string> row;  // of the log, shared by the events in it
  std::uint32_t offset = 0;                // of the event's bytes in it
  std::uint32_t size = 0;

  EventRecord record() const;

  // About what it takes in memory.
  std::size_t held_bytes() const noexcept { return sizeof(TailEvent) * 3 / 2 + size; }
};

struct TailLimits {
  std::size_t fold_events = base::limits::tail_events_max;
  std::size_t fold_bytes = base::limits::tail_bytes_max;
  std::size_t log_events = base::limits::log_events_max;
  std::size_t log_bytes = base::limits::log_bytes_max;
  std::size_t held_bytes = base::limits::tails_bytes_max;
  std::size_t retired_bytes = base::limits::tails_retired_bytes_max;
  std::size_t filter_bytes = base::limits::sent_filter_bytes_max;
  std::size_t filter_save_ids = base::limits::sent_filter_unsaved_max;
};

// What one transaction does to a conversation's tail.
struct TailChange {
  bool folded = false;           // all that was in it is in rows now
  std::vector<TailEvent> fresh;  // appended
};

using TailChanges = boost::unordered_flat_map<std::int64_t, TailChange>;

// By how much the log grows.
struct LogGrowth {
  std::size_t events = 0;
  std::size_t bytes = 0;

  LogGrowth& operator+=(const LogGrowth& more) noexcept {
    events += more.events;
    bytes += more.bytes;
    return *this;
  }
};

class Tails {
 public:
  explicit Tails(const TailLimits& limits) noexcept : limits_(limits) {}

  const TailLimits& limits() const noexcept { return limits_; }

  // --- the writer's thread alone
  std::span<const TailEvent> of(std::int64_t conversation) const;

  struct Extent {
    std::size_t events = 0;
    std::size_t bytes = 0;
  };

  Extent extent_of(std::int64_t conversation) const;

  Version version() const noexcept { return version_; }

  bool empty() const noexcept { return held_bytes_ == 0; }

  std::size_t held_bytes() const noexcept { return held_bytes_; }

  // The first row of the log that holds an event which is in no row of `entry`.
  Version oldest_row() const noexcept;

  // Calls `fold(conversation)`, oldest first, for those whose events must leave the log or the
  // memory so that `more` finds room; their neighbours go with them. `fold` gives the bytes that
  // are held no more; 0: this one was folded already.
  template <class Fold>
  Outcome<void> make_room(const LogGrowth& more, Fold fold) const {
    // What is only old may wait: many that began together are not moved in one transaction.
    const std::size_t events_max =
        std::max(4 * more.events, std::min<std::size_t>(limits_.log_events, old_events_at_once));
    std::size_t moved = 0;
    std::size_t held = held_bytes_ + more.bytes;
    const auto enough = [&] { return moved >= events_max && held <= limits_.held_bytes; };
    const auto move = [&](std::int64_t conversation) -> Outcome<bool> {
      KITH_TRY(freed, fold(conversation));
      if (freed != 0) moved += of(conversation).size();
      held -= std::min(held, freed);
      return freed != 0;
    };
    for (const Age& age : ages_) {
      const bool old = logged_.events + more.events - age.logged.events > limits_.log_events ||
                       logged_.bytes + more.bytes - age.logged.bytes > limits_.log_bytes;
      if ((!old && held <= limits_.held_bytes) || enough()) break;
      if (!current(age)) continue;
      KITH_TRY(went, move(age.conversation));
      if (!went) continue;
      for (const std::int64_t conversation : going_with(age)) {
        if (enough()) break;
        KITH_CHECK(move(conversation));
      }
    }
    return {};
  }

  // Conversations whose row numbers fall into one block of so many.
  static constexpr std::int64_t neighbours = 16;
  static constexpr std::size_t old_events_at_once = 512;

  // The same for `events` events, whatever there is room for. `fold` gives how many it moved
  // besides.
  template <class Fold>
  Outcome<void> fold_oldest(std::size_t events, Fold fold) const {
    std::size_t done = 0;
    for (const Age& age : ages_) {
      if (done >= events) break;
      if (!current(age)) continue;
      done += of(age.conversation).size();
      KITH_TRY(besides, fold(age.conversation));
      done += besides;
    }
    return {};
  }

  // What is committed. From here on readers see it; a reader that sees the database as it was
  // before sees the tails as they were before.
  void publish(Version version, TailChanges& changes, const LogGrowth& growth);
  // Gives back the room of tables that were larger.
  void shrink();

  // --- any thread
  // What is kept for readers alone: nothing while none reads.
  std::size_t retired_bytes() const;

 private:
  friend class TailSnapshot;

  struct Retired {
    TailEvent event;
    Version folded = 0;
  };

  struct Tail {
    std::vector<TailEvent> events;
    std::vector<Retired> retired;  // for readers of older states, ascending
    std::size_t bytes = 0;         // of the events
    std::uint64_t age = 0;         // the number of its Age
  };

  // When a conversation's tail began; in order. Outlived, if the tail began anew since.
  struct Age {
    std::int64_t conversation = 0;
    std::uint64_t number = 0;
    LogGrowth logged;  // what had been logged before
    Version row = 0;
  };

  struct RetiredAt {
    Version folded = 0;
    std::int64_t conversation = 0;
  };

  using Dead = std::vector<std::vector<TailEvent>>;  // destroyed when the lock is free

  bool current(const Age& age) const;
  // The neighbours of `oldest` that are at least half as old, ascending: they change the same
  // pages.
  std::vector<std::int64_t> going_with(const Age& oldest) const;
  const Age& age_of(const Tail& tail) const;
  void change(Version version, std::int64_t conversation, TailChange& change, Dead& dead);
  void append(Tail& tail, std::int64_t conversation, TailEvent event);
  void free_retired();
  void free_first_retired();
  // Nobody reads: what was kept for readers goes, without waiting for the next commit.
  void free_all_retired(std::vector<std::vector<Retired>>& dead);
  Version oldest_pin() const noexcept;

  const TailLimits limits_;
  // Written by the writer alone under the lock; so it reads them without. What a tail has retired
  // anybody touches, under the lock.
  boost::unordered_flat_map<std::int64_t, std::unique_ptr<Tail>> tails_;
  Version version_ = 0;
  std::size_t held_bytes_ = 0;

  std::deque<Age> ages_;  // the writer's
  std::uint64_t ages_made_ = 0;
  LogGrowth logged_;  // in all

  mutable std::mutex mutex_;
  std::condition_variable published_;
  std::vector<Version> pins_;  // of the readers that read just now
  std::deque<RetiredAt> retired_;
  std::size_t retired_bytes_ = 0;
  Version gone_ = 0;  // states before it can not be read any more
  std::size_t waiting_ = 0;
};

// The tails as one read sees them. From before the read's transaction begins to its end.
class TailSnapshot {
 public:
  explicit TailSnapshot(Tails& tails);
  TailSnapshot(const TailSnapshot&) = delete;
  TailSnapshot& operator=(const TailSnapshot&) = delete;
  ~TailSnapshot();

  // The newest row of the log that the read's transaction sees. Waits for the writer if he has
  // committed it and not yet said so.
  void fix_at(Version version);

  // The events that are in no row which the transaction sees, ascending. Busy: it took too long.
  Outcome<std::vector<TailEvent>> of(std::int64_t conversation) const;
  // The last of them.
  Outcome<std::optional<TailEvent>> newest_of(std::int64_t conversation) const;

 private:
  Tails& tails_;
  Version pinned_ = 0;
  Version version_ = 0;
};

}  // namespace kith::adapters::sqlite
