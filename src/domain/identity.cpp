#include "domain/identity.hpp"

#include "base/encoding.hpp"

#include <array>
#include <initializer_list>
#include <tuple>

namespace kith::domain {
namespace {

// Each part with its length in front, so that no two lists of parts are the same bytes.
template <class Id>
Id name_of(const base::Key16& id_key, AppId app, std::initializer_list<std::string_view> parts) {
  std::size_t size = sizeof(std::uint32_t);
  for (const auto part : parts)
    size += sizeof(std::uint32_t) + part.size();
  std::array<char, 512> near;
  std::string far;
  if (size > near.size()) far.resize(size);
  char* const start = far.empty() ? near.data() : far.data();
  char* at = start;
  const auto put_u32 = [&](std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8)
      *at++ = static_cast<char>(value >> shift & 0xff);
  };
  put_u32(static_cast<std::uint32_t>(app));
  for (const auto part : parts) {
    put_u32(static_cast<std::uint32_t>(part.size()));
    at += part.copy(at, part.size());
  }
  Id id;
  id.bytes = base::siphash128(id_key, {start, size});
  return id;
}

}  // namespace

Cid direct_cid(const base::Key16& id_key, AppId app, const UserId& a, const UserId& b) {
  const auto& [first, second] = a.str() < b.str() ? std::tie(a, b) : std::tie(b, a);
  return name_of<Cid>(id_key, app, {"direct", first.str(), second.str()});
}

Cid user_cid(const base::Key16& id_key, AppId app, const UserId& user) {
  return name_of<Cid>(id_key, app, {"user", user.str()});
}

Cid group_cid(const base::Key16& id_key,
              AppId app,
              const UserId& creator,
              const ClientId& client_id) {
  return name_of<Cid>(id_key, app, {"group", creator.str(), client_id.str()});
}

MessageId message_id(const base::Key16& id_key,
                     const ConversationKey& key,
                     const UserId& sender,
                     const ClientId& client_id) {
  return message_id(id_key, key, sender.str(), client_id.str());
}

MessageId message_id(const base::Key16& id_key,
                     const ConversationKey& key,
                     std::string_view sender,
                     std::string_view client_id) {
  return name_of<MessageId>(id_key, key.app, {key.cid.view(), sender, client_id});
}

ClientId make_client_id(WallTime now, std::uint64_t random) {
  std::string raw;
  for (int shift = 40; shift >= 0; shift -= 8)
    raw += static_cast<char>(static_cast<std::uint64_t>(now.ms) >> shift & 0xff);
  for (int shift = 0; shift < 64; shift += 8)
    raw += static_cast<char>(random >> shift & 0xff);
  return ClientId{"s_" + base::base64url_encode(raw)};
}

}  // namespace kith::domain
