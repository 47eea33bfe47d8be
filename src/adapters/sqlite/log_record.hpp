#pragma once

#include "domain/types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// The bytes of a row of the table `log`: what one transaction did to the logs of conversations.
namespace kith::adapters::sqlite {

// An event as the tables have it: conversation and users by the numbers of their rows. The names of
// the users stand beside them, so that whoever reads it asks no table. Views into what it was made
// of.
struct EventRecord {
  std::int64_t conversation = 0;
  base::Seq seq = 0;
  base::No no = 0;
  domain::EventKind kind = domain::EventKind::message;
  std::int64_t actor = 0;  // 0: nobody
  std::string_view actor_name;
  base::WallTime ts;
  std::string_view client_id;
  bool client_named = false;  // the client gave its id: it is looked for when he tries again
  std::uint64_t sent = 0;     // then: sent_hash; not among the bytes
  bool marks = false;         // with it the actor's reading marks rise to its numbers
  std::int64_t subject = 0;
  std::string_view subject_name;
  std::optional<domain::Role> role;
  std::optional<base::Cid> target;
  std::string_view body;
};

void append_event(std::string& to, const EventRecord& event);
// Nothing: these are not the bytes of one event.
std::optional<EventRecord> read_event_record(std::string_view bytes);

domain::LogEvent to_event(const EventRecord& record);

// Makes a row.
class LogRow {
 public:
  // All events of the conversation in earlier rows are rows of `entry` now.
  void add_folded(std::int64_t conversation);
  // A client's id that went into `entry` without passing through the log.
  void add_sent(std::uint64_t hash);

  // Where an event's own bytes lie in the row.
  struct Place {
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
  };

  Place add_event(const EventRecord& event);

  void expect(std::size_t bytes) { bytes_.reserve(bytes_.size() + bytes); }

  bool empty() const noexcept { return bytes_.empty(); }

  std::string_view bytes() const noexcept { return bytes_; }

  void clear() noexcept { bytes_.clear(); }

  std::string take() noexcept { return std::exchange(bytes_, {}); }

 private:
  std::string bytes_;
  std::string scratch_;
};

// Reads a row, one item after the other.
class LogRowReader {
 public:
  enum class Item : std::uint8_t { end, folded, sent, event, damaged };

  explicit LogRowReader(std::string_view bytes) noexcept : rest_(bytes) {}

  Item next();

  // Of the last item, what its kind has.
  std::int64_t conversation() const noexcept { return conversation_; }

  std::uint64_t sent() const noexcept { return sent_; }

  const EventRecord& event() const noexcept { return event_; }

  std::string_view event_bytes() const noexcept { return event_bytes_; }

 private:
  std::string_view rest_;
  std::int64_t conversation_ = 0;
  std::uint64_t sent_ = 0;
  EventRecord event_;
  std::string_view event_bytes_;
};

}  // namespace kith::adapters::sqlite
