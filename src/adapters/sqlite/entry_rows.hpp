#pragma once

#include "adapters/sqlite/log_record.hpp"
#include "adapters/sqlite/write_statements.hpp"

#include <cstddef>
#include <cstdint>

// Rows of `entry` are written behind all that are there, whatever their conversation, so that
// pages are filled one after the other and none is split; `run` tells where the events of a
// conversation lie. Of the writer, on its thread.
namespace kith::adapters::sqlite {

class EntryRows {
 public:
  explicit EntryRows(WriteStatements& statements) noexcept : statements_(statements) {}

  void committed() noexcept { kept_n_ = last_n_; }

  void roll_back() noexcept;

  // Events of one conversation, ascending; then end().
  Outcome<void> add(const EventRecord& event);
  Outcome<void> end();

  // Before the first of them: if the newest run of the conversation is short, its rows move behind
  // all others, and what is added continues it. How many moved. A run that does not hold what it
  // says stays as it is.
  Outcome<std::size_t> join_newest_run(std::int64_t conversation);

 private:
  struct Run {
    std::int64_t id = 0;  // and the others: of the last event
    std::size_t events = 0;
    base::No no = 0;
    base::WallTime ts;
  };

  Outcome<void> find_last();
  Outcome<void> insert(const EventRecord& event);
  Outcome<bool> holds_all(std::int64_t conversation, std::int64_t n, std::size_t events);
  Outcome<void> move(std::int64_t n, std::size_t events);

  WriteStatements& statements_;
  bool found_ = false;       // not before it is needed: a start reads no page of events
  std::int64_t kept_n_ = 0;  // the last row, as committed
  std::int64_t last_n_ = 0;  // ... and with what this transaction adds
  Run run_;                  // not told yet, if it has events
};

}  // namespace kith::adapters::sqlite
