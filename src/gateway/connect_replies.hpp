#pragma once

#include "base/task.hpp"
#include "base/time.hpp"
#include "ports/reactor.hpp"
#include "wire/engineio/message.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace kith::gateway {

// Replies to CONNECT, with `hello`, that wait for what follows them: the first events leave with
// them, in one write that wakes the client once. None waits longer than connect_reply_wait_ms.
class ConnectReplies {
 public:
  using Messages = std::vector<wire::engineio::OutMessage>;

  // `overdue` is called with a client whose reply has waited long enough; it takes it.
  ConnectReplies(ports::Reactor& reactor, base::MoveOnlyFunction<void(std::uint64_t)> overdue);

  void hold(std::uint64_t client, Messages reply);
  Messages take(std::uint64_t client);  // empty: none waits

  std::size_t waiting() const noexcept { return held_.size(); }

 private:
  void on_alarm();
  void watch();

  struct Due {
    base::Instant at;
    std::uint64_t client;
  };

  ports::Reactor& reactor_;
  base::MoveOnlyFunction<void(std::uint64_t)> overdue_;
  boost::unordered_flat_map<std::uint64_t, Messages> held_;
  std::deque<Due> due_;  // also of those that were taken since: at most as many as came meanwhile
  ports::Alarm<ConnectReplies, &ConnectReplies::on_alarm> alarm_{*this};
};

}  // namespace kith::gateway
