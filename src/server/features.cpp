#include "server/features.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <array>
#include <span>

// Each feature: what it takes to make it, and a line in the list below. The build defines which of
// them are in the binary.
#ifdef KITH_WITH_RECEIPTS
#include "features/receipts/receipts.hpp"
#endif
#ifdef KITH_WITH_TYPING
#include "features/typing/typing.hpp"
#endif
#ifdef KITH_WITH_PRESENCE
#include "features/presence/presence.hpp"
#endif
#ifdef KITH_WITH_ROOMS
#include "features/rooms/rooms.hpp"
#endif

namespace kith::server {
namespace {

using MakeLine = std::unique_ptr<FeatureLine> (*)();

template <class Line>
std::unique_ptr<FeatureLine> make_line() {
  return std::make_unique<Line>();
}

#ifdef KITH_WITH_RECEIPTS
struct ReceiptsLine final : FeatureLine {
  std::unique_ptr<commands::Feature> make(const FeatureGround& ground) override {
    return std::make_unique<features::receipts::Receipts>(ground.hub);
  }
};

constexpr MakeLine receipts = make_line<ReceiptsLine>;
#else
constexpr MakeLine receipts = nullptr;
#endif

#ifdef KITH_WITH_TYPING
struct TypingLine final : FeatureLine {
  std::unique_ptr<commands::Feature> make(const FeatureGround& ground) override {
    return std::make_unique<features::typing::Typing>(ground.hub);
  }
};

constexpr MakeLine typing = make_line<TypingLine>;
#else
constexpr MakeLine typing = nullptr;
#endif

#ifdef KITH_WITH_PRESENCE
struct PresenceLine final : FeatureLine {
  std::unique_ptr<commands::Feature> make(const FeatureGround& ground) override {
    auto presence = std::make_unique<features::presence::Presences>(
        ground.hub, ground.registry, ground.home, ground.homes, network);
    network.reactors.push_back(&ground.hub.reactor());
    network.presences.push_back(presence.get());
    return presence;
  }

  features::presence::PresenceNetwork network;
};

constexpr MakeLine presence = make_line<PresenceLine>;
#else
constexpr MakeLine presence = nullptr;
#endif

#ifdef KITH_WITH_ROOMS
struct RoomsLine final : FeatureLine {
  std::unique_ptr<commands::Feature> make(const FeatureGround& ground) override {
    auto rooms = std::make_unique<features::rooms::Rooms>(
        ground.hub,
        network,
        features::rooms::RoomOptions{.gather =
                                         std::chrono::microseconds{ground.config.rooms.gather_us}});
    network.reactors.push_back(&ground.hub.reactor());
    network.rooms.push_back(rooms.get());
    return rooms;
  }

  features::rooms::RoomNetwork network;
};

constexpr MakeLine rooms = make_line<RoomsLine>;
#else
constexpr MakeLine rooms = nullptr;
#endif

using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 2> receipts_commands{"receipt.read", "receipt.delivered"};
constexpr std::array<std::string_view, 2> typing_commands{"typing.start", "typing.stop"};
constexpr std::array<std::string_view, 4> presence_commands{
    "presence.subscribe", "presence.unsubscribe", "presence.get", "presence.set"};
constexpr std::array<std::string_view, 3> rooms_commands{"room.join", "room.leave", "room.send"};

struct Row {
  std::string_view name;
  bool FeatureSwitches::*on;
  MakeLine make;   // none: the build left it out
  Names commands;  // for then
};

// The list of features.
constexpr std::array rows{
    Row{"receipts", &FeatureSwitches::receipts, receipts, receipts_commands},
    Row{"typing", &FeatureSwitches::typing, typing, typing_commands},
    Row{"presence", &FeatureSwitches::presence, presence, presence_commands},
    Row{"rooms", &FeatureSwitches::rooms, rooms, rooms_commands},
};
static_assert(rows.size() <= commands::features_max);

void answer_left_out(commands::Context& /*context*/,
                     const commands::Caller& /*caller*/,
                     const commands::Input& /*input*/,
                     commands::Reply reply) {
  reply(base::Fault{base::Errc::feature_disabled,
                    "this server was built without this: `features` of `hello` lists what it has"});
}

}  // namespace

FeatureLines::FeatureLines() {
  for (const auto& row : rows)
    if (row.make != nullptr) lines_.push_back(row.make());
}

commands::Features FeatureLines::make(const FeatureGround& ground) {
  commands::Features features;
  for (const auto& line : lines_)
    features.push_back(line->make(ground));
  return features;
}

commands::FeatureBits switched_off(const commands::Features& features,
                                   const FeatureSwitches& switches) {
  commands::FeatureBits off = 0;
  for (std::size_t i = 0; i < features.size(); ++i) {
    const auto* row = std::find_if(
        rows.begin(), rows.end(), [&](const Row& one) { return one.name == features[i]->name(); });
    KITH_ASSERT(row != rows.end());
    if (!(switches.*(row->on))) off |= commands::feature_bit(i);
  }
  return off;
}

void add_left_out(commands::Table& table) {
  for (const auto& row : rows) {
    if (row.make != nullptr) continue;
    for (const auto name : row.commands)
      table.add(name, answer_left_out);
  }
}

}  // namespace kith::server
