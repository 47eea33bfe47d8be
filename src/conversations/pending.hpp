#pragma once

#include "base/time.hpp"
#include "conversations/entries.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

namespace kith::conversations {

// A send that was handed to its writer lane and is not answered yet.
struct PendingSend {
  enum class Early : std::uint8_t { no, looked_for, shown };

  ConversationKey key;
  UserId sender;
  ClientId client_id;
  bool server_made_key = false;
  std::string body;  // only if it may be shown before it is stored
  WallTime ts;
  Seq after = 0;              // its number, if it is new, will be higher
  std::size_t listeners = 0;  // to whom it would be shown, at most
  Origin origin;
  base::Instant submitted_at;
  // The one before it in its conversation, and the last before it of another session than that:
  // while they are not answered.
  std::uint64_t ahead = 0;
  std::uint64_t ahead_of_others = 0;
  bool is_new = false;      // certainly not stored when it came: shown without a look
  Early early = Early::no;  // of this attempt
  bool to_settle = false;   // somebody was shown the message, by this attempt or one before it
  bool answered = false;
};

// The sends of one home that are on their way, in the order they were handed over: which of them
// have waited long enough to be shown, and since when the oldest waits. Bounded by what lanes take.
class Pending {
 public:
  // `first`: no other home's numbers may be near, where a message may be tried at both.
  explicit Pending(std::uint64_t first = 1) noexcept : first_(first) {}

  std::uint64_t next_number() const noexcept { return first_ + sends_.size(); }

  // Gets next_number(). `show_within`: after how long it is to be shown; nothing: never.
  // With `ahead`: its place among those of its conversation follows from that one.
  void add(PendingSend send, std::optional<base::Duration> show_within);
  PendingSend* find(std::uint64_t number) noexcept;  // null: it is answered
  void answered(std::uint64_t number);
  // Another attempt at the same message; null: there is none.
  PendingSend* find_twin(std::uint64_t number) noexcept;

  // Calls `show(number)` once for each that has become due.
  template <class Show>
  void take_due(base::Instant now, Show show);
  // When take_due is needed again.
  std::optional<base::Instant> next_due();
  std::optional<base::Instant> oldest() const noexcept;

  std::size_t size() const noexcept { return sends_.size(); }

 private:
  void skip_answered(std::deque<std::uint64_t>& numbers);

  std::uint64_t first_;            // the number of the front
  std::deque<PendingSend> sends_;  // the front is not answered
  // By show_within, of which there are as many as applications differ in it: within one the order
  // of arrival is the order of becoming due.
  std::map<base::Duration, std::deque<std::uint64_t>> due_;
};

template <class Show>
void Pending::take_due(base::Instant now, Show show) {
  for (auto& [within, numbers] : due_) {
    for (skip_answered(numbers); !numbers.empty(); skip_answered(numbers)) {
      const auto number = numbers.front();
      if (find(number)->submitted_at + within > now) break;
      numbers.pop_front();
      show(number);
    }
  }
}

}  // namespace kith::conversations
