#pragma once

#include "adapters/sqlite/tails.hpp"
#include "domain/types.hpp"
#include "ports/store.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace kith::adapters::sqlite {

// What a conversation's tail adds to what its rows say, for one read.
class Overlay {
 public:
  explicit Overlay(std::vector<TailEvent> events) : events_(std::move(events)) {}

  // Leaves out what came after the event `until`; 0: nothing did.
  void end_at(base::Seq until);

  bool empty() const noexcept { return events_.empty(); }

  // The oldest and the newest event. Not of an empty one.
  EventRecord first() const { return events_.front().record(); }

  EventRecord last() const { return events_.back().record(); }

  void raise_head(domain::Conversation& row) const;
  // The events are looked through once, however many members are asked about.
  void raise_marks(std::int64_t user, domain::Member& member);
  // The newest message at or above `from`.
  std::optional<domain::LogEvent> last_message(base::Seq from) const;
  std::optional<ports::StoredSend> find_sent(std::int64_t sender, std::string_view client_id) const;
  // The events that the query asks for, ascending; the caller counts them.
  std::vector<EventRecord> in_range(const ports::PageQuery& query) const;

 private:
  struct Marks {
    std::int64_t user = 0;
    base::Seq read_seq = 0;
    base::No read_no = 0;
  };

  std::vector<Marks> collect_marks() const;

  std::vector<TailEvent> events_;
  std::optional<std::vector<Marks>> marks_;  // of users, each once
};

}  // namespace kith::adapters::sqlite
