#pragma once

#include "base/ip_address.hpp"
#include "base/limits.hpp"
#include "net/listener.hpp"
#include "runtime/fd.hpp"
#include "runtime/log_limit.hpp"
#include "runtime/real_reactor.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace kith::net {

struct ProxyGateOptions {
  std::vector<base::IpNetwork> trusted;  // whose connections begin with a header
  std::uint32_t header_timeout_ms = base::limits::proxy_header_timeout_ms;
  std::size_t waiting_max = base::limits::proxy_waiting_max;
};

// Stands before a reactor's AcceptHandler: reads the header of the PROXY protocol off connections
// of trusted peers, which from then on have the address it names. No byte behind it is touched, so
// that whatever comes next, TLS or HTTP, begins with its own first byte. Others pass as they are.
// Constructed and destroyed while the reactor does not run; what still waits is then closed.
class ProxyGate final : public AcceptHandler {
 public:
  ProxyGate(runtime::RealReactor& reactor, AcceptHandler& next, ProxyGateOptions options);
  ~ProxyGate() override;

  void on_accepted(std::unique_ptr<ports::ReleasedStream> connection) override;

  std::size_t waiting() const noexcept { return guests_.size(); }

 private:
  class Guest;

  bool is_trusted(const runtime::Fd& fd) const;
  void admit(Guest& guest, const std::optional<base::IpAddress>& source);
  void dismiss(Guest& guest, std::string_view reason);
  std::unique_ptr<Guest> take(Guest& guest) noexcept;

  runtime::RealReactor& reactor_;
  AcceptHandler& next_;
  ProxyGateOptions options_;
  std::vector<std::unique_ptr<Guest>> guests_;
  runtime::LogLimit complaints_;
};

}  // namespace kith::net
