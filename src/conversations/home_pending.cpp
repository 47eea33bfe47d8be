#include "base/simulation.hpp"
#include "conversations/home.hpp"
#include "conversations/outcome.hpp"
#include "domain/identity.hpp"

#include <algorithm>

// Sends that wait for the database: shown when they have waited long enough, taken back when they
// have waited too long.
namespace kith::conversations {

namespace limits = base::limits;

namespace {

constexpr base::Duration wait_max = std::chrono::milliseconds{limits::lane_wait_ms_max};
constexpr base::Duration lane_look_interval = std::chrono::seconds{1};

MessageId id_of(const PendingSend& send, const base::Key16& id_key) {
  return domain::message_id(id_key, send.key, send.sender, send.client_id);
}

}  // namespace

void Home::on_answered(std::uint64_t number, const base::Result<SendResult>& result) {
  const auto* send = pending_.find(number);
  const bool shown = send != nullptr && send->to_settle;
  if (result.has_value()) {
    // Stored before, perhaps by another node that died before it could tell.
    if (result->duplicate) audience_.learn(result->key, result->seq);
  } else if (shown) {
    // An id that the server made is not sent twice. The search is long: only for what was shown.
    auto* twin = send->server_made_key ? nullptr : pending_.find_twin(number);
    if (twin != nullptr)  // what becomes of the message is decided by that one
      twin->to_settle = true;
    else
      audience_.retract(send->key, id_of(*send, store_.meta().id_key));
  }
  const auto key = send == nullptr ? ConversationKey{} : send->key;
  const auto ahead = send == nullptr ? 0 : send->ahead;
  pending_.answered(number);
  if (const auto it = on_their_way_.find(key); it != on_their_way_.end()) {
    if (result.has_value()) it->second.head = std::max(it->second.head, result->seq);
    // What was taken back is answered before what a transaction has.
    if (it->second.last == number) it->second.last = pending_.find(ahead) == nullptr ? 0 : ahead;
    if (it->second.last == 0) on_their_way_.erase(it);
  }
  if (!early_.empty()) show_decided(key);
}

bool Home::stalled() const {
  const auto oldest = pending_.oldest();
  return oldest && reactor_.clock().now() - *oldest > wait_max;
}

// -------------------------------------------------------------------------------------------------
// shown before they are stored

void Home::arm_early() {
  const auto due = pending_.next_due();
  if (!due || (early_alarm_.armed() && early_at_ <= *due)) return;
  early_at_ = *due;
  reactor_.arm(early_alarm_, std::max(base::Duration::zero(), *due - reactor_.clock().now()));
}

void Home::on_early_time() {
  const auto now = reactor_.clock().now();
  pending_.take_due(now, [&](std::uint64_t number) { prepare_early(number, now); });
  arm_early();
}

void Home::prepare_early(std::uint64_t number, base::Instant now) {
  auto& send = *pending_.find(number);
  if (!may_show(send, now)) return;
  const auto key = send.key;
  send.early = PendingSend::Early::looked_for;
  if (send.is_new && !early_.contains(key)) return show_in_order(number);
  early_[key].push(number, send.is_new ? EarlyQueue::Verdict::show : EarlyQueue::Verdict::open);
  if (!send.is_new) look_before_showing(key, number);
}

// Without a look at the database. Asked when it comes: as soon as a transaction has it, memory can
// not tell it from one that is stored.
bool Home::is_new(const SendRequest& request) const {
  return request.server_made_key ||
         store_.never_sent(request.key, request.sender, request.client_id) ||
         KITH_MUTANT(retries_taken_for_new);
}

bool Home::may_show(const PendingSend& send, base::Instant now) {
  const auto* ahead = pending_.find(send.ahead);
  if (ahead != nullptr && ahead->early == PendingSend::Early::no) return false;
  return early_budget_.take(send.listeners + limits::early_message_cost, now);
}

// Nothing is shown before what comes before it in its conversation: neither of them has a number by
// which a device could put them right.
bool Home::keeps_order(const PendingSend& send) {
  const auto* ahead = pending_.find(send.ahead);
  return ahead == nullptr || ahead->early == PendingSend::Early::shown;
}

// A sender's retry may be stored, seen and forgotten here: shown again it would be shown twice.
// What is not there now gets a number above `after`, and that much is known wherever it is shown.
void Home::look_before_showing(const ConversationKey& key, std::uint64_t number) {
  looks_.enter([self = self_, key, number] {
    if (*self == nullptr) return false;
    auto& me = **self;
    const auto* send = me.pending_.find(number);
    if (send == nullptr) {
      me.show_decided(key);
      return false;
    }
    me.store_.find_send(
        me.reactor_, {key, send->sender, send->client_id}, [self, key, number](auto found) {
          if (*self == nullptr) return;
          (*self)->looks_.end();
          (*self)->on_looked(key, number, found.has_value() && !*found);
        });
    return true;
  });
}

void Home::on_looked(const ConversationKey& key, std::uint64_t number, bool fresh) {
  if (auto* send = pending_.find(number); send != nullptr && !fresh)
    send->early = PendingSend::Early::no;
  if (const auto queue = early_.find(key); queue != early_.end())
    queue->second.decide(number, fresh ? EarlyQueue::Verdict::show : EarlyQueue::Verdict::skip);
  show_decided(key);
}

void Home::show_decided(const ConversationKey& key) {
  const auto queue = early_.find(key);
  if (queue == early_.end()) return;
  const auto pending = [this](std::uint64_t number) { return pending_.find(number) != nullptr; };
  queue->second.flush(pending, [this](std::uint64_t number) { show_in_order(number); });
  if (queue->second.size() == 0) early_.erase(queue);
}

void Home::show_in_order(std::uint64_t number) {
  auto& send = *pending_.find(number);
  if (keeps_order(send))
    show(send, number);
  else  // the one before it was looked for in vain
    send.early = PendingSend::Early::no;
}

Seq Home::head_known(const ConversationKey& key) const {
  const auto others = on_their_way_.find(key);
  const auto slot = slots_.find(key);
  const auto* loaded = slot == slots_.end() ? nullptr : slot->second.loaded.get();
  return std::max(others == on_their_way_.end() ? 0 : others->second.head,
                  loaded == nullptr ? 0 : loaded->last_seq());
}

void Home::show(PendingSend& send, std::uint64_t number) {
  send.early = PendingSend::Early::shown;
  send.to_settle = true;
  const auto& id_key = store_.meta().id_key;
  EarlyMessage message{.key = send.key,
                       .id = id_of(send, id_key),
                       .number = number,
                       .sender = send.sender,
                       .client_id = send.client_id,
                       .body = std::move(send.body),
                       .ts = send.ts,
                       .after = send.after,
                       .follows = std::max(send.after, head_known(send.key)),
                       .origin = send.origin};
  if (const auto* ahead = pending_.find(send.ahead)) {
    message.ahead = Attempt{id_of(*ahead, id_key), send.ahead};
    message.ahead_session = ahead->origin.session;
    if (const auto* other = pending_.find(send.ahead_of_others))
      message.ahead_of_others = Attempt{id_of(*other, id_key), send.ahead_of_others};
  }
  audience_.show_early(message);
}

// -------------------------------------------------------------------------------------------------
// taken back

void Home::note_submitted(base::Instant now) {
  last_submitted_at_ = now;
  if (!lane_alarm_.armed()) reactor_.arm(lane_alarm_, lane_look_interval);
}

void Home::on_lane_time() {
  const auto now = reactor_.clock().now();
  const bool something = pending_.size() > 0 || waiting_ > 0;
  if (something || now - last_submitted_at_ <= wait_max + lane_look_interval)
    reactor_.arm(lane_alarm_, lane_look_interval);
  take_back({now.ns - wait_max.count()});
}

void Home::take_back(base::Instant limit) {
  for (std::size_t lane = 0; lane < store_.lanes(); ++lane) {
    const auto late = store_.withdraw(lane, limit);
    if (!late.empty()) refuse_all(homes_, late, database_stalled);
  }
  if (waiting_ == 0) return;
  std::vector<SendRequest> late;
  for (auto& [key, slot] : slots_)
    if (!slot.waiting.empty() && slot.waiting_since < limit)
      for (auto& request : take_waiting(slot))
        late.push_back(std::move(request));
  for (auto& request : late)
    refuse(std::move(request), database_stalled);
}

}  // namespace kith::conversations
