#include "delivery/ticks.hpp"

#include "base/limits.hpp"
#include "base/names.hpp"
#include "wire/socketio/encode.hpp"

#include <algorithm>

namespace kith::delivery {

namespace limits = base::limits;
using wire::engineio::OutMessage;

namespace {

constexpr base::Duration interval = std::chrono::milliseconds{limits::ticks_interval_ms};
// Proofs of several members come at nearly the same time: they share a frame.
constexpr base::Duration gather = std::chrono::milliseconds{20};

// One kind of place of all who have one; nothing if nobody has.
template <class Members, class Place>
std::optional<OutMessage> encode(const ConversationKey& key,
                                 std::string_view event,
                                 std::string_view field,
                                 const Members& members,
                                 Place place) {
  constexpr std::size_t member_bytes = 48;
  OutMessage::Builder builder{OutMessage::Builder::Kind::text, 96 + member_bytes * members.size()};
  auto json = wire::socketio::begin_event(builder.buffer(), event);
  json.begin_object().field("cid", base::to_text(key.cid)).key("members").begin_array();
  bool any = false;
  for (const auto& [user, places] : members) {
    if (places.*place == 0) continue;
    any = true;
    json.begin_object().field("user", user.str()).field(field, places.*place).end_object();
  }
  json.end_array().end_object().end_array();
  if (!any) return std::nullopt;
  return std::move(builder).finish();
}

}  // namespace

Ticks::Ticks(ports::Reactor& reactor, Tell tell) : reactor_(reactor), tell_(std::move(tell)) {}

void Ticks::note(const std::vector<Tick>& ticks) {
  for (const auto& tick : ticks) {
    auto& members = due_[tick.key];
    const auto known = members.find(tick.user);
    if (known == members.end() &&
        (noted_ >= limits::ticks_noted_max || members.size() >= limits::ticks_members_max)) {
      if (members.empty()) due_.erase(tick.key);
      continue;
    }
    auto& places = known == members.end() ? members[tick.user] : known->second;
    if (known == members.end()) ++noted_;
    places.delivered_seq = std::max(places.delivered_seq, tick.delivered_seq);
    places.read_seq = std::max(places.read_seq, tick.read_seq);
  }
  if (due_.empty() || alarm_.armed()) return;
  const auto since = reactor_.clock().now() - told_at_;
  reactor_.arm(alarm_, std::max(gather, interval - since));
}

void Ticks::on_time() {
  told_at_ = reactor_.clock().now();
  noted_ = 0;
  for (const auto& [key, members] : std::exchange(due_, {})) {
    if (auto frame =
            encode(key, "message.delivered", "delivered_seq", members, &Places::delivered_seq))
      tell_(key, *frame);
    if (auto frame = encode(key, "message.read", "read_seq", members, &Places::read_seq))
      tell_(key, *frame);
  }
}

}  // namespace kith::delivery
