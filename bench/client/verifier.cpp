#include "client/verifier.hpp"

#include <algorithm>

namespace kith::bench {

Audience Audience::range(std::uint32_t first, std::uint32_t count) {
  Audience audience;
  audience.first_ = first;
  audience.count_ = count;
  return audience;
}

Audience Audience::of(std::vector<std::uint32_t> users) {
  Audience audience;
  std::sort(users.begin(), users.end());
  audience.count_ = users.size();
  audience.users_ = std::move(users);
  return audience;
}

bool Audience::slot_of(std::uint32_t user, std::size_t& slot) const noexcept {
  if (users_.empty()) {
    slot = user - first_;
    return user >= first_ && slot < count_;
  }
  const auto found = std::lower_bound(users_.begin(), users_.end(), user);
  slot = static_cast<std::size_t>(found - users_.begin());
  return found != users_.end() && *found == user;
}

std::uint32_t Audience::user_at(std::size_t slot) const noexcept {
  return users_.empty() ? first_ + static_cast<std::uint32_t>(slot) : users_[slot];
}

void Sums::add(const Sums& other) noexcept {
  sent += other.sent;
  acked += other.acked;
  expected += other.expected;
  delivered += other.delivered;
  lost += other.lost;
  duplicated += other.duplicated;
  reordered += other.reordered;
  refused += other.refused;
  unanswered += other.unanswered;
  again += other.again;
  strange += other.strange;
}

std::uint32_t Verifier::add_conversation(Audience members) {
  conversations_.push_back(std::move(members));
  return static_cast<std::uint32_t>(conversations_.size() - 1);
}

std::uint32_t Verifier::add_stream(std::uint32_t conversation, std::uint32_t from, bool acks) {
  Stream stream;
  stream.conversation = conversation;
  stream.from = from;
  stream.acks = acks;
  stream.base = receptions_.size();
  const Audience& members = conversations_[conversation];
  std::size_t own = 0;
  stream.receivers = members.size() - (members.slot_of(from, own) ? 1 : 0);
  receptions_.resize(receptions_.size() + members.size());
  streams_.push_back(std::move(stream));
  return static_cast<std::uint32_t>(streams_.size() - 1);
}

Verifier::Seen Verifier::received(std::uint32_t stream,
                                  std::uint32_t user,
                                  std::uint32_t session,
                                  std::uint32_t number) {
  std::size_t slot = 0;
  if (stream >= streams_.size() || number >= streams_[stream].sent ||
      !conversations_[streams_[stream].conversation].slot_of(user, slot)) {
    ++found_.strange;
    return Seen::strange;
  }
  Stream& s = streams_[stream];
  if (user == s.from) return Seen::again;  // his own words, on another of his connections
  const std::size_t index = s.base + slot;
  Reception& r = receptions_[index];
  if (r.session != session) {
    r.session = session;
    r.session_next = 0;
  }
  const bool backwards = number < r.session_next;
  if (!backwards) r.session_next = number + 1;
  if (number >= r.next) {
    if (number > r.next) note_gap(index, r.next, number);
    r.next = number + 1;
    ++s.delivered;
    return Seen::first;
  }
  if (gaps_.erase({index, number}) != 0) {
    ++found_.reordered;
    ++s.delivered;
    return Seen::reordered;
  }
  if (!backwards) {
    ++found_.again;
    return Seen::again;
  }
  ++found_.duplicated;
  return Seen::duplicate;
}

void Verifier::note_gap(std::size_t reception, std::uint32_t from, std::uint32_t to) {
  for (std::uint32_t number = from; number < to; ++number) {
    if (gaps_.size() < gaps_max) {
      gaps_.insert({reception, number});
    } else {
      ++found_.lost;
    }
  }
}

bool Verifier::settled(std::uint32_t stream) const noexcept {
  const Stream& s = streams_[stream];
  const std::uint64_t arrived = s.acks ? s.acked : s.sent;
  return s.sent == arrived + s.refused.size() && s.delivered >= arrived * s.receivers;
}

bool Verifier::settled() const noexcept {
  for (std::uint32_t i = 0; i < streams_.size(); ++i)
    if (!settled(i)) return false;
  return true;
}

std::uint64_t Verifier::lost_of(
    const Stream& stream,
    std::uint32_t index,
    std::size_t slot,
    const std::set<std::pair<std::uint32_t, std::uint32_t>>& open) const {
  const auto is_lost = [&](std::uint32_t number) {
    return !stream.refused.contains(number) && !open.contains({index, number});
  };
  const std::size_t reception = stream.base + slot;
  std::uint64_t lost = 0;
  for (auto gap = gaps_.lower_bound({reception, 0}); gap != gaps_.end() && gap->first == reception;
       ++gap)
    lost += is_lost(gap->second) ? 1 : 0;
  for (std::uint32_t number = receptions_[reception].next; number < stream.sent; ++number)
    lost += is_lost(number) ? 1 : 0;
  return lost;
}

Sums Verifier::judge(const std::set<std::pair<std::uint32_t, std::uint32_t>>& open) const {
  Sums sums = found_;
  for (std::uint32_t i = 0; i < streams_.size(); ++i) {
    const Stream& s = streams_[i];
    sums.sent += s.sent;
    sums.acked += s.acked;
    sums.refused += s.refused.size();
    sums.delivered += s.delivered;
    sums.expected += (s.acks ? s.acked : s.sent) * s.receivers;
    const Audience& members = conversations_[s.conversation];
    for (std::size_t slot = 0; slot < members.size(); ++slot)
      if (members.user_at(slot) != s.from) sums.lost += lost_of(s, i, slot, open);
  }
  sums.unanswered = open.size();
  return sums;
}

}  // namespace kith::bench
