#include "delivery/session.hpp"

#include "base/limits.hpp"
#include "delivery/attachment.hpp"
#include "delivery/hub.hpp"

#include <algorithm>

namespace kith::delivery {

namespace limits = base::limits;

namespace {

using Acks = std::vector<std::pair<ConversationKey, Seq>>;

void keep(Acks& acks, Acks::value_type ack, std::size_t at_most) {
  if (acks.size() == at_most) acks.erase(acks.begin());
  acks.push_back(std::move(ack));
}

}  // namespace

Session::Session(Hub& hub, Sink& sink, std::uint64_t id, SessionOptions options)
    : hub_(hub),
      sink_(sink),
      id_(id),
      options_(std::move(options)),
      epoch_(hub.epoch()),
      self_(std::make_shared<Session*>(this)) {}

Session::~Session() {
  hub_.end(*this);
  *self_ = nullptr;
}

void Session::start() {
  std::make_shared<Attachment>(hub_, self_)->attach_all();
}

// ------------------------------------------------------------------------------------------------------------
// positions

Position* Session::find(const Channel& channel) noexcept {
  if (positions_.size() <
      channel.listeners.size()) {  // a group of thousands, a user of a few conversations
    for (const auto& position : positions_)
      if (position->channel == &channel) return position.get();
    return nullptr;
  }
  for (const auto& listener : channel.listeners)
    if (listener.session == this) return listener.position;
  return nullptr;
}

void Session::place(Channel& channel, Place place) {
  auto position = std::make_unique<Position>();
  position->session = this;
  position->channel = &channel;
  position->index = static_cast<std::uint32_t>(channel.listeners.size());
  position->from = place.from;
  position->at = position->proved = position->written = place.at;
  position->skip_to = place.skip_to;
  channel.listeners.push_back({this, position.get(), false});
  if (place.at >= channel.head)
    channel.set_live(*position, true);
  else
    behind_.push_back(position.get());
  auto& placed = *position;
  positions_.push_back(std::move(position));
  std::erase_if(unplaced_acks_, [&](const auto& ack) {
    if (ack.first != channel.key) return false;
    note_acked(placed, ack.second);
    return true;
  });
}

void Session::unlink(Position& position) noexcept {
  auto& listeners = position.channel->listeners;
  listeners.back().position->index = position.index;
  listeners[position.index] = listeners.back();
  listeners.pop_back();
}

void Session::leave(Channel& channel) {
  auto* position = find(channel);
  if (position == nullptr) return;
  left_at_ = hub_.stamp();
  unlink(*position);
  std::erase(behind_, position);
  if (held_.position == position) held_ = {};
  // What becomes of them is not his to know any more; but if he comes back they are not new to him.
  for (auto& shown : early_)
    if (shown.channel == &channel) shown.channel = nullptr;
  if (early_.size() > early_left_max)
    std::erase_if(early_, [](const auto& shown) { return shown.channel == nullptr; });
  acked_ -= position->acked.size();
  // He may be a member again already, and these lie above the event that made him one.
  for (const Seq seq : position->acked)
    keep(unplaced_acks_, {channel.key, seq}, unplaced_acks_max);
  for (auto& checkpoint : checkpoints_)
    std::erase_if(checkpoint.places, [&](const auto& place) { return place.first == position; });
  std::erase_if(positions_, [&](const auto& owned) { return owned.get() == position; });
}

void Session::fell_behind(Position& position, Seq at) {
  position.channel->set_live(position, false);
  position.at = at;
  behind_.push_back(&position);
  ++hub_.behind_;
  watch_outbox();
}

void Session::watch_outbox() {
  const auto queued = sink_.queued_bytes();
  if (behind_.empty() || queued <= limits::outbox_low_bytes || stall_alarm_.armed()) return;
  stalled_bytes_ = queued;
  hub_.reactor_.arm(stall_alarm_, std::chrono::milliseconds{hub_.options().slow_reader_timeout_ms});
}

void Session::on_stalled() {
  const auto queued = sink_.queued_bytes();
  if (queued <= limits::outbox_low_bytes) return;
  if (queued >= stalled_bytes_) return sink_.close(CloseCode::slow_reader);
  stalled_bytes_ = queued;
  hub_.reactor_.arm(stall_alarm_, std::chrono::milliseconds{hub_.options().slow_reader_timeout_ms});
}

void Session::on_drained() {
  if (stall_alarm_.armed()) hub_.reactor_.disarm(stall_alarm_);
  pump();
}

// -------------------------------------------------------------------------------------------------------
// own messages

std::uint64_t Session::begin_send() {
  sending_.push_back(++sends_begun_);
  return sends_begun_;
}

void Session::end_send(std::uint64_t number) {
  std::erase(sending_, number);
  if (held_.position != nullptr) pump();
}

void Session::note_handed_out() {
  if (!std::exchange(handed_out_, true)) hub_.note_probe(*this);
}

void Session::note_acked(const ConversationKey& key, Seq seq, const MessageId& id) {
  note_handed_out();
  settle_early(id);  // of an earlier attempt, that another connection made
  auto* channel = hub_.find_channel(key);
  auto* position = channel == nullptr ? nullptr : find(*channel);
  if (position == nullptr) {  // a conversation of this very message: not attached yet
    return keep(unplaced_acks_, {key, seq}, unplaced_acks_max);
  }
  note_acked(*position, seq);
}

void Session::note_acked(Position& position, Seq seq) {
  if (seq <= position.now()) return;
  auto& acked = position.acked;
  const auto at = std::lower_bound(acked.begin(), acked.end(), seq);
  if (at != acked.end() && *at == seq) return;
  acked.insert(at, seq);
  ++acked_;
}

bool Session::forget_acked(Position& position, Seq seq) {
  auto& acked = position.acked;
  bool found = false;
  while (!acked.empty() && acked.front() <= seq) {
    found = acked.front() == seq;
    acked.erase(acked.begin());
    --acked_;
  }
  return found;
}

bool Session::takes_ephemeral(std::size_t frames_bytes) const noexcept {
  const auto queued = sink_.queued_bytes();
  return queued <= limits::outbox_high_bytes && frames_bytes <= sink_.outbox_bytes_max() - queued;
}

bool Session::send_ephemeral(const wire::engineio::OutMessage& message) {
  if (!takes_ephemeral(message.frame_bytes())) return false;
  sink_.send(message);
  return true;
}

// ---------------------------------------------------------------------------------------------------
// proofs and cursors

void Session::on_checkpoint(std::uint64_t number) {
  if (!handed_out_) return;
  handed_out_ = false;
  Checkpoint checkpoint{number, {}};
  for (const auto& position : positions_)
    if (position->now() > position->proved)
      checkpoint.places.emplace_back(position.get(), position->now());
  if (checkpoint.places.empty()) return;
  if (checkpoints_.size() == checkpoints_max)
    checkpoints_.erase(checkpoints_.begin());  // a later one says more
  checkpoints_.push_back(std::move(checkpoint));
}

void Session::on_proved(std::uint64_t number) {
  bool moved = false;
  while (!checkpoints_.empty() && checkpoints_.front().number <= number) {
    for (const auto& [position, seq] : checkpoints_.front().places)
      moved = note_proved(*position, seq) || moved;
    checkpoints_.erase(checkpoints_.begin());
  }
  if (moved) hub_.note_cursors(*this);
}

std::optional<Seq> Session::received(const Cid& cid, Seq seq) {
  const auto* channel = hub_.find_channel({options_.user.app, cid});
  auto* position = channel == nullptr ? nullptr : find(*channel);
  if (position == nullptr) return std::nullopt;
  if (note_proved(*position, std::min(seq, position->now()))) hub_.note_cursors(*this);
  return position->proved;
}

bool Session::note_proved(Position& position, Seq seq) {
  if (seq <= position.proved) return false;
  position.proved = seq;
  const auto& key = position.channel->key;
  // Of whom nobody knows how many they are, as many as listen are there.
  const bool few = position.channel->listeners.size() <= limits::ticks_members_max;
  if (few && key.cid != options_.user_cid)
    hub_.tell({.key = key, .user = options_.user.user, .delivered_seq = seq});
  return true;
}

std::vector<std::pair<Position*, Seq>> Session::due_cursors() const {
  std::vector<std::pair<Position*, Seq>> due;
  for (const auto& position : positions_) {
    if (due.size() == limits::cursor_slice) break;
    if (position->proved > position->written) due.emplace_back(position.get(), position->proved);
  }
  return due;
}

}  // namespace kith::delivery
