#include "net/listener.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "net/socket_address.hpp"
#include "net/tcp_streams.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace kith::net {
namespace {

using runtime::Fd;

base::Fault listen_fault(int error) {
  using base::Errc;
  switch (error) {
    case EADDRINUSE:
      return {Errc::conflict,
              "the address is in use: end what listens there, or choose another port"};
    case EACCES:
      return {Errc::forbidden, "ports below 1024 need a privilege: choose a higher port"};
    case EADDRNOTAVAIL:
      return {Errc::validation_failed,
              "no interface has this address: listen on one of this machine"};
    default:
      return {Errc::unavailable,
              "the system refuses to listen here: choose another address or port"};
  }
}

void set_option(const Fd& fd, int level, int name, int value) {
  ::setsockopt(fd.get(), level, name, &value, sizeof value);
}

Fd open_reserve() {
  return Fd{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
}

Fd accept_from(const Fd& listening) {
  return Fd{::accept4(listening.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
}

}  // namespace

base::Result<std::unique_ptr<Listener>> Listener::listen(runtime::RealReactor& reactor,
                                                         const Endpoint& where,
                                                         ListenerOptions options) {
  auto address = to_socket_address(where);
  if (!address)
    return base::Fault{base::Errc::validation_failed, "listen on an IPv4 or IPv6 address"};
  Fd fd{::socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!fd) return listen_fault(errno);
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (address->storage.ss_family == AF_INET6) set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  // Accepted sockets inherit these: no system call for each.
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  // What a peer does not read is to wait in the outbox, where it is seen and bounded: by itself the
  // kernel would take megabytes of it.
  set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, base::limits::unsent_in_kernel_bytes);
  if (options.send_buffer_bytes > 0)
    set_option(fd, SOL_SOCKET, SO_SNDBUF, options.send_buffer_bytes);
  if (::bind(fd.get(), address->get(), address->length) != 0 ||
      ::listen(fd.get(), base::limits::listen_backlog_max) != 0)
    return listen_fault(errno);
  SocketAddress bound;
  bound.length = sizeof bound.storage;
  if (::getsockname(fd.get(), bound.get(), &bound.length) != 0) return listen_fault(errno);

  auto listener =
      std::make_unique<Listener>(reactor, std::move(fd), to_endpoint(bound), std::move(options));
  if (!listener->watched()) return listen_fault(ENOMEM);
  return listener;
}

Listener::Listener(runtime::RealReactor& reactor, Fd fd, Endpoint where, ListenerOptions options)
    : reactor_(reactor),
      fd_(std::move(fd)),
      reserve_(open_reserve()),
      endpoint_(std::move(where)),
      options_(std::move(options)) {
  KITH_ASSERT(!options_.seats.empty());
  if (!reactor_.watch(*this, fd_.get(), runtime::ready::read)) fd_.reset();
}

Listener::~Listener() {
  stop();
}

void Listener::stop() noexcept {
  reactor_.unwatch(*this);
  reactor_.disarm(*this);
  fd_.reset();
  reserve_.reset();
}

void Listener::on_ready(std::uint32_t /*events*/) {
  // A handler of this reactor's own seat may stop the listener in between.
  for (std::size_t i = 0; i < base::limits::accepts_per_turn_max && fd_; ++i)
    if (accept_one() == Step::done) return;
}

Listener::Step Listener::accept_one() {
  Fd fd = accept_from(fd_);
  if (!fd) return accept_failed(errno);
  hand_over(std::move(fd));
  return Step::again;
}

Listener::Step Listener::accept_failed(int error) {
  switch (error) {
    case EAGAIN:
      return Step::done;
    case EMFILE:
    case ENFILE:
      return shed_one(error);
    case ENOBUFS:
    case ENOMEM:
      pause(error);
      return Step::done;
    default:
      // ECONNABORTED, EINTR, EPERM and what was wrong with that one connection's network: on to the
      // next.
      return Step::again;
  }
}

Listener::Step Listener::shed_one(int error) {
  reserve_.reset();
  Fd doomed = accept_from(fd_);
  const int second = doomed ? 0 : errno;
  const bool closed = static_cast<bool>(doomed);
  doomed.reset();
  reserve_ = open_reserve();
  if (closed) {
    ++shed_;
    complain(shed_limit_, "connection_shed", ::strerrorname_np(error));
  }
  if (closed && reserve_) return Step::again;
  // Another thread took the descriptor meanwhile.
  if (second != EAGAIN) pause(error);
  return Step::done;
}

void Listener::hand_over(Fd fd) {
  ++accepted_;
  const Seat& seat = options_.seats[next_seat_];
  next_seat_ = (next_seat_ + 1) % options_.seats.size();
  auto connection = released_socket(std::move(fd));
  if (seat.reactor == &reactor_) return seat.handler->on_accepted(std::move(connection));
  base::Task task{[handler = seat.handler, c = std::move(connection)]() mutable {
    handler->on_accepted(std::move(c));
  }};
  if (!seat.reactor->try_post(task)) complain(refused_limit_, "connection_refused", "mailbox_full");
}

void Listener::pause(int error) {
  reactor_.unwatch(*this);
  reactor_.arm(*this, std::chrono::milliseconds{base::limits::accept_pause_ms});
  complain(paused_limit_, "accept_paused", ::strerrorname_np(error));
}

void Listener::on_timer() {
  if (!reserve_) reserve_ = open_reserve();
  if (!reactor_.watch(*this, fd_.get(), runtime::ready::read)) pause(errno);
}

void Listener::complain(runtime::LogLimit& limit, std::string_view event, std::string_view reason) {
  const auto suppressed = limit.take(reactor_.clock().now());
  if (!suppressed) return;
  reactor_.logger().log(
      base::LogLevel::warning,
      event,
      {{"reason", reason}, {"port", endpoint_.port}, {"suppressed", *suppressed}});
}

}  // namespace kith::net
