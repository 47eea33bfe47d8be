#pragma once

#include "base/ids.hpp"
#include "base/limits.hpp"
#include "base/time.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Connection state recovery: what a client that lost its connection had been sent, kept for a
// while. No journal of its own: the events are read from the logs again.
namespace kith::gateway {

// How far in which logs.
using Places = std::vector<std::pair<base::Cid, base::Seq>>;

// The last argument of every event, `REACTOR.NUMBER`: which one of those that reactor sent it was.
struct Offset {
  std::size_t reactor = 0;
  std::uint64_t number = 0;

  static std::optional<Offset> parse(std::string_view text) noexcept;
  std::string text() const;

  friend bool operator==(const Offset&, const Offset&) = default;
};

// The events of logs that one connection was sent, as far back as they are told apart.
class SentEvents {
 public:
  // `before`: the place in that log it moved on from.
  void note(std::uint64_t number, const base::Cid& cid, base::Seq before);
  // Lowers places to where they were when the event `number` was sent. False: that is too long ago.
  bool rewind(std::uint64_t number, Places& places) const;

  std::size_t bytes() const noexcept { return sent_.size() * sizeof(Sent); }

 private:
  struct Sent {
    std::uint64_t number;
    base::Cid cid;
    base::Seq before;
  };

  std::deque<Sent> sent_;        // at most recovery_events_max, the oldest go first
  std::uint64_t forgotten_ = 0;  // the highest number of those that went
};

// A session without a connection.
struct Parked {
  base::UserKey user;
  std::string sid;          // its Socket.IO id
  std::string epoch;        // of its places
  std::size_t reactor = 0;  // which sent it its events
  Places places;
  SentEvents sent;

  std::size_t bytes() const noexcept;
  // The places of a client that says what it got last. Nothing: it can not be known any more, or it
  // never got anything, not even `hello`.
  std::optional<Places> places_at(std::string_view offset) const;
};

// Those whose home is this reactor, by their pid: parked, or with a connection still. The oldest of
// the parked go when there are too many bytes of them.
class ParkedSessions {
 public:
  ParkedSessions(base::Duration keep_for, std::size_t bytes_max)
      : keep_for_(keep_for), bytes_max_(bytes_max) {}

  struct Place {
    std::size_t reactor = 0;
    std::uint64_t client = 0;

    friend bool operator==(const Place&, const Place&) = default;
  };

  void connect(const std::string& pid, Place place) { live_[pid] = place; }

  // The connection ended for good, if it still is the one of that place.
  void disconnect(const std::string& pid, Place place);
  void park(const std::string& pid, Parked session, base::Instant now);
  // Once, and for its user only.
  std::optional<Parked> take(const std::string& pid, const base::UserKey& user, base::Instant now);
  // Where it has a connection that may be dead without anybody knowing.
  std::optional<Place> find_live(const std::string& pid) const;
  void sweep(base::Instant now);

  std::size_t parked() const noexcept { return parked_.size(); }

  std::size_t live() const noexcept { return live_.size(); }

  std::size_t bytes() const noexcept { return bytes_; }

  std::size_t turns() const noexcept { return turns_.size(); }

 private:
  struct Kept {
    Parked session;
    std::uint64_t number;
  };

  struct Turn {
    base::Instant until;
    std::string pid;
    std::uint64_t number;
  };

  void drop(const std::string& pid, std::uint64_t number);

  base::Duration keep_for_;
  std::size_t bytes_max_;
  boost::unordered_flat_map<std::string, Place> live_;
  boost::unordered_flat_map<std::string, Kept> parked_;
  std::deque<Turn> turns_;  // of the parked, and of some that were taken; the oldest first
  std::uint64_t next_number_ = 1;
  std::size_t bytes_ = 0;
};

}  // namespace kith::gateway
