#include "delivery/attachment.hpp"

#include "base/limits.hpp"
#include "base/names.hpp"
#include "delivery/hub.hpp"
#include "wire/socketio/encode.hpp"

#include <algorithm>

namespace kith::delivery {

namespace limits = base::limits;

Attachment::~Attachment() {
  for (const auto& key : pinned_)
    hub_.unpin(key);
}

Session* Attachment::session() const noexcept {
  const auto alive = session_.lock();
  return alive ? *alive : nullptr;
}

void Attachment::subscribe(const std::vector<Cid>& cids, base::Task then) {
  std::vector<ConversationKey> keys;
  keys.reserve(cids.size());
  for (const auto& cid : cids)
    keys.push_back({session()->user().app, cid});
  pinned_.insert(pinned_.end(), keys.begin(), keys.end());
  hub_.subscribe(keys, std::move(then));
}

void Attachment::attach_all() {
  everything_ = true;
  budget_ = hub_.options().catchup_events_max;
  subscribe({session()->options_.user_cid},
            [self = shared_from_this()] { self->find_memberships(); });
}

void Attachment::attach(std::vector<Cid> cids) {
  budget_ = hub_.options().catchup_events_max;
  subscribe(cids,
            [self = shared_from_this(), cids]() mutable { self->read_heads(std::move(cids)); });
}

void Attachment::find_memberships() {
  auto* session = this->session();
  if (session == nullptr) return;
  hub_.store().memberships(hub_.reactor(),
                           session->user(),
                           session->options_.device,
                           [self = shared_from_this(), asked_at = hub_.stamp()](auto found) {
                             self->on_memberships(asked_at, std::move(found));
                           });
}

void Attachment::on_memberships(std::uint64_t asked_at,
                                base::Result<std::vector<ports::Membership>> found) {
  auto* session = this->session();
  if (session == nullptr) return;
  if (found.has_error()) return failed(found.error());
  std::vector<Cid> again{session->options_.user_cid};
  for (auto& membership : *found) {
    const auto* channel = hub_.find_channel({session->user().app, membership.cid});
    if (channel != nullptr && channel->confirmed_at != 0 && channel->confirmed_at < asked_at)
      known_.push_back(std::move(membership));
    else
      again.push_back(membership.cid);
  }
  // Pin what is known too: the others may leave those channels while the rest is read.
  std::vector<Cid> all = again;
  all.erase(all.begin());
  for (const auto& membership : known_)
    all.push_back(membership.cid);
  subscribe(all,
            [self = shared_from_this(), again]() mutable { self->read_heads(std::move(again)); });
}

void Attachment::read_heads(std::vector<Cid> cids) {
  auto* session = this->session();
  if (session == nullptr) return;
  hub_.store().memberships_of(
      hub_.reactor(),
      session->user(),
      session->options_.device,
      std::move(cids),
      [self = shared_from_this()](base::Result<std::vector<ports::Membership>> found) {
        if (found.has_error()) return self->failed(found.error());
        self->place(std::move(*found));
      });
}

void Attachment::place(std::vector<ports::Membership> memberships) {
  auto* session = this->session();
  if (session == nullptr) return;
  for (auto& membership : known_)
    memberships.push_back(std::move(membership));
  const auto& own = session->options_.user_cid;
  if (everything_ && std::none_of(memberships.begin(), memberships.end(), [&](const auto& m) {
        return m.cid == own;
      }))
    memberships.push_back(
        {.cid = own, .kind = domain::Kind::user_log});  // nothing has happened to him yet
  std::stable_sort(memberships.begin(), memberships.end(), [&](const auto& a, const auto& b) {
    if ((a.cid == own) != (b.cid == own)) return a.cid == own;
    return a.active_at > b.active_at;
  });
  bool reset = everything_ && !session->options_.epoch_matches;
  const auto& claims = session->options_.cursors;
  for (const auto& membership : memberships)
    for (const auto& [cid, seq] : claims)
      reset = reset || (everything_ && cid == membership.cid && seq > membership.head);
  if (reset) {
    wire::engineio::OutMessage::Builder builder{wire::engineio::OutMessage::Builder::Kind::text,
                                                96};
    auto json = wire::socketio::begin_event(builder.buffer(), "session.reset");
    json.begin_object().field("epoch", hub_.store().meta().epoch).end_object().end_array();
    session->sink().send(std::move(builder).finish());
  }
  for (const auto& membership : memberships)
    place_one(*session, membership, reset);
  session->options_.cursors = {};  // were needed once
  session->attach_wanted();
  session->pump();
}

void Attachment::place_one(Session& session, const ports::Membership& membership, bool reset) {
  auto* channel = hub_.find_channel({session.user().app, membership.cid});
  if (channel == nullptr || session.find(*channel) != nullptr) return;
  // Live channels hear of everything by their queue: only one that was just made needs the head
  // that was read.
  if (channel->listeners.empty() && membership.head > channel->head) {
    hub_.forget_ring(*channel);
    channel->head = membership.head;
  }
  Seq at = reset ? membership.from_seq - 1 : starting_position(session, membership);
  if (at > channel->head) hub_.raise_head(*channel, at);
  const auto missing = channel->head - at;
  const auto cost = missing > limits::behind_events_max ? limits::history_page_max : missing;
  if (cost > budget_) {
    session.send_gap(membership.cid, at + 1, channel->head);
    at = channel->head;
  } else {
    budget_ -= cost;
  }
  session.place(*channel, at);
}

Seq Attachment::starting_position(const Session& session,
                                  const ports::Membership& membership) const {
  const Seq earliest = membership.from_seq - 1;
  const auto& claims = session.options_.cursors;
  const auto claimed = std::find_if(claims.begin(), claims.end(), [&](const auto& claim) {
    return claim.first == membership.cid;
  });
  Seq at = earliest;
  if (claimed != claims.end())
    at = claimed->second;
  else if (membership.device_cursor)
    at = *membership.device_cursor;
  else if (membership.default_cursor)
    at = *membership.default_cursor;
  return std::max(at, earliest);
}

void Attachment::failed(const base::Fault& fault) {
  auto* session = this->session();
  if (session == nullptr) return;
  hub_.logger_.log(
      base::LogLevel::warning, "attach_failed", {{"code", base::info(fault.code).name}});
  session->sink().close(CloseCode::server_error);
}

}  // namespace kith::delivery
