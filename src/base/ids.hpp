#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace kith::base {

// The store's number of an application. Every key starts with it.
enum class AppId : std::uint32_t {};

// A place in a conversation's log: 1 is the first event, 0 is "before all". Below 2^53 on the wire,
// below 2^32 in a conversation (the SQLite layout packs it).
using Seq = std::uint64_t;
// The count of unread-relevant messages up to an event.
using No = std::uint64_t;
inline constexpr Seq seq_wire_max = (std::uint64_t{1} << 53) - 1;
inline constexpr Seq seq_max = (std::uint64_t{1} << 32) - 1;

// 16 bytes that name something; the tag keeps kinds apart.
template <class Tag>
struct Id16 {
  std::array<std::uint8_t, 16> bytes{};

  friend auto operator<=>(const Id16&, const Id16&) = default;

  std::string_view view() const noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  static Id16 from_view(std::string_view raw) noexcept {
    Id16 id;
    std::memcpy(id.bytes.data(), raw.data(), raw.size() < 16 ? raw.size() : 16);
    return id;
  }
};
using Cid = Id16<struct CidTag>;
using MessageId = Id16<struct MessageIdTag>;
using Uuid = Id16<struct UuidTag>;

// A name given from outside. Construct from text that was validated (base/names.hpp).
template <class Tag>
class TextId {
 public:
  TextId() = default;

  explicit TextId(std::string value) : value_(std::move(value)) {}

  const std::string& str() const noexcept { return value_; }

  bool empty() const noexcept { return value_.empty(); }

  friend auto operator<=>(const TextId&, const TextId&) = default;

 private:
  std::string value_;
};
using UserId = TextId<struct UserIdTag>;
using ClientId = TextId<struct ClientIdTag>;
using DeviceId = TextId<struct DeviceIdTag>;
using RoomName = TextId<struct RoomNameTag>;

// The name of a conversation inside the node. Ordered by (app, cid): the order locks are taken in.
struct ConversationKey {
  AppId app{};
  Cid cid;

  friend auto operator<=>(const ConversationKey&, const ConversationKey&) = default;
};

struct UserKey {
  AppId app{};
  UserId user;

  friend auto operator<=>(const UserKey&, const UserKey&) = default;
};

struct RoomKey {
  AppId app{};
  RoomName room;

  friend auto operator<=>(const RoomKey&, const RoomKey&) = default;
};

std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed = 0) noexcept;

struct KeyHash {
  using is_avalanching = void;

  std::size_t operator()(const Cid& id) const noexcept { return hash_bytes(id.view()); }

  std::size_t operator()(const ConversationKey& key) const noexcept {
    return hash_bytes(key.cid.view(), static_cast<std::uint64_t>(key.app));
  }

  std::size_t operator()(const UserId& user) const noexcept { return hash_bytes(user.str()); }

  std::size_t operator()(const UserKey& key) const noexcept {
    return hash_bytes(key.user.str(), static_cast<std::uint64_t>(key.app));
  }

  std::size_t operator()(const RoomKey& key) const noexcept {
    return hash_bytes(key.room.str(), static_cast<std::uint64_t>(key.app));
  }
};

}  // namespace kith::base
