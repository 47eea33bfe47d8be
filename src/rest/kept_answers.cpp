#include "rest/kept_answers.hpp"

#include "base/assert.hpp"

namespace kith::rest {

std::optional<KeptAnswers::Verdict> KeptAnswers::ask(const std::string& key,
                                                     const std::string& fingerprint,
                                                     Asker asker,
                                                     base::Instant now) {
  expire(now);
  const auto [at, fresh] = entries_.try_emplace(key);
  auto& entry = at->second;
  if (fresh) {
    entry.fingerprint = fingerprint;
    return First{};
  }
  if (entry.fingerprint != fingerprint)
    return base::Fault{base::Errc::conflict,
                       "this Idempotency-Key was used for another request: give each its own"};
  if (entry.answer) return *entry.answer;
  entry.waiting.push_back(asker);
  return std::nullopt;
}

KeptAnswers::Told KeptAnswers::settle(const std::string& key,
                                      std::optional<KeptAnswer> answer,
                                      base::Instant now) {
  Told told;
  const auto at = entries_.find(key);
  KITH_ASSERT(at != entries_.end() && !at->second.answer);
  auto& entry = at->second;
  if (!answer) {
    if (entry.waiting.empty()) {
      entries_.erase(at);
      return told;
    }
    told.emplace_back(entry.waiting.front(), First{});
    entry.waiting.erase(entry.waiting.begin());
    return told;
  }
  for (const auto& asker : std::exchange(entry.waiting, {}))
    told.emplace_back(asker, *answer);
  bytes_ += answer->body.size();
  entry.answer = std::move(answer);
  answered_.emplace_back(now + options_.kept, key);
  while (answered_.size() > options_.keys_max || bytes_ > options_.bytes_max)
    forget_oldest();
  return told;
}

void KeptAnswers::forget_oldest() {
  const auto at = entries_.find(answered_.front().second);
  bytes_ -= at->second.answer->body.size();
  entries_.erase(at);
  answered_.pop_front();
}

void KeptAnswers::expire(base::Instant now) {
  while (!answered_.empty() && answered_.front().first <= now)
    forget_oldest();
}

}  // namespace kith::rest
