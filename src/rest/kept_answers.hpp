#pragma once

#include "base/fault.hpp"
#include "base/limits.hpp"
#include "base/time.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace kith::rest {

// What was answered to a write that succeeded.
struct KeptAnswer {
  std::string body;
};

// What was written under keys that their senders may use again for the same request: it is done
// once, and answered as often as it is asked. Of one reactor; which one a key belongs to is its
// hash. In memory: a restart forgets. Only what succeeded is kept: after an error the same key
// tries again.
class KeptAnswers {
 public:
  struct Options {
    std::size_t keys_max = base::limits::idempotency_keys_max;
    std::size_t bytes_max = base::limits::idempotency_bytes_max;
    base::Duration kept = std::chrono::seconds{base::limits::idempotency_kept_s};
  };

  // A request that waits to hear what becomes of it.
  struct Asker {
    std::size_t reactor = 0;
    std::uint64_t number = 0;  // there
  };

  struct First {};  // nobody else does it: do it, then `settle`

  using Verdict = std::variant<First, KeptAnswer, base::Fault>;
  using Told = std::vector<std::pair<Asker, Verdict>>;

  explicit KeptAnswers(Options options) : options_(options) {}

  KeptAnswers() : KeptAnswers(Options{}) {}

  // `fingerprint`: of the request; another one under a known key is a `conflict`. Nothing: the same
  // request is being done, and `settle` tells what came of it.
  std::optional<Verdict> ask(const std::string& key,
                             const std::string& fingerprint,
                             Asker asker,
                             base::Instant now);

  // It was done, or came to nothing: then the next of those who wait does it. Whom to tell what.
  Told settle(const std::string& key, std::optional<KeptAnswer> answer, base::Instant now);

  std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    std::string fingerprint;
    std::optional<KeptAnswer> answer;  // none: being done
    std::vector<Asker> waiting;        // at most rest_in_flight_max of each reactor
  };

  void forget_oldest();
  void expire(base::Instant now);

  Options options_;
  boost::unordered_flat_map<std::string, Entry> entries_;
  std::deque<std::pair<base::Instant, std::string>> answered_;  // until when, oldest first
  std::size_t bytes_ = 0;                                       // of the answers
};

}  // namespace kith::rest
