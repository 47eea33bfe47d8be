#pragma once

#include "adapters/sqlite/entry_rows.hpp"
#include "adapters/sqlite/filter_table.hpp"
#include "adapters/sqlite/log_record.hpp"
#include "adapters/sqlite/sent_filter.hpp"
#include "adapters/sqlite/tails.hpp"
#include "adapters/sqlite/write_statements.hpp"
#include "ports/store.hpp"

#include <cstdint>
#include <optional>
#include <vector>

// Events on their way into the database: one row of the log for each WriteStep, and from there to
// the rows of their conversations, many at a time, in the transaction that makes them due. Of the
// writer, on its thread; sees what the transaction at hand has done so far.
namespace kith::adapters::sqlite {

class Backlog {
 public:
  Backlog(WriteStatements& statements, Tails& tails, SentFilter& filter, FilterTable& filter_table);

  void begin();
  void committed();  // readers see it from here on
  void roll_back();

  // --- what is not in the rows of the conversation
  struct Numbers {
    base::Seq seq = 0;
    base::No no = 0;
  };

  std::optional<Numbers> newest(std::int64_t conversation) const;
  // Nothing: the rows tell.
  std::optional<base::No> count_at(std::int64_t conversation, base::Seq seq) const;
  void raise_marks(std::int64_t conversation, std::int64_t user, domain::Member& member) const;

  struct SentKey {
    std::int64_t conversation = 0;
    std::int64_t sender = 0;
    std::string_view client_id;
    std::uint64_t hash = 0;
  };

  // What a client sent under this id, in the log or in the rows.
  Outcome<std::optional<ports::StoredSend>> find_sent(const SentKey& key);

  // --- a WriteStep, in this order. What `add` was given lives until write_log().
  // A broken rule, if the sender used this client id before.
  Outcome<void> add(const EventRecord& event);
  // Moves the conversation's events to rows now, those added in this step too.
  Outcome<void> fold_now(std::int64_t conversation);
  // The reading marks of the user rise to those of his own message in this step; false: it has to
  // be written by the caller.
  bool mark(const Numbers& numbers, std::int64_t conversation, std::int64_t user);
  Outcome<void> write_log();

  // --- when there is time, or at the end: moves about `events` events to rows, the oldest first.
  // Joined, they continue the short runs that are there: few events at a time would leave a
  // conversation scattered over the file.
  enum class Runs : std::uint8_t { begin, join };
  Outcome<void> fold_oldest(std::size_t events, Runs runs);
  // Nothing is left in the tails: leaves one row, that says nothing, in the log.
  Outcome<void> close_log();

  bool closed() const noexcept { return closed_; }

  // What a start found in the log.
  struct FoundLog {
    bool closed = true;
    Version first_row = 0;
    LogGrowth unsaved;  // above what the saved filter covers
  };

  void start_from(const FoundLog& found) noexcept;

 private:
  static constexpr std::size_t none = ~std::size_t{0};

  struct Record {
    EventRecord event;
    std::uint64_t sent = 0;
    std::size_t before = none;  // in this step and conversation
    bool in_rows = false;
    LogRow::Place place;  // in the row of the log, unless in rows
  };

  // Of a conversation, in this step.
  struct Touched {
    std::size_t last = none;
    std::size_t events = 0;
    std::size_t bytes = 0;
    bool folded = false;
  };

  // The same where the filter said "maybe"; those of this step not.
  Outcome<std::optional<ports::StoredSend>> find_stored(const SentKey& key);
  bool sent_in_step(const Record& record, std::size_t last) const;
  const TailChange* change_of(std::int64_t conversation) const;
  // Calls f for each event in the tail, oldest first; those of this step not.
  template <class F>
  void each(std::int64_t conversation, F f) const;
  Tails::Extent extent_of(std::int64_t conversation) const;
  Outcome<std::size_t> fold(std::int64_t conversation);
  Outcome<void> fold_due();
  Outcome<void> join_newest_run(std::int64_t conversation);
  Outcome<void> move_to_rows(const EventRecord& event);
  Outcome<void> write_marks(std::int64_t conversation);
  void note_mark(const EventRecord& event);
  Outcome<void> log_events();
  Outcome<void> insert_log_row(Version row);
  void lengthen_tails(Version row);
  Outcome<void> delete_old_rows(Version row);
  Outcome<void> save_filter(Version row);
  void end_step();

  struct Mark {
    std::int64_t user = 0;
    Numbers to;
  };

  WriteStatements& statements_;
  Tails& tails_;
  SentFilter& filter_;
  FilterTable& filter_table_;
  EntryRows entries_;
  bool closed_ = true;     // the log says nothing
  Version first_row_ = 0;  // of the log
  LogGrowth unsaved_;      // since the filter was saved

  // --- of the transaction
  TailChanges changes_;
  LogGrowth growth_;
  Version row_ = 0;  // the last of the log
  Version first_row_left_ = 0;
  bool closing_ = false;
  bool joining_ = false;
  std::size_t joined_ = 0;  // rows moved by the last fold besides its own
  bool saved_ = false;

  // --- of the step
  std::vector<Record> records_;
  boost::unordered_flat_map<std::int64_t, Touched> touched_;
  LogRow log_row_;

  std::vector<Mark> marks_;         // of one fold
  std::vector<std::size_t> chain_;  // likewise: its records, the last first
};

}  // namespace kith::adapters::sqlite
