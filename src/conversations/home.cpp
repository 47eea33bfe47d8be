#include "conversations/home.hpp"

#include "base/assert.hpp"

#include <utility>

namespace kith::conversations {

using base::Errc;
using base::Fault;

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
  const auto known = slots_.find(request.key);
  const bool loaded = known != slots_.end() && known->second.loaded;
  const bool full =
      waiting_ >= options_.waiting_max || waiting_bytes_ >= options_.waiting_bytes_max;
  if (!loaded && full) {  // before a slot is made that nobody fills
    const auto asker = request.asker;
    return answer<SendResult>(
        asker,
        std::move(request.done),
        Fault{Errc::overloaded, "too many conversations are being loaded: send again", 1'000});
  }
  auto& slot = touch(request.key);
  if (loaded) return decide(slot.loaded.get(), std::move(request));
  const bool first = slot.waiting.empty();
  const auto key = request.key;
  ++waiting_;
  waiting_bytes_ += request.body.size();
  slot.waiting.push_back(std::move(request));
  if (first) load(key);
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
  if (result.has_value() && !there && !slot.heard.empty()) {
    slot.heard.clear();  // made after the read began: the next read has it, and these events
    return load(key);
  }
  auto waiting = std::exchange(slot.waiting, {});
  waiting_ -= waiting.size();
  for (const auto& request : waiting)
    waiting_bytes_ -= request.body.size();
  const Loaded* loaded = nullptr;
  if (there) {
    slot.loaded = std::make_unique<Loaded>(std::move(**result));
    for (const auto& committed : std::exchange(slot.heard, {}))
      slot.loaded->apply(committed);
    members_ += slot.loaded->members();
    loaded = slot.loaded.get();
  } else {  // before the answers, which may bring new sends
    recent_.erase(slot.recent);
    slots_.erase(it);
  }
  for (auto& request : waiting) {
    if (result.has_error()) {
      const auto asker = request.asker;
      refuse(asker, std::move(request.done), result.error());
    } else {
      decide(loaded, std::move(request));
    }
  }
  evict();
}

void Home::decide(const Loaded* loaded, SendRequest request) {
  auto entry = std::make_unique<SendEntry>();
  if (loaded != nullptr) {
    if (const auto right = loaded->may_send(request.sender)) {
      if (right->has_error()) {
        const auto asker = request.asker;
        return answer<SendResult>(asker, std::move(request.done), right->error());
      }
      entry->access_rev = loaded->access_rev();
    }
  } else if (!request.direct) {
    const auto asker = request.asker;
    return answer<SendResult>(asker, std::move(request.done), domain::no_conversation());
  } else {
    entry->direct = std::move(request.direct);
  }
  entry->asker = request.asker;
  entry->ts = reactor_.clock().wall();
  entry->key = request.key;
  entry->sender = std::move(request.sender);
  entry->client_id = std::move(request.client_id);
  entry->server_made_key = request.server_made_key;
  entry->body = std::move(request.body);
  entry->origin = request.origin;
  entry->done = std::move(request.done);
  submit(std::move(entry));
}

void Home::on_committed(const Committed& committed) {
  if (const auto it = slots_.find(committed.key); it != slots_.end()) {
    if (auto* loaded = it->second.loaded.get()) {
      members_ -= loaded->members();
      loaded->apply(committed);
      members_ += loaded->members();
    } else {
      it->second.heard.push_back(committed);
    }
  }
  audience_.publish(committed);
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
