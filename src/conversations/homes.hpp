#pragma once

#include "base/ids.hpp"
#include "conversations/entries.hpp"
#include "ports/reactor.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kith::conversations {

// Hears, on its reactor, what was committed in the conversations that have their home there, in the
// order of their logs.
class CommitSink {
 public:
  CommitSink() = default;
  CommitSink(const CommitSink&) = delete;
  CommitSink& operator=(const CommitSink&) = delete;
  virtual ~CommitSink() = default;
  virtual void on_committed(const Committed& committed) = 0;
  // A send of its own, by its number there (0: nobody counted it), has its answer.
  virtual void on_answered(std::uint64_t number, const base::Result<SendResult>& result) = 0;
};

// Where conversations live: every reactor is home to the keys that hash to it.
struct Homes {
  std::vector<ports::Reactor*> reactors;
  std::vector<CommitSink*> sinks;  // parallel

  std::size_t index_of(const ConversationKey& key) const noexcept {
    // The upper half: the lower bits choose the bucket in the maps of one reactor.
    return (base::KeyHash{}(key) >> 32) % reactors.size();
  }
};

}  // namespace kith::conversations
