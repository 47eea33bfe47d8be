#include "client/loop.hpp"

#include <cerrno>
#include <cstring>
#include <ctime>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kith::bench {
namespace {

constexpr int events_max = 64;  // handled before what has become due is sent
constexpr std::size_t read_bytes = 256 * 1024;
constexpr int reads_per_turn = 4;
constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::size_t kept_bytes = 16 * 1024;  // of a buffer that became empty

std::string_view error_text(int number) {
  const char* const text = ::strerrordesc_np(number);
  return text == nullptr ? "an error without a name" : text;
}

}  // namespace

std::int64_t now_ns() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * second_ns + time.tv_nsec;
}

Loop::Loop(const Options& options, Listener& listener) : options_(options), listener_(listener) {
  for (const net::Endpoint& server : options.servers)
    servers_.push_back(net::to_socket_address(server).value_or(net::SocketAddress{}));
  upgrade_ = "GET " + options.path +
             "?EIO=4&transport=websocket HTTP/1.1\r\nHost: " + to_text(options.servers.front()) +
             "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
}

Loop::~Loop() {
  for (Connection& connection : connections_)
    if (connection.fd >= 0) ::close(connection.fd);
}

bool Loop::create(std::size_t connections, std::uint32_t first) {
  first_ = first;
  epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  connections_.resize(connections);
  for (std::uint32_t i = 0; i < connections; ++i) {
    connections_[i].index = i;
    connections_[i].mask = 0x9e3779b9U * (first + i + 1) | 0x01010101U;
  }
  return static_cast<bool>(epoll_);
}

void Loop::connect(std::uint32_t index, std::int64_t after_ns) {
  if (after_ns > 0) {
    later_.push({now_ns() + after_ns, index});
  } else {
    wanted_.push_back(index);
  }
}

void Loop::start_due() {
  if (!later_.empty()) {
    const std::int64_t now = now_ns();
    for (; !later_.empty() && later_.top().at_ns <= now; later_.pop())
      wanted_.push_back(later_.top().index);
  }
  while (!wanted_.empty() && connecting_ < options_.burst) {
    const std::uint32_t index = wanted_.front();
    wanted_.pop_front();
    if (connections_[index].state == Connection::State::closed) start(connections_[index]);
  }
}

