#include "delivery/relay.hpp"

#include "base/limits.hpp"
#include "base/simulation.hpp"
#include "delivery/registry.hpp"

#include <algorithm>

namespace kith::delivery {

namespace limits = base::limits;

Relay::Relay(Parts parts, std::string id)
    : parts_(parts),
      id_(std::move(id)),
      epoch_(parts.store.meta().epoch),
      comparison_(parts.reactor,
                  parts.store,
                  [this](const ConversationKey& key, Seq known, Seq head) {
                    on_compared(key, known, head);
                  }),
      self_(std::make_shared<Relay*>(this)) {}

Relay::~Relay() {
  *self_ = nullptr;
}

void Relay::start() {
  parts_.reactor.arm(alarm_, std::chrono::milliseconds{limits::relay_interval_ms});
  parts_.link.start(*this);
}

// -------------------------------------------------------------------------------------------------
// who listens here

Relay::Topic* Relay::find_topic(const ConversationKey& key) noexcept {
  const auto it = topics_.find(key);
  return it == topics_.end() ? nullptr : &it->second;
}

void Relay::join(std::span<const ConversationKey> keys) {
  std::vector<ConversationKey> fresh;
  for (const auto& key : keys) {
    auto& topic = topics_[key];
    if (std::exchange(topic.wanted, true)) continue;
    comparison_.watch(key);
    if (topic.asked == 0) fresh.push_back(key);
  }
  subscribe(fresh);
}

void Relay::leave(const ConversationKey& key) {
  const auto it = topics_.find(key);
  if (it == topics_.end()) return;
  auto& topic = it->second;
  topic.wanted = false;
  comparison_.forget(key);
  release(topic);
  if (topic.wanted) return;  // by what was released
  // A channel with an open skip stays: whoever asks about it must be found there.
  if (topic.skipped == 0 || KITH_MUTANT(unsubscribe_with_open_skip)) drop(it);
}

void Relay::drop(Topics::iterator topic) {
  const auto key = topic->first;
  const bool subscribed = topic->second.asked > 0;
  if (topic->second.asked > topic->second.confirmed)
    stale_[key] += topic->second.asked - topic->second.confirmed;
  skips_.erase(key);
  topics_.erase(topic);
  if (subscribed) parts_.link.unsubscribe({channel_of(key)});
}

void Relay::when_joined(const std::vector<ConversationKey>& keys, base::Task done) {
  const auto id = next_waiting_++;
  Waiting waiting{0, std::move(done)};
  if (parts_.link.up() && !KITH_MUTANT(head_read_before_subscribed))
    for (const auto& key : keys) {
      auto* topic = find_topic(key);
      if (topic == nullptr || topic->heard()) continue;
      topic->waiting.push_back(id);
      ++waiting.channels;
    }
  if (waiting.channels == 0) return waiting.done();
  waiting_.emplace(id, std::move(waiting));
}

void Relay::release(Topic& topic) {
  for (const auto id : std::exchange(topic.waiting, {})) {
    const auto it = waiting_.find(id);
    if (it == waiting_.end() || --it->second.channels > 0) continue;
    auto done = std::move(it->second.done);
    waiting_.erase(it);
    done();
  }
}

void Relay::subscribe(const std::vector<ConversationKey>& keys) {
  if (!parts_.link.up() || keys.empty()) return;
  std::vector<std::string> channels;
  for (const auto& key : keys) {
    ++topics_[key].asked;
    channels.push_back(channel_of(key));
  }
  parts_.link.subscribe(std::move(channels));
}

// -------------------------------------------------------------------------------------------------
// the link

void Relay::on_up() {
  name_ = id_ + '/' + std::to_string(++links_);
  own_channel_ = "n:" + name_;
  own_confirmed_ = false;
  question_at_ = parts_.reactor.clock().now();
  parts_.link.subscribe({own_channel_});
  std::vector<ConversationKey> wanted;
  for (auto& [key, topic] : topics_) {
    if (!topic.wanted) continue;
    topic.compare = true;
    wanted.push_back(key);
  }
  subscribe(wanted);
  for (const auto& [key, head] : std::exchange(unpublished_, {}))
    if (!KITH_MUTANT(unpublished_forgotten)) publish_head(key, head);
}

void Relay::on_down() {
  own_confirmed_ = false;
  questions_ = 0;
  stale_.clear();
  // Whether the broker got what it did not answer, nobody knows.
  for (const auto& [key, head] : std::exchange(unanswered_, {}))
    if (head > 0 && !KITH_MUTANT(unanswered_forgotten)) keep_unpublished(key, head);
  std::vector<ConversationKey> unheard;
  for (auto& [key, topic] : topics_) {
    topic.asked = topic.confirmed = 0;
    topic.looks_own = false;
    if (!topic.waiting.empty()) unheard.push_back(key);
  }
  // Whoever waits reads now; what that misses is found by comparing when there is a link again.
  for (const auto& key : unheard)
    if (auto* topic = find_topic(key)) release(*topic);
}

void Relay::on_subscribed(const std::string& channel) {
  if (channel == own_channel_) {
    own_confirmed_ = true;
    return;
  }
  const auto key = key_of(channel);
  if (!key) return;
  if (const auto stale = stale_.find(*key); stale != stale_.end()) {
    if (--stale->second == 0) stale_.erase(stale);
    return;
  }
  auto* topic = find_topic(*key);
  if (topic == nullptr) return;
  if (topic->confirmed < topic->asked) ++topic->confirmed;
  if (!topic->heard()) return;
  // Tells those who think they are alone, and finds out whether this link is.
  send(*key, topic, GreetingFrame{});
  if (std::exchange(topic->compare, false) && !KITH_MUTANT(no_compare_after_break))
    comparison_.want(*key);
  release(*topic);
}

void Relay::on_message(const std::string& channel, std::string_view payload) {
  if (publisher_of(payload) == name_) return;
  const auto key = key_of(channel);
  if (!key) return;
  auto frame = read_frame(*key, payload);
  if (frame.has_error()) {
    parts_.logger.log(base::LogLevel::warning, "relay_frame_refused", {{"bytes", payload.size()}});
    return;
  }
  if (frame->epoch == epoch_) hear(*key, std::move(frame->body));
}

void Relay::hear(const ConversationKey& key, RelayBody body) {
  auto* topic = find_topic(key);
  if (topic == nullptr) return;
  if (auto* event = std::get_if<EventFrame>(&body)) {
    comparison_.note(key, event->committed.event.seq);
    parts_.home.on_committed(event->committed);
  } else if (const auto* head = std::get_if<HeadFrame>(&body)) {
    comparison_.note(key, head->head);
    parts_.registry.learn_here(key, head->head);
  } else if (const auto* early = std::get_if<EarlyFrame>(&body)) {
    parts_.registry.show_here(early->message);
  } else if (const auto* retract = std::get_if<RetractFrame>(&body)) {
    parts_.registry.retract_here(key, retract->id);
  } else if (const auto* ephemeral = std::get_if<EphemeralFrame>(&body)) {
    parts_.registry.broadcast_here(key, ephemeral->packet);
  } else {
    ++topic->greetings;
    topic->looks_own = false;
  }
}

// -------------------------------------------------------------------------------------------------
// what is told

void Relay::publish(const conversations::Committed& committed) {
  const auto& key = committed.key;
  comparison_.note(key, committed.event.seq);
  if (!parts_.link.up()) return keep_unpublished(key, committed.event.seq);
  auto* topic = find_topic(key);
  if (topic != nullptr && topic->alone()) {
    topic->skipped = committed.event.seq;
    topic->skipped_at = ++stamp_;
    skips_.insert(key);
    return;
  }
  if (committed.event.body.size() > limits::relay_frame_bytes_max)
    send(key, topic, HeadFrame{committed.event.seq}, committed.event.seq);
  else
    send(key, topic, EventFrame{committed}, committed.event.seq);
}

void Relay::publish_head(const ConversationKey& key, Seq head) {
  comparison_.note(key, head);
  if (!parts_.link.up()) return keep_unpublished(key, head);
  send(key, find_topic(key), HeadFrame{head}, head);
}

void Relay::publish_hint(const ConversationKey& key, RelayBody body) {
  if (!parts_.link.up()) return;
  auto* topic = find_topic(key);
  if (topic != nullptr && topic->alone()) return;
  send(key, topic, std::move(body));
}

void Relay::send(const ConversationKey& key, Topic* topic, RelayBody body, Seq head) {
  const auto greetings = topic == nullptr ? 0 : topic->greetings;
  unanswered_.emplace_back(key, head);
  parts_.link.publish(channel_of(key),
                      write_frame({name_, epoch_, std::move(body)}),
                      [self = self_, greetings](std::size_t receivers) {
                        if (*self != nullptr) (*self)->on_receivers(greetings, receivers);
                      });
}

void Relay::on_receivers(std::uint32_t greetings, std::size_t receivers) {
  const auto key = unanswered_.front().first;
  unanswered_.pop_front();
  if (auto* topic = find_topic(key))
    topic->looks_own = receivers == 1 && topic->heard() && topic->greetings == greetings;
}

// What is not known to be told when there is a link again. Of too many the others find out by
// themselves: they are told to compare.
void Relay::keep_unpublished(const ConversationKey& key, Seq head) {
  if (unpublished_.size() >= limits::relay_unpublished_max && !unpublished_.contains(key)) {
    lossy_until_ = parts_.reactor.clock().now() + std::chrono::milliseconds{limits::peer_silent_ms};
    return;
  }
  auto& kept = unpublished_[key];
  kept = std::max(kept, head);
}

}  // namespace kith::delivery
