#include "conversations/home.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <utility>

namespace kith::conversations {

using base::Errc;
using base::Fault;

namespace {

constexpr unsigned number_free_bits = 12;  // above the first number: as many as there may be sends

}  // namespace

Home::Home(ports::Reactor& reactor,
           ports::Store& store,
           Audience& audience,
           const Homes& homes,
           Options options)
    : reactor_(reactor),
      store_(store),
      audience_(audience),
      homes_(homes),
      options_(options),
      pending_(1 + (reactor.random().next_u64() >> number_free_bits)),
      looks_(std::max<std::size_t>(1, base::limits::early_looks_max / reactor.count())),
      self_(std::make_shared<Home*>(this)) {}

Home::~Home() {
  *self_ = nullptr;
}

Home::Slot& Home::touch(const ConversationKey& key) {
  const auto [it, fresh] = slots_.try_emplace(key);
  if (fresh) {
    recent_.push_front(key);
    it->second.recent = recent_.begin();
  } else {
    recent_.splice(recent_.begin(), recent_, it->second.recent);
  }
  return it->second;
}

void Home::send(SendRequest request) {
  if (stalled()) {
    return refuse(std::move(request), database_stalled);
  }
  const auto known = slots_.find(request.key);
  const bool loaded = known != slots_.end() && known->second.loaded;
  const bool full =
      waiting_ >= options_.waiting_max || waiting_bytes_ >= options_.waiting_bytes_max;
  if (!loaded && full) {  // before a slot is made that nobody fills
    return refuse(
        std::move(request),
        Fault{Errc::overloaded, "too many conversations are being loaded: send again", 1'000});
  }
  auto& slot = touch(request.key);
  if (loaded) return decide(slot.loaded.get(), std::move(request));
  const auto key = request.key;
  const auto now = reactor_.clock().now();
  if (slot.waiting.empty()) slot.waiting_since = now;
  ++waiting_;
  waiting_bytes_ += request.body.size();
  slot.waiting.push_back(std::move(request));
  note_submitted(now);
  if (!std::exchange(slot.loading, true)) load(key);
}

void Home::refuse(SendRequest request, const Fault& fault) {
  refuse(request.asker, std::move(request.done), fault);
}

std::vector<SendRequest> Home::take_waiting(Slot& slot) {
  auto waiting = std::exchange(slot.waiting, {});
  waiting_ -= waiting.size();
  for (const auto& request : waiting)
    waiting_bytes_ -= request.body.size();
  return waiting;
}

void Home::load(const ConversationKey& key) {
  store_.load(reactor_, key, [self = self_, key](auto result) {
    if (*self != nullptr) (*self)->on_loaded(key, std::move(result));
  });
}

void Home::on_loaded(const ConversationKey& key,
                     base::Result<std::optional<ports::LoadedConversation>> result) {
  const auto it = slots_.find(key);
  KITH_ASSERT(it != slots_.end());  // a slot that is being loaded is not evicted
  auto& slot = it->second;
  const bool there = result.has_value() && result->has_value();
  if (result.has_value() && !there && (slot.missed || !slot.heard.empty())) {
    slot.heard.clear();  // made after the read began: the next read has it, and these events
    slot.missed = false;
    return load(key);
  }
  if (there) {
    slot.loaded = std::make_unique<Loaded>(std::move(**result));
    if (!apply_heard(slot)) {
      slot.loaded.reset();
      return load(key);
    }
  }
  slot.loading = false;
  auto waiting = take_waiting(slot);
  const Loaded* loaded = nullptr;
  if (there) {
    members_ += slot.loaded->members();
    loaded = slot.loaded.get();
  } else {  // before the answers, which may bring new sends
    recent_.erase(slot.recent);
    slots_.erase(it);
  }
  for (auto& request : waiting) {
    if (result.has_error())
      refuse(std::move(request), result.error());
    else
      decide(loaded, std::move(request));
  }
  evict();
}

bool Home::apply_heard(Slot& slot) {
  bool all = !std::exchange(slot.missed, false);
  for (const auto& committed : std::exchange(slot.heard, {}))
    all = all && slot.loaded->apply(committed);
  return all;
}

void Home::decide(const Loaded* loaded, SendRequest request) {
  std::uint64_t access_rev = 0;
  if (loaded != nullptr) {
    if (const auto right = loaded->may_send(request.sender)) {
      // Other nodes may have given him the right since: the transaction has the last word.
      if (right->has_error() && options_.alone) return refuse(std::move(request), right->error());
      if (right->has_value()) access_rev = loaded->access_rev();
    }
    request.direct.reset();
  } else if (!request.direct) {
    return refuse(std::move(request), domain::no_conversation());
  }
  submit_send(loaded, std::move(request), access_rev);
}

void Home::submit_send(const Loaded* loaded, SendRequest request, std::uint64_t access_rev) {
  PendingSend pending{.key = request.key,
                      .sender = request.sender,
                      .client_id = request.client_id,
                      .server_made_key = request.server_made_key,
                      .ts = reactor_.clock().wall(),
                      .origin = request.origin,
                      .submitted_at = reactor_.clock().now()};
  auto show_within = request.show_within;
  // Nobody listens to what is not there; and who may not be allowed to send is shown to nobody
  // until the transaction has said that he is.
  if (loaded == nullptr || access_rev == 0) show_within.reset();
  if (show_within) {
    pending.body = request.body;
    pending.is_new = is_new(request);
    pending.after = loaded->last_seq();
    pending.listeners = loaded->members();
  }
  auto entry = std::make_unique<SendEntry>();
  entry->asker = request.asker;
  entry->ts = pending.ts;
  entry->key = request.key;
  entry->sender = std::move(request.sender);
  entry->client_id = std::move(request.client_id);
  entry->server_made_key = request.server_made_key;
  entry->body = std::move(request.body);
  entry->counted = request.counted;
  entry->access_rev = access_rev;
  entry->direct = std::move(request.direct);
  entry->origin = request.origin;
  const auto number = entry->number = pending_.next_number();
  entry->done = std::move(request.done);
  if (!submit(std::move(entry))) return;
  pending.ahead = std::exchange(on_their_way_[pending.key].last, number);
  const auto now = pending.submitted_at;
  if (show_within == base::Duration::zero()) {  // without the clock, which turns each millisecond
    pending_.add(std::move(pending), std::nullopt);
    return prepare_early(number, now);
  }
  pending_.add(std::move(pending), show_within);
  if (show_within) arm_early();
}

void Home::on_committed(const Committed& committed) {
  if (const auto it = slots_.find(committed.key); it != slots_.end()) {
    auto& slot = it->second;
    if (auto* loaded = slot.loaded.get()) {
      members_ -= loaded->members();
      const bool whole = loaded->apply(committed);
      members_ += loaded->members();
      if (!whole) forget(committed.key);
    } else if (slot.heard.size() < base::limits::heard_while_loading_max) {
      slot.heard.push_back(committed);
    } else {
      slot.missed = true;
    }
  }
  audience_.publish(committed);
}

void Home::forget(const ConversationKey& key) {
  const auto it = slots_.find(key);
  members_ -= it->second.loaded->members();
  recent_.erase(it->second.recent);
  slots_.erase(it);
}

void Home::forget_all() {
  const auto keys = recent_;
  for (const auto& key : keys)
    if (slots_.at(key).loaded)
      forget(key);
    else
      slots_.at(key).missed = true;
}

void Home::evict() {
  auto victim = recent_.end();
  const auto too_much = [&] {
    return slots_.size() > options_.loaded_max || members_ > options_.members_max;
  };
  while (too_much() && victim != recent_.begin()) {
    --victim;
    const auto it = slots_.find(*victim);
    if (!it->second.loaded) continue;  // somebody waits for it
    members_ -= it->second.loaded->members();
    slots_.erase(it);
    victim = recent_.erase(victim);
  }
}

}  // namespace kith::conversations
