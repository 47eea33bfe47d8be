// What proxies say of addresses: the header of the PROXY protocol, whole or cut, and addresses and
// networks as text.
#include "base/ip_address.hpp"
#include "base/limits.hpp"
#include "fuzz/cuts.hpp"
#include "net/proxy_header.hpp"

#include <string>

namespace kith::fuzz {
namespace {

using net::ProxyHeader;
using net::read_proxy_header;
using State = ProxyHeader::State;

void check_header(std::string_view bytes) {
  const auto whole = read_proxy_header(bytes);
  if (whole.state == State::done) {
    require(whole.length <= base::limits::proxy_header_bytes_max, "a header keeps its bound");
    require(whole.length <= bytes.size(), "a header is no longer than what came");
    const auto alone = read_proxy_header(bytes.substr(0, whole.length));
    require(alone.state == State::done && alone.source == whole.source,
            "what follows a header changes nothing");
    require(read_proxy_header(bytes.substr(0, whole.length - 1)).state == State::more,
            "nothing but the header is taken");
  } else if (whole.state == State::more) {
    require(bytes.size() < base::limits::proxy_header_bytes_max, "no header waits without end");
  }
  auto before = State::more;
  std::size_t so_far = 0;
  for (Cuts cuts(bytes.substr(0, base::limits::proxy_header_bytes_max), 30); !cuts.done();) {
    so_far += cuts.next().size();
    const auto state = read_proxy_header(bytes.substr(0, so_far)).state;
    require(before == State::more || state == before, "what was decided stays");
    before = state;
  }
}

void check_text(std::string_view text) {
  const auto address = base::IpAddress::parse(text);
  const auto network = base::IpNetwork::parse(text);
  require(!address || network, "an address is a network of one");
  if (address) require(network->contains(*address), "a network holds itself");
  if (address) require(address->is_v4() == (address->counted().size() == 16), "IPv6 goes by /64");
}

}  // namespace
}  // namespace kith::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = kith::fuzz::as_text(data, size);
  kith::fuzz::check_header(bytes);
  kith::fuzz::check_text(bytes);
  return 0;
}
