#include "delivery/comparison.hpp"

#include "base/limits.hpp"

#include <algorithm>

namespace kith::delivery {

namespace limits = base::limits;

Comparison::Comparison(ports::Reactor& reactor, ports::Store& store, Found found)
    : reactor_(reactor),
      store_(store),
      found_(std::move(found)),
      self_(std::make_shared<Comparison*>(this)) {}

Comparison::~Comparison() {
  *self_ = nullptr;
}

void Comparison::watch(const ConversationKey& key) {
  known_.try_emplace(key);
}

void Comparison::note(const ConversationKey& key, Seq head) {
  const auto it = known_.find(key);
  if (it != known_.end()) it->second.head = std::max(it->second.head, head);
}

void Comparison::forget(const ConversationKey& key) {
  known_.erase(key);  // what is queued is passed over
}

void Comparison::want(const ConversationKey& key) {
  const auto it = known_.find(key);
  if (it == known_.end() || std::exchange(it->second.queued, true)) return;
  queue_.push_back(key);
}

void Comparison::allow(std::size_t heads) {
  allowed_ = heads;
  read();
}

void Comparison::read() {
  if (reading_ || queue_.empty() || allowed_ == 0) return;
  std::vector<ConversationKey> keys;
  std::vector<std::pair<ConversationKey, Seq>> asked;
  while (!queue_.empty() && keys.size() < std::min(allowed_, limits::compared_heads_slice)) {
    const auto key = queue_.front();
    queue_.pop_front();
    const auto it = known_.find(key);
    if (it == known_.end() || !std::exchange(it->second.queued, false)) continue;
    keys.push_back(key);
    asked.emplace_back(key, it->second.head);
  }
  if (keys.empty()) return;
  allowed_ -= keys.size();
  reading_ = true;
  store_.heads(reactor_,
               std::move(keys),
               [self = self_, generation = generation_, asked = std::move(asked)](auto heads) {
                 if (*self != nullptr) (*self)->on_read(generation, asked, heads);
               });
}

void Comparison::begin_again() {
  ++generation_;
  for (auto& [key, known] : known_)
    known.head = 0;
}

void Comparison::on_read(std::uint64_t generation,
                         const std::vector<std::pair<ConversationKey, Seq>>& asked,
                         const base::Result<std::vector<Seq>>& heads) {
  reading_ = false;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto& [key, known] = asked[i];
    if (heads.has_error() || generation != generation_)
      want(key);  // with the next allowance
    else if (known_.contains(key))
      found_(key, known, (*heads)[i]);
  }
  if (heads.has_error())
    allowed_ = 0;
  else
    read();
}

}  // namespace kith::delivery
