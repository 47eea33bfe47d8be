#pragma once

#include "adapters/sqlite/check.hpp"
#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/log_record.hpp"
#include "adapters/sqlite/sent_filter.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kith::adapters::sqlite {

// SQL that is true where a stored body can be read (domain/body.hpp), given the SQL of its event's
// kind and of itself. A message always has one.
std::string readable_body(std::string_view kind, std::string_view body);

// The events that stand in `log` and are not rows of `entry` yet, read for a check: as many as the
// log's bounds allow.
class CheckedLog {
 public:
  struct Event {
    base::Seq seq = 0;
    base::No no = 0;
    domain::EventKind kind{};
    std::int64_t actor = 0;
    std::string actor_name;  // these two where the client named it
    std::string client_id;
    bool covered = false;  // its row is one the saved filter covers
  };

  // Rows above `covered` go into the filter, as a start would put them there.
  Outcome<void> read(Connection& connection,
                     SentFilter& filter,
                     std::uint64_t covered,
                     Findings& findings);

  // Oldest first.
  const std::vector<Event>& of(std::int64_t conversation) const;

  // Conversations that have such events.
  std::vector<std::int64_t> conversations() const;

 private:
  Outcome<void> read_row(std::string_view bytes, std::uint64_t row, bool covered);
  Outcome<void> keep(const EventRecord& event, bool covered);
  Outcome<void> put_named(const EventRecord& event);
  Outcome<void> judge_body(const EventRecord& event, std::uint64_t row);

  SentFilter* filter_ = nullptr;
  Statement find_;  // a conversation's key
  Statement readable_;
  Findings* findings_ = nullptr;
  boost::unordered_flat_map<std::int64_t, std::vector<Event>> tails_;
};

}  // namespace kith::adapters::sqlite
