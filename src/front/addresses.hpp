#pragma once

#include "base/ip_address.hpp"
#include "base/limits.hpp"
#include "base/pace.hpp"
#include "front/handler.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace kith::front {

using TrustedProxies = std::vector<base::IpNetwork>;

bool is_trusted(const TrustedProxies& proxies, const base::IpAddress& address) noexcept;

// Where a request comes from: the peer, or, where that is a trusted proxy, the last address in
// X-Forwarded-For that is none. What stands left of an address that is not trusted, or of what is
// no address, is anybody's word. Nothing: the peer is gone.
std::optional<base::IpAddress> client_address(std::string_view peer,
                                              const wire::http::Request& request,
                                              const TrustedProxies& proxies);

// How often something may happen for each address, for all reactors of a node. Without a table that
// strangers could fill: each address has a counter in each of a few rows, shared with others, and
// is refused only when all of its counters say so. 512 KiB, whatever comes.
class AddressMeters {
 public:
  // The seed is a secret: who knew it could choose addresses that share counters.
  AddressMeters(base::Pace pace, std::uint64_t seed);

  // A number that stands for the address; never 0.
  std::uint64_t key(const base::IpAddress& address) const noexcept;
  // 0: it may happen now, and is counted. Otherwise how many milliseconds to wait.
  std::uint32_t take(std::uint64_t key, base::Instant now) noexcept;

 private:
  using Row = std::array<std::atomic<std::int64_t>, base::limits::address_counters>;
  using Rows = std::array<Row, base::limits::address_rows>;

  base::Pace pace_;
  std::uint64_t seed_;
  std::unique_ptr<Rows> rows_;
};

// Who comes from where, and how often: what the front of a node knows of addresses.
class Addresses {
 public:
  Addresses(TrustedProxies proxies, base::Pace handshakes, std::uint64_t seed)
      : proxies_(std::move(proxies)), handshakes_(handshakes, seed) {}

  // What stands for the address that the request comes from; 0: it is not counted. Those of this
  // machine are not: a proxy that was not named would make one of all its clients.
  std::uint64_t key_of(const Exchange& exchange) const;

  // A handshake, or a token that was refused. 0, or how many milliseconds to wait.
  std::uint32_t take(std::uint64_t key, base::Instant now) noexcept {
    return key == 0 ? 0 : handshakes_.take(key, now);
  }

 private:
  TrustedProxies proxies_;
  AddressMeters handshakes_;
};

}  // namespace kith::front
