#include "delivery/hub.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "base/simulation.hpp"
#include "delivery/registry.hpp"

#include <algorithm>
#include <map>

namespace kith::delivery {

namespace limits = base::limits;

Hub::Hub(ports::Reactor& reactor,
         ports::Store& store,
         conversations::Home& home,
         const Network& network,
         base::Logger& logger,
         HubOptions options)
    : reactor_(reactor),
      store_(store),
      home_(home),
      network_(network),
      logger_(logger),
      options_(options),
      epoch_(store.meta().epoch),
      pages_(*this, std::max<std::size_t>(1, limits::page_reads_max / reactor.count())),
      membership_reads_(std::max<std::size_t>(1, limits::membership_reads_max / reactor.count())),
      looks_(std::max<std::size_t>(1, limits::early_looks_max / reactor.count())),
      self_(std::make_shared<Hub*>(this)) {}

Hub::~Hub() {
  *self_ = nullptr;
}

std::unique_ptr<Session> Hub::make_session(Sink& sink, SessionOptions options) {
  constexpr int reactor_shift = 48;
  const auto id = static_cast<std::uint64_t>(reactor_.index()) << reactor_shift | next_session_++;
  auto session = std::make_unique<Session>(*this, sink, id, std::move(options));
  sessions_.emplace(id, session.get());
  return session;
}

Session* Hub::find_session(std::uint64_t id) noexcept {
  const auto it = sessions_.find(id);
  return it == sessions_.end() ? nullptr : it->second;
}

void Hub::end(Session& session) {
  write_cursors(session);
  for (const auto& position : session.positions_) {
    if (position.channel == nullptr) continue;
    const auto key = position.channel->key;
    Session::unlink(position);
    leave_if_unused(key);
  }
  sessions_.erase(session.id());
}

// -------------------------------------------------------------------------------------------------------------
// channels

Channel* Hub::find_channel(const ConversationKey& key) noexcept {
  const auto it = channels_.find(key);
  return it == channels_.end() ? nullptr : it->second.get();
}

std::size_t Hub::listeners_of(const ConversationKey& key) const noexcept {
  const auto it = channels_.find(key);
  return it == channels_.end() ? 0 : it->second->listeners.size();
}

void Hub::subscribe(const std::vector<ConversationKey>& keys, base::Task done) {
  const auto id = next_subscription_++;
  std::map<std::size_t, std::vector<ConversationKey>> by_home;
  for (const auto& key : keys) {
    auto& channel = channels_[key];
    if (!channel) {
      channel = std::make_unique<Channel>();
      channel->key = key;
      channel->subscription = id;
    }
    ++channel->pins;
    if (channel->confirmed_at == 0) by_home[network_.homes->index_of(key)].push_back(key);
  }
  if (by_home.empty()) return done();
  subscriptions_.emplace(id, Subscription{by_home.size(), std::move(done)});
  for (auto& [home, wanted] : by_home)
    ask_home(home, id, std::move(wanted));
}

void Hub::ask_home(std::size_t home, std::uint64_t id, std::vector<ConversationKey> keys) {
  auto* registry = network_.registries[home];
  if (home == reactor_.index())
    return registry->subscribe(home, keys, [self = self_, id, keys] {
      if (*self != nullptr) (*self)->confirm(id, keys);
    });
  base::Task ask{
      [registry, hub = this, me = reactor_.index(), back = &reactor_, id, keys = std::move(keys)] {
        registry->subscribe(me, keys, [hub, back, id, keys] {
          back->post([hub, id, keys] { hub->confirm(id, keys); });
        });
      }};
  network_.homes->reactors[home]->post(std::move(ask));
}

void Hub::confirm(std::uint64_t subscription, const std::vector<ConversationKey>& keys) {
  for (const auto& key : keys) {
    auto* channel = find_channel(key);
    // An answer to an older request than the one that made the channel says nothing about it.
    if (channel != nullptr && channel->confirmed_at == 0 && subscription >= channel->subscription)
      channel->confirmed_at = stamp();
  }
  const auto it = subscriptions_.find(subscription);
  if (it == subscriptions_.end() || --it->second.waiting_for > 0) return;
  auto done = std::move(it->second.done);
  subscriptions_.erase(it);
  done();
}

void Hub::unpin(const ConversationKey& key) {
  auto* channel = find_channel(key);
  KITH_ASSERT(channel != nullptr && channel->pins > 0);
  --channel->pins;
  leave_if_unused(key);
}

void Hub::leave_if_unused(const ConversationKey& key) {
  const auto it = channels_.find(key);
  if (it == channels_.end() || !it->second->listeners.empty() || it->second->pins > 0) return;
  ring_bytes_ -= it->second->ring_bytes;
  channels_.erase(it);
  const auto home = network_.homes->index_of(key);
  auto* registry = network_.registries[home];
  if (home == reactor_.index()) return registry->unsubscribe(home, key);
  network_.homes->reactors[home]->post(
      [registry, me = reactor_.index(), key] { registry->unsubscribe(me, key); });
}

// ---------------------------------------------------------------------------------------------------------------
// events

void Hub::on_published(const PublishedPtr& published) {
  auto* channel = find_channel(published->key);
  if (channel == nullptr || published->seq <= channel->head) return;
  if (channel->listeners.empty() && KITH_MUTANT(frames_dropped_while_loading)) return;
  if (published->seq == channel->head + 1) {
    channel->head = published->seq;
    remember(*channel, published);
    return fan_out(*channel, published);
  }
  forget_ring(*channel);
  remember(*channel, published);
  raise_head(*channel, published->seq);
}

void Hub::learn(const ConversationKey& key, Seq head) {
  auto* channel = find_channel(key);
  if (channel == nullptr || head <= channel->head) return;
  forget_ring(*channel);
  raise_head(*channel, head);
}

void Hub::begin_epoch(std::string epoch) {
  if (epoch != epoch_) ++epoch_number_;
  epoch_ = std::move(epoch);
  for (auto& [key, channel] : channels_) {
    forget_ring(*channel);
    channel->head = 0;
  }
}

void Hub::fan_out(Channel& channel, const PublishedPtr& published) {
  const bool removal =
      published->kind == domain::EventKind::member_removed && !KITH_MUTANT(removal_not_cut);
  const bool addition = published->kind == domain::EventKind::conversation_added;
  const auto key = channel.key;
  std::vector<std::uint64_t> concerned;
  std::optional<wire::engineio::OutMessage> stored;  // for those who were shown it early
  for (const auto& listener : channel.listeners) {
    if (!listener.live) continue;
    auto& session = *listener.session;
    // Answered already, or its answer follows through the same queue. By another connection's or
    // node's attempt it may be answered first.
    const bool answered = session.own_ && session.forget_acked(listener.slot, published->seq);
    if (answered || session.id() == published->origin.session) {
      session.settle_early(published->id);
      continue;
    }
    // Looked at before: a session of many conversations is above its mark by one frame, not by one
    // for each.
    if (session.sink_.queued_bytes() > limits::outbox_high_bytes) {
      session.fell_behind(listener.slot, published->seq - 1);
      continue;
    }
    const bool shown = session.settle_early(published->id);
    if (shown || (stored && KITH_MUTANT(confirm_to_wrong_audience))) {
      if (!stored) stored = encode_stored(*published);
      session.sink_.send_event(*stored, key.cid, published->seq - 1);
    } else {
      session.sink_.send_event(published->frame, key.cid, published->seq - 1);
    }
    session.note_handed_out();
    ++delivered_;
    if (addition || (removal && published->subject == session.user_.user))
      concerned.push_back(session.id());
  }
  if (published->kind == domain::EventKind::member_removed) tell_watches(*published);
  // After the walk: these change the list of listeners.
  if (addition) add(concerned, published->target);
  if (removal) remove(concerned, key);
}

void Hub::add(const std::vector<std::uint64_t>& sessions, const Cid& cid) {
  for (const auto id : sessions) {
    auto* session = find_session(id);
    session->want(cid);
    session->attach_wanted();
  }
}

// All of them before anybody is told: what is said because one has left is not for the others.
void Hub::remove(const std::vector<std::uint64_t>& sessions, const ConversationKey& key) {
  for (const auto id : sessions)
    if (auto* still = find_channel(key)) find_session(id)->leave_removed(*still);
  for (const auto id : sessions)
    find_session(id)->on_removed(key);
}

void Hub::tell_watches(const Published& removal) const {
  for (auto* watch : watches_)
    watch->on_member_removed({removal.key.app, removal.subject});
}

void Hub::on_broadcast(const ConversationKey& key,
                       const wire::engineio::OutMessage& message,
                       std::uint64_t except) {
  const auto* channel = find_channel(key);
  if (channel == nullptr) return;
  for (const auto& listener : channel->listeners)
    if (listener.session->id() != except) listener.session->send_ephemeral(message);
}

void Hub::broadcast(const ConversationKey& key,
                    const wire::engineio::OutMessage& message,
                    const Whom& whom) {
  const auto home = network_.homes->index_of(key);
  auto* registry = network_.registries[home];
  if (home == reactor_.index()) return registry->broadcast(key, message, whom);
  base::Task task{[registry, key, message, whom] { registry->broadcast(key, message, whom); }};
  static_cast<void>(network_.homes->reactors[home]->try_post(task));
}

void Hub::raise_head(Channel& channel, Seq head) {
  const auto before = std::exchange(channel.head, head);
  std::vector<std::uint64_t> behind;
  for (const auto& listener : channel.listeners) {
    if (listener.live) listener.session->fell_behind(listener.slot, before);
    behind.push_back(listener.session->id());
  }
  for (const auto id : behind)
    if (auto* session = find_session(id)) session->pump();
}

}  // namespace kith::delivery
