#include "delivery/registry.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "delivery/hub.hpp"
#include "delivery/relay.hpp"

#include <algorithm>
#include <bit>

namespace kith::delivery {
namespace {

constexpr std::chrono::milliseconds retry_after{20};

}  // namespace

Registry::Registry(ports::Reactor& reactor, const Network& network, const base::Key16& id_key)
    : reactor_(reactor),
      network_(network),
      id_key_(id_key),
      untold_(reactor.count()),
      ticks_(reactor, [this](const auto& key, const auto& frame) { broadcast(key, frame, {}); }) {
  KITH_ASSERT(reactor.count() <= reactors_max);
}

void Registry::subscribe(std::size_t listener,
                         const std::vector<ConversationKey>& keys,
                         base::Task done) {
  for (const auto& key : keys) {
    auto& reactors = listeners_[key].reactors;
    const auto before = std::exchange(reactors, reactors | std::uint64_t{1} << listener);
    if (watch_ != nullptr && before != reactors) watch_->on_listeners(key, reactors);
  }
  if (relay_ == nullptr) return done();
  relay_->join(keys);
  relay_->when_joined(keys, std::move(done));
}

void Registry::unsubscribe(std::size_t listener, const ConversationKey& key) {
  const auto it = listeners_.find(key);
  if (it == listeners_.end()) return;
  it->second.reactors &= ~(std::uint64_t{1} << listener);
  untold_[listener].erase(key);
  if (watch_ != nullptr) watch_->on_listeners(key, it->second.reactors);
  if (it->second.reactors != 0) return;
  listeners_.erase(it);
  if (relay_ != nullptr) relay_->leave(key);
}

std::uint64_t Registry::listeners_of(const ConversationKey& key) const noexcept {
  const auto it = listeners_.find(key);
  return it == listeners_.end() ? 0 : it->second.reactors;
}

template <class F>
void Registry::each_listener(const ConversationKey& key, F f) const {
  const auto it = listeners_.find(key);
  if (it == listeners_.end()) return;
  for (auto left = it->second.reactors; left != 0; left &= left - 1)
    f(static_cast<std::size_t>(std::countr_zero(left)));
}

bool Registry::give(std::size_t listener, base::Task task) {
  if (listener != reactor_.index()) return network_.homes->reactors[listener]->try_post(task);
  task();
  return true;
}

void Registry::publish(const conversations::Committed& committed) {
  if (relay_ != nullptr && !committed.foreign) relay_->publish(committed);
  const auto listened = listeners_.find(committed.key);
  if (listened == listeners_.end()) return;
  listened->second.members = committed.members;
  const auto published =
      encode(id_key_, committed.key, committed.event, committed.origin, committed.id);
  each_listener(committed.key, [&](std::size_t listener) { hand_to(listener, published); });
}

void Registry::show_early(const conversations::EarlyMessage& message) {
  if (relay_ != nullptr) relay_->publish_hint(message.key, EarlyFrame{message});
  show_here(message);
}

void Registry::retract(const ConversationKey& key, const MessageId& id) {
  if (relay_ != nullptr) relay_->publish_hint(key, RetractFrame{id});
  retract_here(key, id);
}

void Registry::learn(const ConversationKey& key, Seq head) {
  if (relay_ != nullptr) relay_->publish_head(key, head);
  learn_here(key, head);
}

void Registry::broadcast_here(const ConversationKey& key, std::string_view packet) {
  using wire::engineio::OutMessage;
  if (packet.empty()) return;
  OutMessage::Builder builder{OutMessage::Builder::Kind::text, packet.size()};
  builder.buffer() += packet.substr(1);  // Engine.IO's type is the builder's
  broadcast_here(key, std::move(builder).finish(), 0);
}

void Registry::show_here(const conversations::EarlyMessage& message) {
  if (!listeners_.contains(message.key)) return;
  const auto early = encode_early(message);
  each_listener(message.key, [&](std::size_t listener) {
    auto* hub = network_.hubs[listener];
    give(listener, [hub, early] { hub->on_early(early); });
  });
}

void Registry::retract_here(const ConversationKey& key, const MessageId& id) {
  each_listener(key, [&](std::size_t listener) {
    auto* hub = network_.hubs[listener];
    if (listener == reactor_.index()) return hub->on_retract(key, id);
    // Bounded by the sends on their way.
    network_.homes->reactors[listener]->post([hub, key, id] { hub->on_retract(key, id); });
  });
}

void Registry::learn_here(const ConversationKey& key, Seq head) {
  each_listener(key, [&](std::size_t listener) {
    auto* hub = network_.hubs[listener];
    if (!give(listener, [hub, key, head] { hub->learn(key, head); }))
      tell_later(listener, key, head);
  });
}

void Registry::note_ticks(const std::vector<Tick>& ticks) {
  std::vector<Tick> wanted;
  for (const auto& tick : ticks) {
    const auto it = listeners_.find(tick.key);
    if (it != listeners_.end() && it->second.members <= base::limits::ticks_members_max)
      wanted.push_back(tick);
  }
  ticks_.note(wanted);
}

void Registry::broadcast(const ConversationKey& key,
                         const wire::engineio::OutMessage& message,
                         const Whom& whom) {
  const auto listened = listeners_.find(key);
  if (listened != listeners_.end() && listened->second.members > whom.members_max) return;
  if (relay_ != nullptr)
    relay_->publish_hint(key, EphemeralFrame{std::string{message.packet_view()}});
  broadcast_here(key, message, whom.except);
}

void Registry::broadcast_here(const ConversationKey& key,
                              const wire::engineio::OutMessage& message,
                              std::uint64_t except) {
  each_listener(key, [&](std::size_t listener) {
    auto* hub = network_.hubs[listener];
    give(listener, [hub, key, message, except] { hub->on_broadcast(key, message, except); });
  });
}

void Registry::hand_to(std::size_t listener, const PublishedPtr& published) {
  auto* hub = network_.hubs[listener];
  // The way of every message: without a task where none is needed.
  if (listener == reactor_.index()) return hub->on_published(published);
  if (!give(listener, [hub, published] { hub->on_published(published); }))
    tell_later(listener, published->key, published->seq);
}

void Registry::tell_later(std::size_t listener, const ConversationKey& key, Seq head) {
  auto& untold = untold_[listener][key];
  untold = std::max(untold, head);
  if (!armed()) reactor_.arm(*this, retry_after);
}

void Registry::on_timer() {
  bool again = false;
  for (std::size_t listener = 0; listener < untold_.size(); ++listener) {
    if (untold_[listener].empty()) continue;
    auto* hub = network_.hubs[listener];
    std::vector<std::pair<ConversationKey, Seq>> heads(untold_[listener].begin(),
                                                       untold_[listener].end());
    base::Task task{[hub, heads = std::move(heads)] {
      for (const auto& [key, seq] : heads)
        hub->learn(key, seq);
    }};
    if (network_.homes->reactors[listener]->try_post(task))
      untold_[listener].clear();
    else
      again = true;
  }
  if (again) reactor_.arm(*this, retry_after);
}

}  // namespace kith::delivery
