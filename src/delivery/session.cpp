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
      user_(std::move(options.user)),
      device_(std::move(options.device)),
      user_cid_(options.user_cid),
      epoch_(hub.epoch_number()) {
  if (!options.cursors.empty() || !options.epoch_matches)
    claims_ = std::make_unique<Claims>(
        Claims{std::move(options.cursors), options.epoch_matches, options.cursors_are_all});
}

Session::~Session() {
  hub_.end(*this);
}

void Session::start() {
  const auto claims = std::exchange(claims_, nullptr);
  std::make_shared<Attachment>(hub_, id_)->attach_all(
      claims ? std::move(claims->cursors) : std::vector<std::pair<Cid, Seq>>{},
      claims == nullptr || claims->epoch_matches,
      claims != nullptr && claims->are_all);
}

Session::Own& Session::own() {
  if (!own_) own_ = std::make_unique<Own>();
  return *own_;
}

Session::Catching& Session::catching() {
  if (!catching_) catching_ = std::make_unique<Catching>(*this);
  return *catching_;
}

// ------------------------------------------------------------------------------------------------------------
// positions

void Session::expect(std::size_t conversations) {
  if (conversations > free_slots_)
    positions_.reserve(positions_.size() + conversations - free_slots_);
}

Slot Session::slot_of(const Position& position) const noexcept {
  return static_cast<Slot>(&position - positions_.data());
}

Position* Session::find(const Channel& channel) noexcept {
  if (positions_.size() <
      channel.listeners.size()) {  // a group of thousands, a user of a few conversations
    for (auto& position : positions_)
      if (position.channel == &channel) return &position;
    return nullptr;
  }
  for (const auto& listener : channel.listeners)
    if (listener.session == this) return &positions_[listener.slot];
  return nullptr;
}

void Session::place(Channel& channel, Place place) {
  auto free = positions_.end();
  if (free_slots_ > 0) {
    free = std::find_if(positions_.begin(), positions_.end(), [](const Position& position) {
      return position.channel == nullptr;
    });
    --free_slots_;
  } else {
    free = positions_.insert(positions_.end(), Position{});
  }
  const auto at = static_cast<ShortSeq>(place.at);
  *free = {.channel = &channel,
           .index = static_cast<std::uint32_t>(channel.listeners.size()),
           .from = static_cast<ShortSeq>(place.from),
           .at = at,
           .proved = at,
           .written = at,
           .skip_to = static_cast<ShortSeq>(place.skip_to)};
  const auto slot = slot_of(*free);
  const bool live = place.at >= channel.head;
  channel.listeners.push_back({this, slot, live});
  if (!live) catching().behind.push_back(slot);
  if (!own_) return;
  std::erase_if(own_->unplaced, [&](const auto& ack) {
    if (ack.first != channel.key) return false;
    note_acked(slot, ack.second);
    return true;
  });
}

void Session::unlink(const Position& position) noexcept {
  auto& listeners = position.channel->listeners;
  const auto& last = listeners.back();
  last.session->positions_[last.slot].index = position.index;
  listeners[position.index] = last;
  listeners.pop_back();
}

void Session::leave(Channel& channel) {
  auto* position = find(channel);
  if (position == nullptr) return;
  const auto slot = slot_of(*position);
  left_at_ = hub_.stamp();
  unlink(*position);
  *position = {};
  ++free_slots_;
  forget_behind(slot);
  // What becomes of them is not his to know any more; but if he comes back they are not new to him.
  for (auto& shown : early_)
    if (shown.channel == &channel) shown.channel = nullptr;
  if (early_.size() > early_left_max)
    std::erase_if(early_, [](const auto& shown) { return shown.channel == nullptr; });
  for (auto& checkpoint : checkpoints_)
    std::erase_if(checkpoint.places, [&](const auto& place) { return place.first == slot; });
  if (!own_) return;
  if (own_->held.slot == slot) own_->held = {};
  // He may be a member again already, and these lie above the event that made him one.
  std::erase_if(own_->acked, [&](const Acked& acked) {
    if (acked.slot != slot) return false;
    keep(own_->unplaced, {channel.key, acked.seq}, unplaced_acks_max);
    return true;
  });
}

void Session::forget_behind(Slot slot) {
  if (catching_) std::erase(catching_->behind, slot);
}

void Session::fell_behind(Slot slot, Seq at) {
  auto& position = positions_[slot];
  position.channel->set_live(position, false);
  position.at = static_cast<ShortSeq>(at);
  catching().behind.push_back(slot);
  ++hub_.behind_;
  watch_outbox();
}

void Session::watch_outbox() {
  const auto queued = sink_.queued_bytes();
  if (!catching_ || catching_->behind.empty() || queued <= limits::outbox_low_bytes ||
      catching_->stall.armed())
    return;
  catching_->stalled_bytes = queued;
  hub_.reactor_.arm(catching_->stall,
                    std::chrono::milliseconds{hub_.options().slow_reader_timeout_ms});
}

void Session::on_stalled() {
  const auto queued = sink_.queued_bytes();
  if (queued <= limits::outbox_low_bytes) return;
  if (queued >= catching_->stalled_bytes) return sink_.close(CloseCode::slow_reader);
  catching_->stalled_bytes = queued;
  hub_.reactor_.arm(catching_->stall,
                    std::chrono::milliseconds{hub_.options().slow_reader_timeout_ms});
}

void Session::on_drained() {
  if (catching_ && catching_->stall.armed()) hub_.reactor_.disarm(catching_->stall);
  pump();
}

// -------------------------------------------------------------------------------------------------------
// own messages

std::uint64_t Session::begin_send() {
  auto& mine = own();
  mine.sending.push_back(++mine.begun);
  return mine.begun;
}

void Session::end_send(std::uint64_t number) {
  if (!own_) return;
  std::erase(own_->sending, number);
  if (own_->held.seq != 0) pump();
}

void Session::note_handed_out() {
  if (!std::exchange(handed_out_, true)) hub_.note_probe(*this);
}

void Session::note_acked(const ConversationKey& key, Seq seq, const MessageId& id) {
  note_handed_out();
  settle_early(id);  // of an earlier attempt, that another connection made
  auto* channel = hub_.find_channel(key);
  const auto* position = channel == nullptr ? nullptr : find(*channel);
  if (position == nullptr) {  // a conversation of this very message: not attached yet
    return keep(own().unplaced, {key, seq}, unplaced_acks_max);
  }
  note_acked(slot_of(*position), seq);
}

void Session::note_acked(Slot slot, Seq seq) {
  if (seq <= positions_[slot].now()) return;
  auto& acked = own().acked;
  const Acked one{slot, static_cast<ShortSeq>(seq)};
  const auto at = std::lower_bound(acked.begin(), acked.end(), one);
  if (at == acked.end() || *at != one) acked.insert(at, one);
}

bool Session::forget_acked(Slot slot, Seq seq) {
  if (!own_ || own_->acked.empty()) return false;
  auto& acked = own_->acked;
  const Acked one{slot, static_cast<ShortSeq>(seq)};
  const auto first = std::lower_bound(acked.begin(), acked.end(), Acked{slot, 0});
  const auto last = std::upper_bound(first, acked.end(), one);
  const bool found = first != last && *std::prev(last) == one;
  acked.erase(first, last);
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

}  // namespace kith::delivery
