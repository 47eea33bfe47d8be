#include "delivery/attachment.hpp"

#include "base/limits.hpp"
#include "base/names.hpp"
#include "base/simulation.hpp"
#include "delivery/hub.hpp"
#include "wire/socketio/encode.hpp"

#include <algorithm>

namespace kith::delivery {

namespace limits = base::limits;

Attachment::Attachment(Hub& hub, std::uint64_t session)
    : hub_(hub), hub_alive_(hub.self_), session_(session) {}

Attachment::~Attachment() {
  if (*hub_alive_ == nullptr) return;  // a read or task that was left over at the end
  for (const auto& key : pinned_)
    hub_.unpin(key);
}

Session* Attachment::session() const noexcept {
  return *hub_alive_ == nullptr ? nullptr : hub_.find_session(session_);
}

void Attachment::subscribe(const std::vector<Cid>& cids, base::Task then) {
  std::vector<ConversationKey> keys;
  keys.reserve(cids.size());
  for (const auto& cid : cids)
    keys.push_back({session()->user().app, cid});
  pinned_.insert(pinned_.end(), keys.begin(), keys.end());
  hub_.subscribe(keys, std::move(then));
}

void Attachment::attach_all(std::vector<std::pair<Cid, Seq>> cursors,
                            bool epoch_matches,
                            bool are_all) {
  everything_ = true;
  claims_are_all_ = are_all;
  epoch_matches_ = epoch_matches;
  claims_.insert(cursors.begin(), cursors.end());
  budget_ = hub_.options().catchup_events_max;
  subscribe({session()->user_cid_}, [self = shared_from_this()] { self->find_memberships(); });
}

void Attachment::attach_missing() {
  budget_ = hub_.options().catchup_events_max;
  find_memberships();  // its own log is listened to already
}

void Attachment::attach(std::vector<Cid> cids) {
  budget_ = hub_.options().catchup_events_max;
  subscribe(cids,
            [self = shared_from_this(), cids]() mutable { self->read_heads(std::move(cids)); });
}

template <class Ask>
void Attachment::read(Ask ask) {
  if (session() == nullptr) return;
  hub_.membership_reads_.enter([self = shared_from_this(), ask = std::move(ask)]() mutable {
    const auto* session = self->session();
    if (session == nullptr) return false;
    ask(*self, *session);
    return true;
  });
}

// Where a read comes back: the next may begin.
bool Attachment::read_ended() const {
  if (*hub_alive_ == nullptr) return false;
  hub_.membership_reads_.end();
  return session() != nullptr;
}

void Attachment::find_memberships() {
  read([](Attachment& self, const Session& session) {
    self.asked_at_ = self.hub_.stamp();
    self.hub_.store().memberships(
        self.hub_.reactor(),
        session.user(),
        session.device(),
        [self = self.shared_from_this(), asked_at = self.asked_at_](auto found) {
          if (self->read_ended()) self->on_memberships(asked_at, std::move(found));
        });
  });
}

void Attachment::on_memberships(std::uint64_t asked_at,
                                base::Result<std::vector<ports::Membership>> found) {
  auto* session = this->session();
  if (session == nullptr) return;
  if (found.has_error()) return failed(found.error());
  std::vector<Cid> again;
  for (auto& membership : *found) {
    const auto* channel = hub_.find_channel({session->user().app, membership.cid});
    if ((channel != nullptr && channel->confirmed_at != 0 && channel->confirmed_at < asked_at) ||
        KITH_MUTANT(head_read_before_registration))
      known_.push_back(std::move(membership));
    else
      again.push_back(membership.cid);
  }
  // Pin what is known too: the others may leave those channels while the rest is read.
  std::vector<Cid> all = again;
  for (const auto& membership : known_)
    all.push_back(membership.cid);
  subscribe(all, [self = shared_from_this(), again]() mutable {
    if (again.empty()) return self->place({});
    self->read_heads(std::move(again));
  });
}

void Attachment::read_heads(std::vector<Cid> cids) {
  read([cids = std::move(cids)](Attachment& self, const Session& session) mutable {
    if (self.known_.empty()) self.asked_at_ = self.hub_.stamp();
    self.hub_.store().memberships_of(
        self.hub_.reactor(),
        session.user(),
        session.device(),
        std::move(cids),
        [self = self.shared_from_this()](base::Result<std::vector<ports::Membership>> found) {
          if (!self->read_ended()) return;
          if (found.has_error()) return self->failed(found.error());
          self->place(std::move(*found));
        });
  });
}

void Attachment::place(std::vector<ports::Membership> memberships) {
  auto* session = this->session();
  if (session == nullptr) return;
  for (auto& membership : known_)
    memberships.push_back(std::move(membership));
  known_.clear();
  if (session->left_at_ > asked_at_) {
    // He left a conversation since: what was read may show him in it, before events he has seen.
    std::vector<Cid> cids;
    cids.reserve(memberships.size());
    for (const auto& membership : memberships)
      cids.push_back(membership.cid);
    return read_heads(std::move(cids));
  }
  const auto& own = session->user_cid_;
  if (everything_ && std::none_of(memberships.begin(), memberships.end(), [&](const auto& m) {
        return m.cid == own;
      }))
    memberships.push_back(
        {.cid = own, .kind = domain::Kind::user_log});  // nothing has happened to him yet
  std::stable_sort(memberships.begin(), memberships.end(), [&](const auto& a, const auto& b) {
    if ((a.cid == own) != (b.cid == own)) return a.cid == own;
    return a.active_at > b.active_at;
  });
  bool reset = everything_ && !epoch_matches_;
  for (const auto& membership : memberships)
    reset = reset || (everything_ && cursor_of(membership).value_or(0) > membership.head &&
                      !KITH_MUTANT(cursor_above_head));
  if (reset) send_reset(*session);
  session->expect(memberships.size());
  for (const auto& membership : memberships)
    place_one(*session, membership, reset);
  for (auto* watch : hub_.watches_)
    watch->on_placed(*session);
  session->attach_wanted();
  session->pump();
  session = this->session();
  if (session != nullptr && session->at_heads()) session->sink().caught_up();
}

void Attachment::send_reset(Session& session) const {
  using wire::engineio::OutMessage;
  OutMessage::Builder builder{OutMessage::Builder::Kind::text, 96};
  auto json = wire::socketio::begin_event(builder.buffer(), "session.reset");
  json.begin_object().field("epoch", hub_.epoch()).end_object().end_array();
  session.sink().send(std::move(builder).finish());
}

void Attachment::place_one(Session& session, const ports::Membership& membership, bool reset) {
  auto* channel = hub_.find_channel({session.user().app, membership.cid});
  if (channel == nullptr || session.find(*channel) != nullptr) return;
  // Live channels hear of everything by their queue: only one that was just made needs the head
  // that was read.
  if (channel->listeners.empty()) hub_.learn(channel->key, membership.head);
  Seq at = membership.from_seq - 1;
  // What a cursor covers another connection may have seen: with a session that was there when he
  // was added, it begins with that.
  if (everything_ && !reset)
    if (const auto cursor = cursor_of(membership); cursor && *cursor <= membership.head)
      at = std::max(at, *cursor);
  hub_.learn(channel->key, at);
  // He was a member at the head that was read, so up to there events may be passed over unseen;
  // what came after it may hold his removal.
  Seq skip_to = 0;
  const auto missing = channel->head - at;
  const bool far = missing > limits::behind_events_max;
  const auto cost = far ? limits::history_page_max : missing;
  if (cost > budget_)
    skip_to = membership.head;
  else if (far && membership.head > at + limits::history_page_max)
    skip_to = membership.head - limits::history_page_max;
  budget_ -= std::min(cost, budget_);
  session.place(*channel, {.at = at, .skip_to = skip_to, .from = membership.from_seq});
}

std::optional<Seq> Attachment::cursor_of(const ports::Membership& membership) const {
  if (const auto claim = claims_.find(membership.cid); claim != claims_.end()) return claim->second;
  if (claims_are_all_) return std::nullopt;
  return membership.device_cursor ? membership.device_cursor : membership.default_cursor;
}

void Attachment::failed(const base::Fault& fault) {
  auto* session = this->session();
  if (session == nullptr) return;
  hub_.logger_.log(
      base::LogLevel::warning, "attach_failed", {{"code", base::info(fault.code).name}});
  session->sink().close(CloseCode::server_error);
}

}  // namespace kith::delivery
