#include "base/limits.hpp"
#include "base/simulation.hpp"
#include "delivery/registry.hpp"
#include "delivery/relay.hpp"

#include <algorithm>

// What is done every second: open skips are asked about, nodes tell that they are there, heads are
// compared.
namespace kith::delivery {

namespace limits = base::limits;

namespace {

constexpr base::Duration answer_wait = std::chrono::milliseconds{limits::peer_silent_ms};
constexpr base::Duration compare_interval = std::chrono::milliseconds{limits::compare_interval_ms};

}  // namespace

void Relay::on_time() {
  parts_.reactor.arm(alarm_, std::chrono::milliseconds{limits::relay_interval_ms});
  const auto now = parts_.reactor.clock().now();
  if (parts_.link.up()) {
    // The first question is the own channel: a link may be dead from its beginning.
    const bool open = questions_ > 0 || !own_confirmed_;
    const bool silent = open && now - question_at_ > answer_wait;
    if (silent || unanswered_.size() > limits::relay_unanswered_max)
      parts_.link.reconnect();
    else if (questions_ == 0)
      ask_about_skips();
  }
  announce();
  const bool due = now - compared_at_ >= compare_interval;
  if (due || compares_now()) compare_all();
  comparison_.allow(limits::compared_heads_per_s);
}

// -------------------------------------------------------------------------------------------------
// open skips

void Relay::ask_about_skips() {
  std::vector<ConversationKey> keys;
  std::vector<ConversationKey> unheard;
  for (const auto& key : skips_)
    (topics_.at(key).heard() ? keys : unheard).push_back(key);
  for (const auto& key : unheard)
    publish_skipped(topics_.find(key));
  if (!own_confirmed_) return;  // nobody could tell this link from a forgotten one
  question_at_ = parts_.reactor.clock().now();
  // The own link is asked for even when nothing is open: it may be half-open.
  const auto most = limits::relay_channels_per_question - 1;
  std::size_t begin = 0;
  do {
    const auto end = std::min(keys.size(), begin + most);
    ask({keys.begin() + static_cast<std::ptrdiff_t>(begin),
         keys.begin() + static_cast<std::ptrdiff_t>(end)});
    begin = end;
  } while (begin < keys.size());
}

void Relay::ask(std::vector<ConversationKey> keys) {
  std::vector<std::string> channels{own_channel_};
  for (const auto& key : keys)
    channels.push_back(channel_of(key));
  ++questions_;
  parts_.link.count(std::move(channels),
                    [self = self_, keys = std::move(keys), asked_at = stamp_](const auto& counts) {
                      if (*self != nullptr) (*self)->on_counts(keys, asked_at, counts);
                    });
}

void Relay::on_counts(const std::vector<ConversationKey>& keys,
                      std::uint64_t asked_at,
                      const std::vector<std::size_t>& counts) {
  --questions_;
  if (counts.size() != keys.size() + 1) return;
  const bool here = counts[0] == 1 || KITH_MUTANT(own_link_not_asked);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto it = topics_.find(keys[i]);
    if (it == topics_.end() || it->second.skipped == 0) continue;
    if (!here || counts[i + 1] != 1)
      publish_skipped(it);
    else if (it->second.skipped_at <= asked_at)
      close_skip(it);
  }
  if (!here) parts_.link.reconnect();
}

void Relay::close_skip(Topics::iterator topic) {
  topic->second.skipped = 0;
  skips_.erase(topic->first);
  if (!topic->second.wanted) drop(topic);
}

void Relay::publish_skipped(Topics::iterator topic) {
  topic->second.looks_own = false;
  send(topic->first, &topic->second, HeadFrame{topic->second.skipped}, topic->second.skipped);
  close_skip(topic);
}

// -------------------------------------------------------------------------------------------------
// peers

void Relay::announce() {
  if (std::exchange(announcing_, true)) return;
  const bool lossy = parts_.reactor.clock().now() < lossy_until_;
  parts_.peers.announce(parts_.reactor,
                        id_,
                        lossy ? std::string{} : parts_.link.server(),
                        [self = self_](base::Result<ports::Announced> announced) {
                          if (*self == nullptr) return;
                          (*self)->announcing_ = false;
                          if (announced.has_value()) (*self)->on_announced(*announced);
                        });
}

void Relay::on_announced(const ports::Announced& announced) {
  on_peers(announced.peers);
  if (announced.epoch == epoch_) return;
  epoch_ = announced.epoch;
  unpublished_.clear();
  for (const auto& key : std::set{skips_})
    close_skip(topics_.find(key));
  comparison_.begin_again();
  parts_.logger.log(base::LogLevel::error, "epoch_changed", {{"epoch", epoch_}});
  parts_.on_epoch(epoch_);
}

void Relay::on_peers(const std::vector<ports::Peer>& peers) {
  std::map<std::string, bool> now;
  bool died = false;
  peers_apart_ = false;
  for (const auto& peer : peers) {
    if (peer.id == id_) continue;
    const bool alive = peer.seen_ms < limits::peer_silent_ms;
    const auto before = peers_.find(peer.id);
    died = died || (!alive && before != peers_.end() && before->second);
    peers_apart_ = peers_apart_ || (alive && peer.broker != parts_.link.server());
    now.emplace(peer.id, alive);
  }
  for (const auto& [id, alive] : peers_)
    died = died || (alive && !now.contains(id));
  peers_ = std::move(now);
  if (died && !KITH_MUTANT(no_compare_after_peer_death)) compare_all();
}

// While the broker does not tell, here or there, the database does.
bool Relay::compares_now() const {
  return !parts_.link.up() || peers_apart_;
}

void Relay::compare_all() {
  compared_at_ = parts_.reactor.clock().now();
  for (const auto& [key, topic] : topics_)
    if (topic.wanted) comparison_.want(key);
}

void Relay::on_compared(const ConversationKey& key, Seq known, Seq head) {
  if (head < known) {
    parts_.logger.log(
        base::LogLevel::error,
        "database_went_back",
        {{"app", static_cast<std::uint32_t>(key.app)}, {"known", known}, {"head", head}});
    return parts_.peers.raise_epoch(epoch_);
  }
  if (head == known) return;
  comparison_.note(key, head);
  parts_.registry.learn_here(key, head);
}

}  // namespace kith::delivery
