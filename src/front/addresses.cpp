#include "front/addresses.hpp"

#include "base/ids.hpp"
#include "wire/http/tokens.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace kith::front {
namespace {

namespace limits = base::limits;

// `1.2.3.4`, `::1`, and as some proxies have it `1.2.3.4:80`, `[::1]`, `[::1]:80`.
std::optional<base::IpAddress> read_hop(std::string_view text) {
  text = wire::http::trim(text);
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    return base::IpAddress::parse(text.substr(1, end == std::string_view::npos ? 0 : end - 1));
  }
  const auto colon = text.find(':');
  if (colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos)
    text = text.substr(0, colon);
  return base::IpAddress::parse(text);
}

// The hops of all X-Forwarded-For fields, from the last one on.
class Hops {
 public:
  explicit Hops(const wire::http::Request& request) : request_(request), at_(request.headers()) {}

  std::optional<std::string_view> next() {
    while (!rest_) {
      if (at_ == 0) return std::nullopt;
      const auto header = request_.header_at(--at_);
      if (wire::http::equal_ignoring_case(header.name, "x-forwarded-for")) rest_ = header.value;
    }
    const auto comma = rest_->rfind(',');
    const auto hop = comma == std::string_view::npos ? *rest_ : rest_->substr(comma + 1);
    if (comma == std::string_view::npos)
      rest_.reset();
    else
      rest_ = rest_->substr(0, comma);
    return hop;
  }

 private:
  const wire::http::Request& request_;
  std::size_t at_;
  std::optional<std::string_view> rest_;
};

}  // namespace

bool is_trusted(const TrustedProxies& proxies, const base::IpAddress& address) noexcept {
  return std::any_of(proxies.begin(), proxies.end(), [&](const auto& network) {
    return network.contains(address);
  });
}

std::optional<base::IpAddress> client_address(std::string_view peer,
                                              const wire::http::Request& request,
                                              const TrustedProxies& proxies) {
  auto address = base::IpAddress::parse(peer);
  if (!address) return std::nullopt;
  Hops hops{request};
  for (std::size_t i = 0; i < limits::forwarded_hops_max && is_trusted(proxies, *address); ++i) {
    const auto hop = hops.next();
    if (!hop) break;
    const auto before = read_hop(*hop);
    if (!before) break;
    address = before;
  }
  return address;
}

static_assert(std::has_single_bit(limits::address_counters));
static_assert(std::bit_width(limits::address_counters - 1) * limits::address_rows <= 64,
              "each row has bits of the key of its own");

AddressMeters::AddressMeters(base::Pace pace, std::uint64_t seed)
    : pace_(pace), seed_(seed), rows_(std::make_unique<Rows>()) {
  for (auto& row : *rows_)
    for (auto& counter : row)
      counter.store(std::numeric_limits<std::int64_t>::min(), std::memory_order_relaxed);
}

std::uint64_t AddressMeters::key(const base::IpAddress& address) const noexcept {
  return std::max<std::uint64_t>(1, base::hash_bytes(address.counted(), seed_));
}

std::uint32_t AddressMeters::take(std::uint64_t key, base::Instant now) noexcept {
  if (!pace_.limits()) return 0;
  std::array<std::atomic<std::int64_t>*, limits::address_rows> counters{};
  auto next = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = 0; i < counters.size(); ++i) {
    counters[i] = &(*rows_)[i][key % limits::address_counters];
    key /= limits::address_counters;
    next = std::min(next, counters[i]->load(std::memory_order_relaxed));
  }
  const auto due = std::max(next, now.ns);
  if (const auto wait = base::wait_ms(pace_, due - now.ns)) return wait;
  // Those of two reactors at the same instant may count as one: a limit per address need not be
  // more exact. A counter that others drove higher stays: it says nothing of this address.
  for (auto* counter : counters) {
    auto seen = counter->load(std::memory_order_relaxed);
    while (
        seen < due + pace_.interval_ns &&
        !counter->compare_exchange_weak(seen, due + pace_.interval_ns, std::memory_order_relaxed)) {
    }
  }
  return 0;
}

std::uint64_t Addresses::key_of(const Exchange& exchange) const {
  const auto address = client_address(exchange.peer_address(), exchange.request(), proxies_);
  return !address || address->is_loopback() ? 0 : handshakes_.key(*address);
}

}  // namespace kith::front
