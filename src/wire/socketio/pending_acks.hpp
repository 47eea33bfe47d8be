#pragma once

#include "base/limits.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "base/time.hpp"
#include "wire/json/value.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kith::wire::socketio {

// What a client answered to an event of the server. Lives during the call it is given to.
struct AckReply {
  json::Items args;
  std::span<const std::string> attachments;
};

// The events of one namespace socket that the client was asked to acknowledge, and its counter of
// ids. Takes no memory while nothing is asked. Each callback is called at most once, after it left
// this object: it may ask again.
class PendingAcks {
 public:
  using Callback = base::MoveOnlyFunction<void(base::Result<AckReply>)>;

  explicit PendingAcks(std::size_t count_max = base::limits::pending_acks_max) noexcept
      : count_max_(count_max) {}

  // The id to send. `overloaded`: the client owes too many answers, the callback is dropped.
  base::Result<std::uint64_t> add(base::Instant deadline, Callback callback);
  // An answer arrived. False, and nothing happens, if nobody asked, or it was answered or expired
  // before.
  bool resolve(std::uint64_t id, const AckReply& reply);
  // Those whose deadline is not after `now` hear `unavailable`. The owner's timer calls it at
  // next_deadline().
  void expire(base::Instant now);
  std::optional<base::Instant> next_deadline() const noexcept;
  // The socket is gone: all hear `fault`.
  void fail_all(const base::Fault& fault);

  std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    std::uint64_t id = 0;
    base::Instant deadline;
    Callback callback;
  };

  std::size_t count_max_;
  std::uint64_t next_id_ = 0;
  std::vector<Entry> entries_;  // ascending ids; short
};

}  // namespace kith::wire::socketio
