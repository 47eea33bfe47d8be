#include "delivery/session.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "base/names.hpp"
#include "delivery/attachment.hpp"
#include "delivery/hub.hpp"
#include "wire/socketio/encode.hpp"

#include <algorithm>

namespace kith::delivery {

namespace limits = base::limits;

Session::Session(Hub& hub, Sink& sink, std::uint64_t id, SessionOptions options)
    : hub_(hub),
      sink_(sink),
      id_(id),
      options_(std::move(options)),
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

void Session::place(Channel& channel, Seq at) {
  auto position = std::make_unique<Position>();
  position->session = this;
  position->channel = &channel;
  position->index = static_cast<std::uint32_t>(channel.listeners.size());
  position->at = position->proved = position->written = at;
  channel.listeners.push_back({this, position.get(), false});
  if (at >= channel.head)
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
  unlink(*position);
  std::erase(behind_, position);
  acked_ -= position->acked.size();
  for (auto& checkpoint : checkpoints_)
    std::erase_if(checkpoint.places, [&](const auto& place) { return place.first == position; });
  std::erase_if(positions_, [&](const auto& owned) { return owned.get() == position; });
}

void Session::fell_behind(Position& position, Seq at) {
  position.channel->set_live(position, false);
  position.at = at;
  behind_.push_back(&position);
  ++hub_.behind_;
  if (sink_.queued_bytes() > limits::outbox_high_bytes && !stall_alarm_.armed()) {
    stalled_bytes_ = sink_.queued_bytes();
    hub_.reactor_.arm(stall_alarm_, std::chrono::milliseconds{limits::slow_reader_timeout_ms});
  }
}

void Session::on_stalled() {
  const auto queued = sink_.queued_bytes();
  if (queued <= limits::outbox_low_bytes) return;
  if (queued >= stalled_bytes_) return sink_.close(CloseCode::slow_reader);
  stalled_bytes_ = queued;
  hub_.reactor_.arm(stall_alarm_, std::chrono::milliseconds{limits::slow_reader_timeout_ms});
}

void Session::on_drained() {
  if (stall_alarm_.armed()) hub_.reactor_.disarm(stall_alarm_);
  pump();
}

// ----------------------------------------------------------------------------------------------------------------
// pages

void Session::pump() {
  if (pumping_) return;
  pumping_ = true;
  while (!reading_ && !behind_.empty() && sink_.queued_bytes() <= limits::outbox_low_bytes) {
    auto& position = *behind_.front();
    auto& channel = *position.channel;
    if (position.at >= channel.head) {
      channel.set_live(position, true);
      behind_.erase(behind_.begin());
      continue;
    }
    skip_far(position);
    reading_ = true;
    hub_.pages_.read(channel.key,
                     position.at,
                     channel.head,
                     [self = std::weak_ptr<Session*>(self_), key = channel.key](auto page) {
                       if (const auto session = self.lock()) (*session)->on_page(key, page);
                     });
  }
  pumping_ = false;
}

void Session::on_page(const ConversationKey& key,
                      const base::Result<std::vector<PublishedPtr>>& page) {
  reading_ = false;
  if (page.has_error()) {
    if (page.error().code == base::Errc::internal) return sink_.close(CloseCode::server_error);
    hub_.reactor_.arm(retry_alarm_, std::chrono::milliseconds{100});
    return;
  }
  if (auto* channel = hub_.find_channel(key))
    if (auto* position = find(*channel); position != nullptr && !position->live)
      take_page(*position, *page);
  attach_wanted();
  pump();
}

void Session::take_page(Position& position, const std::vector<PublishedPtr>& page) {
  auto& channel = *position.channel;
  for (const auto& published : page) {
    if (published->seq <= position.at) continue;
    KITH_ASSERT(published->seq == position.at + 1);
    position.at = published->seq;
    const bool removed = hand_out(position, *published);
    if (removed) return removed_from(channel);
    if (sink_.queued_bytes() > limits::outbox_high_bytes) break;
  }
  if (position.at < channel.head) return;
  channel.set_live(position, true);
  std::erase(behind_, &position);
}

bool Session::hand_out(Position& position, const Published& published) {
  auto& acked = position.acked;
  if (!acked.empty() && acked.front() <= published.seq) {
    const bool answered = acked.front() == published.seq;
    acked.erase(acked.begin());
    --acked_;
    if (answered) return false;
  }
  sink_.send(published.frame);
  handed_out_ = true;
  ++hub_.delivered_;
  if (published.kind == domain::EventKind::conversation_added) wanted_.push_back(published.target);
  return published.kind == domain::EventKind::member_removed &&
         published.subject == options_.user.user;
}

void Session::skip_far(Position& position) {
  const auto head = position.channel->head;
  if (head - position.at <= limits::behind_events_max) return;
  const auto newest = head - limits::history_page_max;
  send_gap(position.channel->key.cid, position.at + 1, newest);
  position.at = newest;
  const auto passed = std::upper_bound(position.acked.begin(), position.acked.end(), newest);
  acked_ -= static_cast<std::size_t>(passed - position.acked.begin());
  position.acked.erase(position.acked.begin(), passed);
}

void Session::send_gap(const Cid& cid, Seq from, Seq to) {
  wire::engineio::OutMessage::Builder builder{wire::engineio::OutMessage::Builder::Kind::text, 96};
  auto json = wire::socketio::begin_event(builder.buffer(), "conversation.gap");
  json.begin_object()
      .field("cid", base::to_text(cid))
      .field("from", from)
      .field("to", to)
      .end_object();
  json.end_array();
  sink_.send(std::move(builder).finish());
  handed_out_ = true;
}

void Session::removed_from(Channel& channel) {
  const auto key = channel.key;
  leave(channel);
  hub_.leave_if_unused(key);
  // He may have been added again meanwhile: the event that says so may have passed him already.
  wanted_.push_back(key.cid);
  attach_wanted();
}

void Session::attach_wanted() {
  auto cids = std::exchange(wanted_, {});
  std::erase_if(cids, [&](const Cid& cid) {
    const auto* channel = hub_.find_channel({options_.user.app, cid});
    return channel != nullptr && find(*channel) != nullptr;
  });
  if (!cids.empty()) std::make_shared<Attachment>(hub_, self_)->attach(std::move(cids));
}

// -------------------------------------------------------------------------------------------------------
// own messages

void Session::note_acked(const ConversationKey& key, Seq seq) {
  handed_out_ = true;
  auto* channel = hub_.find_channel(key);
  auto* position = channel == nullptr ? nullptr : find(*channel);
  if (position == nullptr) {  // a conversation of this very message: not attached yet
    if (unplaced_acks_.size() == unplaced_acks_max) unplaced_acks_.erase(unplaced_acks_.begin());
    unplaced_acks_.emplace_back(key, seq);
    return;
  }
  note_acked(*position, seq);
}

void Session::note_acked(Position& position, Seq seq) {
  if (position.live || seq <= position.at) return;
  auto& acked = position.acked;
  const auto at = std::lower_bound(acked.begin(), acked.end(), seq);
  if (at != acked.end() && *at == seq) return;
  acked.insert(at, seq);
  ++acked_;
}

bool Session::takes_ephemeral() const noexcept {
  return sink_.queued_bytes() <= limits::outbox_high_bytes;
}

bool Session::send_ephemeral(const wire::engineio::OutMessage& message) {
  if (!takes_ephemeral()) return false;
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
    for (const auto& [position, seq] : checkpoints_.front().places) {
      moved = moved || seq > position->proved;
      position->proved = std::max(position->proved, seq);
    }
    checkpoints_.erase(checkpoints_.begin());
  }
  if (moved) hub_.note_cursors(*this);
}

std::optional<Seq> Session::received(const Cid& cid, Seq seq) {
  const auto* channel = hub_.find_channel({options_.user.app, cid});
  auto* position = channel == nullptr ? nullptr : find(*channel);
  if (position == nullptr) return std::nullopt;
  seq = std::min(seq, position->now());
  if (seq > position->proved) {
    position->proved = seq;
    hub_.note_cursors(*this);
  }
  return position->proved;
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
