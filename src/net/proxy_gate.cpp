#include "net/proxy_gate.hpp"

#include "base/assert.hpp"
#include "net/proxy_header.hpp"
#include "net/socket_address.hpp"
#include "net/tcp_stream.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <sys/socket.h>

namespace kith::net {

using State = ProxyHeader::State;

// A connection whose header is due.
class ProxyGate::Guest final : private runtime::Watch, private ports::Timer {
 public:
  Guest(ProxyGate& gate, runtime::Fd fd) : gate_(gate), fd_(std::move(fd)) {}

  ~Guest() override {
    gate_.reactor_.unwatch(*this);
    gate_.reactor_.disarm(*this);
  }

  bool start() {
    if (!gate_.reactor_.watch(*this, fd_.get(), runtime::ready::read)) return false;
    gate_.reactor_.arm(*this, std::chrono::milliseconds{gate_.options_.header_timeout_ms});
    return true;
  }

  runtime::Fd leave() {
    gate_.reactor_.unwatch(*this);
    return std::move(fd_);
  }

  std::size_t place = 0;  // among the gate's

 private:
  void on_timer() override { gate_.dismiss(*this, "late"); }

  // Looks at what is there, and takes of it only what belongs to the header.
  void on_ready(std::uint32_t /*events*/) override {
    std::array<char, base::limits::proxy_header_bytes_max> buffer{};
    const auto room = buffer.size() - held_.size();
    const auto got = ::recv(fd_.get(), buffer.data(), room, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return gate_.dismiss(*this, "ended");
    const auto before = held_.size();
    held_.append(buffer.data(), static_cast<std::size_t>(got));
    const auto header = read_proxy_header(held_);
    if (header.state == State::wrong) return gate_.dismiss(*this, "wrong");
    const auto taken = (header.state == State::done ? header.length : held_.size()) - before;
    if (::recv(fd_.get(), buffer.data(), taken, MSG_DONTWAIT) != static_cast<ssize_t>(taken))
      return gate_.dismiss(*this, "ended");
    if (header.state == State::done) gate_.admit(*this, header.source);
  }

  ProxyGate& gate_;
  runtime::Fd fd_;
  std::string held_;
};

ProxyGate::ProxyGate(runtime::RealReactor& reactor, AcceptHandler& next, ProxyGateOptions options)
    : reactor_(reactor), next_(next), options_(std::move(options)) {}

ProxyGate::~ProxyGate() = default;

bool ProxyGate::is_trusted(const runtime::Fd& fd) const {
  SocketAddress peer;
  peer.length = sizeof peer.storage;
  if (::getpeername(fd.get(), peer.get(), &peer.length) != 0) return false;
  const auto address = base::IpAddress::parse(to_endpoint(peer).address);
  return address && std::any_of(options_.trusted.begin(),
                                options_.trusted.end(),
                                [&](const auto& network) { return network.contains(*address); });
}

void ProxyGate::on_accepted(std::unique_ptr<ports::ReleasedStream> connection) {
  auto* const socket = dynamic_cast<ReleasedSocket*>(connection.get());
  KITH_ASSERT(socket != nullptr);
  if (!is_trusted(socket->fd)) return next_.on_accepted(std::move(connection));
  if (guests_.size() >= options_.waiting_max) return;  // dropped, which closes it
  auto guest = std::make_unique<Guest>(*this, std::move(socket->fd));
  if (!guest->start()) return;
  guest->place = guests_.size();
  guests_.push_back(std::move(guest));
}

std::unique_ptr<ProxyGate::Guest> ProxyGate::take(Guest& guest) noexcept {
  const auto place = guest.place;
  std::swap(guests_[place], guests_.back());
  guests_[place]->place = place;
  auto taken = std::move(guests_.back());
  guests_.pop_back();
  return taken;
}

void ProxyGate::admit(Guest& guest, const std::optional<base::IpAddress>& source) {
  const auto admitted = take(guest);
  auto socket = std::make_unique<ReleasedSocket>(admitted->leave());
  if (source) socket->peer = to_text(*source);
  next_.on_accepted(std::move(socket));
}

void ProxyGate::dismiss(Guest& guest, std::string_view reason) {
  const auto dismissed = take(guest);
  const auto suppressed = complaints_.take(reactor_.clock().now());
  if (!suppressed) return;
  reactor_.logger().log(base::LogLevel::warning,
                        "proxy_header_refused",
                        {{"reason", reason}, {"suppressed", *suppressed}});
}

}  // namespace kith::net