bool Loop::bind_source(const Connection& connection) {
  const int on = 1;
  ::setsockopt(connection.fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr =
      htonl(INADDR_LOOPBACK + (first_ + connection.index) % options_.source_ips);
  return ::bind(connection.fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) == 0;
}

void Loop::start(Connection& connection) {
  const net::Endpoint& server = options_.servers[(first_ + started_) % servers_.size()];
  net::SocketAddress& address = servers_[(first_ + started_++) % servers_.size()];
  connection.state = Connection::State::connecting;
  ++connection.session;
  ++connecting_;
  connection.began_ns = now_ns();
  connection.retry_after_s = 0;
  connection.fd = ::socket(address.get()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (connection.fd < 0) return close(connection, error_text(errno));
  const int on = 1;
  ::setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (options_.source_ips > 0 && server.address.starts_with("127.") && !bind_source(connection))
    return close(connection, error_text(errno));
  if (::connect(connection.fd, address.get(), address.length) != 0 && errno != EINPROGRESS)
    return close(connection, error_text(errno));
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT;
  event.data.u32 = connection.index;
  connection.waits_for_room = true;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.fd, &event);
}

void Loop::connected(Connection& connection) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(connection.fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return close(connection, error_text(error));
  connection.state = Connection::State::upgrading;
  connection.out += upgrade_;
  touch(connection);
}

void Loop::pump(std::int64_t timeout_ns) {
  start_due();
  flush_dirty();
  epoll_event events[events_max];
  const timespec timeout{std::max<std::int64_t>(timeout_ns, 0) / second_ns,
                         std::max<std::int64_t>(timeout_ns, 0) % second_ns};
  const int count = ::epoll_pwait2(epoll_.get(), events, events_max, &timeout, nullptr);
  for (int i = 0; i < count; ++i)
    handle(connections_[events[i].data.u32], events[i].events, now_ns());
  start_due();
  flush_dirty();
}

void Loop::handle(Connection& connection, std::uint32_t events, std::int64_t now) {
  if (connection.state == Connection::State::closed) return;
  if (connection.state == Connection::State::connecting) return connected(connection);
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read(connection, now);
  if ((events & EPOLLOUT) != 0 && connection.state != Connection::State::closed) touch(connection);
}

void Loop::read(Connection& connection, std::int64_t now) {
  for (int round = 0; round < reads_per_turn; ++round) {
    const std::size_t held = connection.in.size();
    if (buffer_.size() < held + read_bytes) buffer_.resize(held + read_bytes);
    std::memcpy(buffer_.data(), connection.in.data(), held);
    const ssize_t size = ::recv(connection.fd, buffer_.data() + held, read_bytes, 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size < 0) return close(connection, error_text(errno));
    if (size == 0) return close(connection, "the server closed it");
    const std::string_view bytes{buffer_.data(), held + static_cast<std::size_t>(size)};
    const std::size_t done = take(connection, bytes, now);
    if (connection.state == Connection::State::closed) return;
    connection.in.assign(bytes.substr(done));
    if (connection.in.empty() && connection.in.capacity() > kept_bytes) connection.in = {};
    if (static_cast<std::size_t>(size) < read_bytes) return;
  }
}

void Loop::touch(Connection& connection) {
  if (connection.is_dirty) return;
  connection.is_dirty = true;
  dirty_.push_back(connection.index);
}

void Loop::flush_dirty() {
  // Closing may call the scenario, which may send to others.
  for (std::size_t i = 0; i < dirty_.size(); ++i) {
    Connection& connection = connections_[dirty_[i]];
    connection.is_dirty = false;
    flush(connection);
  }
  dirty_.clear();
}

void Loop::flush(Connection& connection) {
  if (connection.state == Connection::State::closed ||
      connection.state == Connection::State::connecting)
    return;
  while (connection.out_at < connection.out.size()) {
    const ssize_t size = ::send(connection.fd,
                                connection.out.data() + connection.out_at,
                                connection.out.size() - connection.out_at,
                                MSG_NOSIGNAL);
    if (size > 0) {
      connection.out_at += static_cast<std::size_t>(size);
    } else if (errno == EAGAIN) {
      return watch(connection, true);
    } else if (errno != EINTR) {
      return close(connection, error_text(errno));
    }
  }
  connection.out.clear();
  connection.out_at = 0;
  if (connection.out.capacity() > kept_bytes) connection.out = {};
  watch(connection, false);
}

void Loop::watch(Connection& connection, bool room) {
  if (connection.waits_for_room == room) return;
  connection.waits_for_room = room;
  epoll_event event{};
  event.events = EPOLLIN | (room ? EPOLLOUT : 0U);
  event.data.u32 = connection.index;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.fd, &event);
}

void Loop::forget(Connection& connection) {
  if (connection.is_ready()) {
    --ready_;
  } else if (connection.state != Connection::State::closed) {
    --connecting_;
  }
  if (connection.fd >= 0) ::close(connection.fd);
  connection.fd = -1;
  connection.state = Connection::State::closed;
  connection.in.clear();
  connection.out.clear();
  connection.out_at = 0;
  connection.message.clear();
  connection.event.clear();
  connection.attachments = 0;
  connection.waits_for_room = false;
}

void Loop::cut(Connection& connection) {
  if (connection.fd >= 0) {
    const linger at_once{1, 0};
    ::setsockopt(connection.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  forget(connection);
}

void Loop::close(Connection& connection, std::string_view reason) {
  if (connection.state == Connection::State::closed) return;
  forget(connection);
  listener_.on_closed(connection, reason);
}

void Loop::send_frame(Connection& connection, Opcode opcode, std::string_view payload) {
  if (connection.state == Connection::State::closed) return;
  if (connection.out.size() - connection.out_at > unsent_bytes_max)
    return close(connection, "the server does not read");
  append_frame(connection.out, opcode, payload, connection.mask);
  touch(connection);
}

void Loop::send_text(Connection& connection, std::string_view text) {
  send_frame(connection, Opcode::text, text);
}

void Loop::send_binary(Connection& connection, std::string_view bytes) {
  send_frame(connection, Opcode::binary, bytes);
}

}  // namespace kith::bench
