#include "conversations/pending.hpp"

#include <algorithm>

namespace kith::conversations {

void Pending::add(PendingSend send, std::optional<base::Duration> show_within) {
  if (show_within) due_[*show_within].push_back(next_number());
  if (const auto* ahead = find(send.ahead)) {
    const auto* before = find(ahead->ahead);
    const bool other = before != nullptr && before->origin != ahead->origin;
    send.ahead_of_others = other ? ahead->ahead : ahead->ahead_of_others;
  }
  sends_.push_back(std::move(send));
}

PendingSend* Pending::find(std::uint64_t number) noexcept {
  if (number < first_ || number >= next_number()) return nullptr;
  auto& send = sends_[number - first_];
  return send.answered ? nullptr : &send;
}

void Pending::answered(std::uint64_t number) {
  auto* send = find(number);
  if (send == nullptr) return;
  send->answered = true;
  send->body = {};
  for (; !sends_.empty() && sends_.front().answered; ++first_)
    sends_.pop_front();
}

PendingSend* Pending::find_twin(std::uint64_t number) noexcept {
  const auto* send = find(number);
  if (send == nullptr) return nullptr;
  const auto twin = std::find_if(sends_.begin(), sends_.end(), [&](const auto& other) {
    return !other.answered && &other != send && other.client_id == send->client_id &&
           other.sender == send->sender && other.key == send->key;
  });
  return twin == sends_.end() ? nullptr : &*twin;
}

void Pending::skip_answered(std::deque<std::uint64_t>& numbers) {
  while (!numbers.empty() && find(numbers.front()) == nullptr)
    numbers.pop_front();
}

std::optional<base::Instant> Pending::next_due() {
  std::optional<base::Instant> next;
  for (auto& [within, numbers] : due_) {
    skip_answered(numbers);
    if (numbers.empty()) continue;
    const auto due = find(numbers.front())->submitted_at + within;
    next = next ? std::min(*next, due) : due;
  }
  return next;
}

std::optional<base::Instant> Pending::oldest() const noexcept {
  if (sends_.empty()) return std::nullopt;
  return sends_.front().submitted_at;
}

}  // namespace kith::conversations
