#include "gateway/recovery.hpp"

#include <algorithm>
#include <charconv>

namespace kith::gateway {
namespace {

constexpr std::size_t turns_spare = 64;

template <class Number>
bool read_number(std::string_view text, Number& value) noexcept {
  const auto* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  return !text.empty() && error == std::errc{} && at == end;
}

}  // namespace

std::optional<Offset> Offset::parse(std::string_view text) noexcept {
  const auto dot = text.find('.');
  Offset offset;
  if (dot == std::string_view::npos || !read_number(text.substr(0, dot), offset.reactor) ||
      !read_number(text.substr(dot + 1), offset.number))
    return std::nullopt;
  return offset;
}

std::string Offset::text() const {
  return std::to_string(reactor) + "." + std::to_string(number);
}

void SentEvents::note(std::uint64_t number, const base::Cid& cid, base::Seq before) {
  if (sent_.size() == base::limits::recovery_events_max) {
    forgotten_ = sent_.front().number;
    sent_.pop_front();
  }
  sent_.push_back({number, cid, before});
}

bool SentEvents::rewind(std::uint64_t number, Places& places) const {
  if (number < forgotten_) return false;
  boost::unordered_flat_map<base::Cid, base::Seq, base::KeyHash> lowest;
  for (const auto& sent : sent_) {
    if (sent.number <= number) continue;
    const auto [at, first] = lowest.emplace(sent.cid, sent.before);
    if (!first) at->second = std::min(at->second, sent.before);
  }
  for (auto& [cid, seq] : places)
    if (const auto missed = lowest.find(cid); missed != lowest.end())
      seq = std::min(seq, missed->second);
  return true;
}

std::size_t Parked::bytes() const noexcept {
  return sizeof *this + user.user.str().size() + sid.size() + epoch.size() +
         places.size() * sizeof places.front() + sent.bytes();
}

std::optional<Places> Parked::places_at(std::string_view offset) const {
  const auto known = Offset::parse(offset);
  if (!known) return std::nullopt;
  // What another reactor sent was before this connection: of this one it got nothing.
  const auto number = known->reactor == reactor ? known->number : 0;
  auto at = places;
  if (!sent.rewind(number, at)) return std::nullopt;
  return at;
}

void ParkedSessions::disconnect(const std::string& pid, Place place) {
  const auto known = live_.find(pid);
  if (known != live_.end() && known->second == place) live_.erase(known);
}

void ParkedSessions::park(const std::string& pid, Parked session, base::Instant now) {
  live_.erase(pid);
  sweep(now);
  if (const auto old = parked_.find(pid); old != parked_.end()) drop(pid, old->second.number);
  bytes_ += session.bytes();
  const auto number = next_number_++;
  parked_.emplace(pid, Kept{std::move(session), number});
  turns_.push_back({now + keep_for_, pid, number});
  while (bytes_ > bytes_max_) {
    drop(turns_.front().pid, turns_.front().number);
    turns_.pop_front();
  }
}

void ParkedSessions::drop(const std::string& pid, std::uint64_t number) {
  const auto kept = parked_.find(pid);
  if (kept == parked_.end() || kept->second.number != number) return;  // it was taken since
  bytes_ -= kept->second.session.bytes();
  parked_.erase(kept);
}

std::optional<Parked> ParkedSessions::take(const std::string& pid,
                                           const base::UserKey& user,
                                           base::Instant now) {
  sweep(now);
  const auto kept = parked_.find(pid);
  if (kept == parked_.end() || kept->second.session.user != user) return std::nullopt;
  bytes_ -= kept->second.session.bytes();
  auto session = std::move(kept->second.session);
  parked_.erase(kept);
  // The turns of those that were taken go with their time: not when there are mostly such.
  if (turns_.size() > 2 * parked_.size() + turns_spare)
    std::erase_if(turns_, [this](const auto& turn) {
      const auto still = parked_.find(turn.pid);
      return still == parked_.end() || still->second.number != turn.number;
    });
  return session;
}

std::optional<ParkedSessions::Place> ParkedSessions::find_live(const std::string& pid) const {
  const auto known = live_.find(pid);
  return known == live_.end() ? std::nullopt : std::optional{known->second};
}

void ParkedSessions::sweep(base::Instant now) {
  while (!turns_.empty() && turns_.front().until <= now) {
    drop(turns_.front().pid, turns_.front().number);
    turns_.pop_front();
  }
}

}  // namespace kith::gateway
