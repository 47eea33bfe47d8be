#include "wire/socketio/pending_acks.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace kith::wire::socketio {
namespace {

constexpr base::Fault too_many{base::Errc::overloaded,
                               "wait until the client answered earlier events"};
constexpr base::Fault unanswered{base::Errc::unavailable,
                                 "the client did not answer in time; send the event again"};

}  // namespace

base::Result<std::uint64_t> PendingAcks::add(base::Instant deadline, Callback callback) {
  if (entries_.size() >= count_max_) return too_many;
  entries_.push_back({next_id_, deadline, std::move(callback)});
  return next_id_++;
}

bool PendingAcks::resolve(std::uint64_t id, const AckReply& reply) {
  const auto at =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.id == id; });
  if (at == entries_.end()) return false;
  Callback callback = std::move(at->callback);
  entries_.erase(at);
  if (entries_.empty()) entries_.shrink_to_fit();
  callback(reply);
  return true;
}

void PendingAcks::expire(base::Instant now) {
  const auto due = std::stable_partition(
      entries_.begin(), entries_.end(), [&](const Entry& e) { return e.deadline > now; });
  std::vector<Entry> expired{std::make_move_iterator(due), std::make_move_iterator(entries_.end())};
  entries_.erase(due, entries_.end());
  if (entries_.empty()) entries_.shrink_to_fit();
  for (Entry& entry : expired)
    entry.callback(unanswered);
}

std::optional<base::Instant> PendingAcks::next_deadline() const noexcept {
  const auto first =
      std::min_element(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
        return a.deadline < b.deadline;
      });
  if (first == entries_.end()) return std::nullopt;
  return first->deadline;
}

void PendingAcks::fail_all(const base::Fault& fault) {
  std::vector<Entry> all = std::exchange(entries_, {});
  for (Entry& entry : all)
    entry.callback(fault);
}

}  // namespace kith::wire::socketio
