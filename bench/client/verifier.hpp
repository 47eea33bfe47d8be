#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

namespace kith::bench {

// The members of one conversation, as numbers of users, ascending.
class Audience {
 public:
  static Audience range(std::uint32_t first, std::uint32_t count);
  static Audience of(std::vector<std::uint32_t> users);  // sorted here

  std::size_t size() const noexcept { return count_; }

  bool slot_of(std::uint32_t user, std::size_t& slot) const noexcept;
  std::uint32_t user_at(std::size_t slot) const noexcept;

 private:
  std::uint32_t first_ = 0;
  std::size_t count_ = 0;
  std::vector<std::uint32_t> users_;  // empty: first_ and those that follow it
};

struct Sums {
  std::uint64_t sent = 0;
  std::uint64_t acked = 0;
  std::uint64_t expected = 0;  // deliveries of what was acked
  std::uint64_t delivered = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;
  std::uint64_t refused = 0;
  std::uint64_t unanswered = 0;
  std::uint64_t again = 0;    // once more, after a reconnect
  std::uint64_t strange = 0;  // to one who is no member, or a number nobody sent

  void add(const Sums& other) noexcept;
};

// Keeps for every sender in a conversation (a stream) and every receiver which numbers came, and in
// which order.
class Verifier {
 public:
  enum class Seen : std::uint8_t { first, again, duplicate, reordered, strange };

  static constexpr std::size_t gaps_max = 1'000'000;  // numbers that are missing now; more are lost

  std::uint32_t add_conversation(Audience members);
  // `from` is no receiver of his own stream. `acks`: what is not answered is not expected anywhere.
  std::uint32_t add_stream(std::uint32_t conversation, std::uint32_t from, bool acks = true);

  std::uint32_t next_number(std::uint32_t stream) noexcept { return streams_[stream].sent++; }

  void acked(std::uint32_t stream) noexcept { ++streams_[stream].acked; }

  void refused(std::uint32_t stream, std::uint32_t number) {
    streams_[stream].refused.insert(number);
  }

  // `session` tells one connection of a user from his next.
  Seen received(std::uint32_t stream,
                std::uint32_t user,
                std::uint32_t session,
                std::uint32_t number);

  std::uint32_t stream_count() const noexcept {
    return static_cast<std::uint32_t>(streams_.size());
  }

  std::uint32_t sender(std::uint32_t stream) const noexcept { return streams_[stream].from; }

  std::uint32_t conversation(std::uint32_t stream) const noexcept {
    return streams_[stream].conversation;
  }

  std::uint32_t sent(std::uint32_t stream) const noexcept { return streams_[stream].sent; }

  std::uint64_t refused_count(std::uint32_t stream) const noexcept {
    return streams_[stream].refused.size();
  }

  std::uint64_t fan_out(std::uint32_t stream) const noexcept { return streams_[stream].receivers; }

  // Messages of the stream that all receivers have, as if deliveries came in order.
  std::uint64_t complete(std::uint32_t stream) const noexcept {
    const Stream& s = streams_[stream];
    return s.receivers == 0 ? s.sent : s.delivered / s.receivers;
  }

  std::uint64_t again() const noexcept { return found_.again; }

  // Nothing is on its way any more: everything was answered, and what was acked is with all.
  bool settled() const noexcept;
  bool settled(std::uint32_t stream) const noexcept;
  // What is in flight; `open(stream, number)` are the sends that have no answer.
  Sums judge(const std::set<std::pair<std::uint32_t, std::uint32_t>>& open) const;

 private:
  struct Stream {
    std::uint32_t conversation = 0;
    std::uint32_t from = 0;
    std::uint32_t sent = 0;
    std::uint32_t acked = 0;
    std::uint64_t delivered = 0;
    std::uint64_t receivers = 0;
    std::size_t base = 0;  // of its members' receptions
    bool acks = true;
    std::set<std::uint32_t> refused;
  };

  struct Reception {
    std::uint32_t next = 0;
    std::uint32_t session = 0;
    std::uint32_t session_next = 0;
  };

  void note_gap(std::size_t reception, std::uint32_t from, std::uint32_t to);
  std::uint64_t lost_of(const Stream& stream,
                        std::uint32_t index,
                        std::size_t slot,
                        const std::set<std::pair<std::uint32_t, std::uint32_t>>& open) const;

  std::vector<Audience> conversations_;
  std::vector<Stream> streams_;
  std::vector<Reception> receptions_;
  std::set<std::pair<std::size_t, std::uint32_t>> gaps_;  // reception, number
  Sums found_;
};

}  // namespace kith::bench
