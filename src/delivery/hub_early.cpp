#include "base/limits.hpp"
#include "base/simulation.hpp"
#include "delivery/hub.hpp"

#include <algorithm>

// Messages that are shown before they are stored: to whom, and what becomes of them.
namespace kith::delivery {

namespace limits = base::limits;

namespace {

constexpr base::Duration look_after = std::chrono::milliseconds{limits::early_look_after_ms};
constexpr base::Duration look_interval = std::chrono::seconds{1};

}  // namespace

bool Session::shows_early(const MessageId& id) const noexcept {
  return std::any_of(
      early_.begin(), early_.end(), [&](const auto& shown) { return shown.attempt.id == id; });
}

bool Session::shows_early(const conversations::Attempt& attempt) const noexcept {
  return std::any_of(
      early_.begin(), early_.end(), [&](const auto& shown) { return shown.attempt == attempt; });
}

bool Session::awaits_early(const Channel& channel, const MessageId& id) const noexcept {
  return std::any_of(early_.begin(), early_.end(), [&](const auto& shown) {
    return shown.channel == &channel && shown.attempt.id == id;
  });
}

bool Session::settle_early(const MessageId& id) noexcept {
  if (early_.empty()) return false;
  return std::erase_if(early_, [&](const auto& shown) { return shown.attempt.id == id; }) > 0;
}

// Another attempt at what is shown already: what comes after it follows this one.
bool Session::repeats_early(const conversations::Attempt& attempt) noexcept {
  const auto shown = std::find_if(early_.begin(), early_.end(), [&](const auto& other) {
    return other.attempt.id == attempt.id;
  });
  if (shown == early_.end()) return false;
  shown->attempt = attempt;
  return true;
}

// Whether the message may be among the events that came since its sender's node looked. What the
// ring does not reach is not known, and then it is not shown: it comes with its number.
bool Hub::stored_since(const Channel& channel, const conversations::EarlyMessage& message) {
  if (channel.head <= message.after) return false;
  const auto first = channel.ring.begin() + static_cast<std::ptrdiff_t>(channel.ring_first);
  if (first == channel.ring.end() || (*first)->seq > message.after + 1) return true;
  return std::any_of(first, channel.ring.end(), [&](const auto& published) {
    return published->id == message.id;
  });
}

// What was not shown of those before it comes with its number: this must not come before that.
bool Hub::shows_in_order(const Session& session, const conversations::EarlyMessage& message) {
  const auto& ahead =
      message.ahead_session == session.id() ? message.ahead_of_others : message.ahead;
  return !ahead || session.shows_early(*ahead) || KITH_MUTANT(early_out_of_order);
}

void Hub::on_early(const EarlyPtr& early) {
  const auto& message = early->message;
  auto* channel = find_channel(message.key);
  if (channel == nullptr || early_shown_.size() >= limits::early_remembered_max) return;
  if (channel->head < message.follows && !KITH_MUTANT(early_before_event)) return;
  if (stored_since(*channel, message) && !KITH_MUTANT(early_after_stored)) return;
  const conversations::Attempt attempt{message.id, message.number};
  bool shown = false;
  for (const auto& listener : channel->listeners) {
    auto& session = *listener.session;
    if (!shows_in_order(session, message)) continue;
    // Its own, sent over another connection before: it may have been answered here already.
    const bool answered =
        session.own_ && !session.own_->acked.empty() && session.user().user == message.sender;
    if (!listener.live || answered || session.id() == message.origin.session ||
        session.repeats_early(attempt) || session.early_.size() >= limits::early_max ||
        session.sink_.queued_bytes() > limits::outbox_high_bytes)
      continue;
    session.sink_.send(early->frame);
    session.early_.push_back({channel, attempt});
    shown = true;
  }
  if (KITH_MUTANT(position_moved_by_early_frame)) ++channel->head;
  if (!shown) return;
  remember_shown({message.key, message.id, message.sender, message.client_id, message.here, {}});
}

void Hub::remember_shown(Shown shown) {
  shown.at = reactor_.clock().now();
  early_shown_.push_back(std::move(shown));
  if (!early_alarm_.armed()) reactor_.arm(early_alarm_, look_interval);
}

void Hub::on_retract(const ConversationKey& key, const MessageId& id) {
  const auto* channel = find_channel(key);
  if (channel == nullptr) return;
  std::optional<wire::engineio::OutMessage> frame;
  for (const auto& listener : channel->listeners) {
    if (!listener.session->settle_early(id)) continue;
    if (!frame) frame = encode_retracted(key, id);
    listener.session->sink_.send(*frame);
  }
}

// What nobody has told the fate of is looked for: the node that had it may be gone, or a gap may
// have passed over it.
void Hub::on_early_time() {
  const auto now = reactor_.clock().now();
  for (; !early_shown_.empty() && now - early_shown_.front().at >= look_after;
       early_shown_.pop_front()) {
    const auto& shown = early_shown_.front();
    const auto* channel = find_channel(shown.key);
    if (channel == nullptr) continue;
    if (std::any_of(
            channel->listeners.begin(), channel->listeners.end(), [&](const auto& listener) {
              return listener.session->awaits_early(*channel, shown.id);
            }))
      look_for(shown);
  }
  if (!early_shown_.empty()) reactor_.arm(early_alarm_, look_interval);
}

void Hub::look_for(const Shown& shown) {
  looks_.enter([self = self_, shown] {
    if (*self == nullptr) return false;
    auto& me = **self;
    me.store_.find_send(
        me.reactor_, {shown.key, shown.sender, shown.client_id}, [self, shown](auto found) {
          if (*self == nullptr) return;
          (*self)->looks_.end();
          (*self)->on_looked(shown, found);
        });
    return true;
  });
}

void Hub::on_looked(const Shown& message,
                    const base::Result<std::optional<ports::StoredSend>>& found) {
  const bool there = found.has_value() && found->has_value();
  if (there) learn(message.key, (*found)->seq);
  // What is on its way from here is not given up: its home will tell.
  const bool lost = found.has_value() && !there;
  if (lost && (!message.here || KITH_MUTANT(retract_while_unknown)))
    return on_retract(message.key, message.id);
  auto* channel = find_channel(message.key);
  if (channel == nullptr) return;
  bool open = false;
  for (const auto& listener : channel->listeners) {
    auto& session = *listener.session;
    if (!session.awaits_early(*channel, message.id)) continue;
    if (there &&
        session.positions_[listener.slot].now() >= (*found)->seq) {  // a gap has passed over it
      session.settle_early(message.id);
      session.sink_.send(encode_stored({.key = message.key,
                                        .seq = (*found)->seq,
                                        .id = message.id,
                                        .no = (*found)->no,
                                        .ts = (*found)->ts}));
    } else {
      open = true;
    }
  }
  if (open) remember_shown(message);
}

}  // namespace kith::delivery
