#include "base/limits.hpp"
#include "base/names.hpp"
#include "delivery/attachment.hpp"
#include "delivery/hub.hpp"
#include "delivery/session.hpp"
#include "wire/socketio/encode.hpp"

#include <algorithm>

// How a session that is behind comes to the head.
namespace kith::delivery {

namespace limits = base::limits;

void Session::pump() {
  if (pumping_) return;
  pumping_ = true;
  while (!reading_ && !holding() && !behind_.empty() &&
         sink_.queued_bytes() <= limits::outbox_low_bytes) {
    auto& position = *behind_.front();
    auto& channel = *position.channel;
    if (position.skip_to > position.at) {
      pass_over(position);
      continue;
    }
    if (position.at >= channel.head) {
      channel.set_live(position, true);
      behind_.erase(behind_.begin());
      continue;
    }
    reading_ = true;
    if (channel.head - position.at > limits::behind_events_max) {
      look_far(channel.key);
      continue;
    }
    hub_.pages_.read(channel.key,
                     position.at,
                     channel.head,
                     [self = std::weak_ptr<Session*>(self_), key = channel.key](auto page) {
                       if (const auto session = self.lock()) (*session)->on_page(key, page);
                     });
  }
  pumping_ = false;
  watch_outbox();
}

void Session::on_page(const ConversationKey& key,
                      const base::Result<std::vector<PublishedPtr>>& page) {
  reading_ = false;
  if (page.has_error()) {
    if (page.error().code == base::Errc::internal) return sink_.close(CloseCode::server_error);
    return retry_later();
  }
  if (auto* channel = hub_.find_channel(key))
    if (auto* position = find(*channel); position != nullptr && !position->live)
      take_page(*position, *page);
  attach_wanted();
  pump();
}

void Session::retry_later() {
  hub_.reactor_.arm(retry_alarm_, std::chrono::milliseconds{100});
}

void Session::take_page(Position& position, const std::vector<PublishedPtr>& page) {
  auto& channel = *position.channel;
  for (const auto& published : page) {
    if (published->seq <= position.at) continue;
    if (published->seq != position.at + 1) return;  // read for another place: read again
    if (awaits_answer(position, *published)) break;
    position.at = published->seq;
    const bool removed = hand_out(position, *published);
    if (removed) return removed_from(channel);
    if (sink_.queued_bytes() > limits::outbox_high_bytes) break;
  }
  if (position.at < channel.head) return;
  channel.set_live(position, true);
  std::erase(behind_, &position);
}

bool Session::awaits_answer(const Position& position, const Published& published) {
  if (published.kind != domain::EventKind::message || sending_.empty() ||
      published.actor_hash != base::KeyHash{}(options_.user.user))
    return false;
  if (published.origin.session == id_) return false;  // it is one of these
  if (held_.position != &position || held_.seq != published.seq)
    held_ = {&position, published.seq, sends_begun_};
  return holding();
}

bool Session::holding() const noexcept {
  if (held_.position == nullptr || held_.position->at >= held_.seq) return false;
  const auto& acked = held_.position->acked;
  return !std::binary_search(acked.begin(), acked.end(), held_.seq) && !sending_.empty() &&
         sending_.front() <= held_.sends;
}

bool Session::hand_out(Position& position, const Published& published) {
  const bool answered = forget_acked(position, published.seq);
  // Out of the ring it may come before its answer, which follows through the queue.
  const bool shown = settle_early(published.id);
  if (answered || published.origin.session == id_) return false;
  sink_.send(shown ? encode_stored(published) : published.frame);
  note_handed_out();
  ++hub_.delivered_;
  if (published.kind == domain::EventKind::conversation_added) wanted_.push_back(published.target);
  return published.kind == domain::EventKind::member_removed &&
         published.subject == options_.user.user;
}

void Session::look_far(const ConversationKey& key) {
  // What is passed over may hold his removal: only while he is a member may anything be skipped.
  hub_.membership_reads_.enter([hub = &hub_, self = std::weak_ptr<Session*>(self_), key] {
    const auto alive = self.lock();
    if (!alive) return false;
    hub->store_.memberships_of(hub->reactor_,
                               (*alive)->options_.user,
                               (*alive)->options_.device,
                               {key.cid},
                               [hub = hub->self_, self, key](auto found) {
                                 if (*hub == nullptr) return;
                                 (*hub)->membership_reads_.end();
                                 if (const auto session = self.lock())
                                   (*session)->on_far(key, found);
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
  if (position != nullptr && !position->live) {
    if (found->empty()) {
      removed_from(*channel);
    } else {
      const auto& membership = found->front();
      const auto page = std::min<Seq>(membership.head, limits::history_page_max);
      position->skip_to = std::max(membership.head - page, membership.from_seq - 1);
    }
  }
  pump();
}

void Session::pass_over(Position& position) {
  const auto key = position.channel->key;
  send_gap(key.cid, position.at + 1, position.skip_to);
  position.at = position.skip_to;
  auto& acked = position.acked;
  const auto passed = std::upper_bound(acked.begin(), acked.end(), position.at);
  acked_ -= static_cast<std::size_t>(passed - acked.begin());
  acked.erase(acked.begin(), passed);
  hub_.learn(key, position.at);
  // Additions to other conversations may have been among them.
  if (key.cid == options_.user_cid) std::make_shared<Attachment>(hub_, self_)->attach_missing();
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
  note_handed_out();
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

}  // namespace kith::delivery
