#pragma once

#include "base/log.hpp"
#include "conversations/entries.hpp"
#include "ports/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace kith::delivery {

using conversations::ConversationKey;
using conversations::Seq;

// Compares what one reactor knows of logs with the database: slice by slice, one read at a time, at
// a bounded pace.
class Comparison {
 public:
  // What was read, of a conversation that was asked for. `known`: the highest head that was noted
  // when the read began.
  using Found = std::function<void(const ConversationKey& key, Seq known, Seq head)>;

  Comparison(ports::Reactor& reactor, ports::Store& store, Found found);
  ~Comparison();
  Comparison(const Comparison&) = delete;
  Comparison& operator=(const Comparison&) = delete;

  void watch(const ConversationKey& key);
  void forget(const ConversationKey& key);
  // The log is known to reach so far, if it is watched.
  void note(const ConversationKey& key, Seq head);
  // What was noted is void, and what is being read.
  void begin_again();
  // Wants a watched one to be compared.
  void want(const ConversationKey& key);
  // So many more may be read now. What is left of the last allowance is void.
  void allow(std::size_t heads);

  // Of what was wanted, not yet read.
  std::size_t waiting() const noexcept { return queue_.size(); }

 private:
  void read();
  void on_read(std::uint64_t generation,
               const std::vector<std::pair<ConversationKey, Seq>>& asked,
               const base::Result<std::vector<Seq>>& heads);

  struct Known {
    Seq head = 0;
    bool queued = false;
  };

  ports::Reactor& reactor_;
  ports::Store& store_;
  Found found_;
  boost::unordered_flat_map<ConversationKey, Known, base::KeyHash> known_;
  std::deque<ConversationKey> queue_;  // each at most once
  std::size_t allowed_ = 0;
  bool reading_ = false;
  std::uint64_t generation_ = 0;  // of what was noted
  std::shared_ptr<Comparison*> self_;
};

}  // namespace kith::delivery
