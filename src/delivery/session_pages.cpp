#include "base/limits.hpp"
#include "base/names.hpp"
#include "base/simulation.hpp"
#include "delivery/attachment.hpp"
#include "delivery/hub.hpp"
#include "delivery/session.hpp"
#include "wire/socketio/encode.hpp"

#include <algorithm>

// How a session that is behind comes to the head.
namespace kith::delivery {

namespace limits = base::limits;

void Session::pump() {
  if (pumping_ || !catching_) return;
  pumping_ = true;
  pump_behind();
  pumping_ = false;
  watch_outbox();
  give_back_catching();
}

void Session::give_back_catching() {
  if (catching_ && !pumping_ && !reading_ && catching_->idle()) catching_.reset();
}

void Session::pump_behind() {
  auto& behind = catching_->behind;
  while (!reading_ && !holding() && !behind.empty() &&
         sink_.queued_bytes() <= limits::outbox_low_bytes) {
    auto& position = positions_[behind.front()];
    auto& channel = *position.channel;
    if (position.skip_to > position.at) {
      pass_over(position);
    } else if (position.at >= channel.head) {
      channel.set_live(position, true);
      behind.erase(behind.begin());
    } else {
      look_at_page(channel, position);
    }
  }
}

void Session::look_at_page(const Channel& channel, const Position& position) {
  reading_ = true;
  if (channel.head - position.at > (KITH_RARELY(far_behind) ? 4 : limits::behind_events_max))
    return look_far(channel.key);
  hub_.pages_.read(channel.key,
                   position.at,
                   channel.head,
                   [hub = &hub_, id = id_, key = channel.key](auto page) {
                     if (auto* session = hub->find_session(id)) session->on_page(key, page);
                   });
}

void Session::on_page(const ConversationKey& key,
                      const base::Result<std::vector<PublishedPtr>>& page) {
  reading_ = false;
  if (page.has_error()) {
    if (page.error().code == base::Errc::internal) return sink_.close(CloseCode::server_error);
    return retry_later();
  }
  if (auto* channel = hub_.find_channel(key))
    if (auto* position = find(*channel); position != nullptr && !position->live())
      take_page(*position, *page);
  attach_wanted();
  if (!KITH_MUTANT(lost_wakeup_after_behind)) pump();
}

void Session::retry_later() {
  hub_.reactor_.arm(catching().retry, std::chrono::milliseconds{100});
}

void Session::take_page(Position& position, const std::vector<PublishedPtr>& page) {
  auto& channel = *position.channel;
  for (const auto& published : page) {
    if (published->seq <= position.at) continue;
    if (published->seq != position.at + 1) return;  // read for another place: read again
    if (awaits_answer(position, *published)) break;
    position.at = static_cast<ShortSeq>(published->seq);
    const bool removed = hand_out(position, *published);
    if (removed) return removed_from(channel);
    if (sink_.queued_bytes() > limits::outbox_high_bytes) break;
  }
  if (position.at < channel.head && KITH_MUTANT(page_edge_off_by_one)) ++position.at;
  if (position.at < channel.head && !KITH_MUTANT(live_is_a_flag)) return;
  channel.set_live(position, true);
  forget_behind(slot_of(position));
}

bool Session::awaits_answer(const Position& position, const Published& published) {
  if (published.kind != domain::EventKind::message || !own_ || own_->sending.empty() ||
      published.actor_hash != base::KeyHash{}(user_.user))
    return false;
  if (published.origin.session == id_) return false;  // it is one of these
  auto& held = own_->held;
  const auto slot = slot_of(position);
  if (held.slot != slot || held.seq != published.seq) held = {published.seq, slot, own_->begun};
  return holding();
}

bool Session::holding() const noexcept {
  if (!own_ || own_->held.seq == 0) return false;
  const auto& held = own_->held;
  if (positions_[held.slot].at >= held.seq) return false;
  const Acked answered{held.slot, static_cast<ShortSeq>(held.seq)};
  return !std::binary_search(own_->acked.begin(), own_->acked.end(), answered) &&
         !own_->sending.empty() && own_->sending.front() <= held.sends;
}

bool Session::hand_out(const Position& position, const Published& published) {
  const bool answered = forget_acked(slot_of(position), published.seq);
  // Out of the ring it may come before its answer, which follows through the queue.
  const bool shown = settle_early(published.id) && !KITH_MUTANT(page_ignores_early_ids);
  if (answered || published.origin.session == id_) return false;
  sink_.send_event(
      shown ? encode_stored(published) : published.frame, published.key.cid, published.seq - 1);
  note_handed_out();
  ++hub_.delivered_;
  if (published.kind == domain::EventKind::conversation_added) want(published.target);
  if (published.kind == domain::EventKind::member_removed) hub_.tell_watches(published);
  return published.kind == domain::EventKind::member_removed && published.subject == user_.user &&
         !KITH_MUTANT(removal_not_cut);
}

void Session::look_far(const ConversationKey& key) {
  // What is passed over may hold his removal: only while he is a member may anything be skipped.
  hub_.membership_reads_.enter([hub = &hub_, id = id_, key] {
    const auto* session = hub->find_session(id);
    if (session == nullptr) return false;
    hub->store_.memberships_of(hub->reactor_,
                               session->user_,
                               session->device_,
                               {key.cid},
                               [hub = hub->self_, id, key](auto found) {
                                 if (*hub == nullptr) return;
                                 (*hub)->membership_reads_.end();
                                 if (auto* asker = (*hub)->find_session(id))
                                   asker->on_far(key, found);
                               });
    return true;
  });
}

void Session::on_far(const ConversationKey& key,
                     const base::Result<std::vector<ports::Membership>>& found) {
  reading_ = false;
  if (found.has_error()) return retry_later();
  auto* channel = hub_.find_channel(key);
  auto* position = channel == nullptr ? nullptr : find(*channel);
  if (position != nullptr && !position->live()) {
    if (found->empty()) {
      removed_from(*channel);
    } else {
      const auto& membership = found->front();
      const Seq most = KITH_RARELY(far_behind) ? 2 : limits::history_page_max;
      const auto page = std::min<Seq>(membership.head, most);
      position->skip_to =
          static_cast<ShortSeq>(std::max(membership.head - page, membership.from_seq - 1));
    }
  }
  pump();
}

void Session::pass_over(Position& position) {
  const auto key = position.channel->key;
  send_gap(key.cid, position.at + 1, position.skip_to);
  position.at = position.skip_to;
  forget_acked(slot_of(position), position.at);
  for (auto* watch : hub_.watches_)
    watch->on_placed(*this);
  hub_.learn(key, position.at);
  // Additions to other conversations may have been among them.
  if (key.cid == user_cid_) std::make_shared<Attachment>(hub_, id_)->attach_missing();
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
  sink_.send_event(std::move(builder).finish(), cid, from - 1);
  note_handed_out();
}

void Session::removed_from(Channel& channel) {
  const auto key = channel.key;
  leave_removed(channel);
  on_removed(key);
}

void Session::leave_removed(Channel& channel) {
  const auto key = channel.key;
  leave(channel);
  hub_.leave_if_unused(key);
}

void Session::on_removed(const ConversationKey& key) {
  for (auto* watch : hub_.watches_)
    watch->on_removed(*this, key.cid);
  // He may have been added again meanwhile: the event that says so may have passed him already.
  want(key.cid);
  attach_wanted();
}

void Session::want(const Cid& cid) {
  catching().wanted.push_back(cid);
}

void Session::attach_wanted() {
  if (!catching_) return;
  auto cids = std::exchange(catching_->wanted, {});
  std::erase_if(cids, [&](const Cid& cid) {
    const auto* channel = hub_.find_channel({user_.app, cid});
    return channel != nullptr && find(*channel) != nullptr;
  });
  give_back_catching();  // before what may end the session
  if (!cids.empty()) std::make_shared<Attachment>(hub_, id_)->attach(std::move(cids));
}

}  // namespace kith::delivery
