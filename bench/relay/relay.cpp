#include "relay/relay.hpp"

#include "client/packet.hpp"
#include "relay/requests.hpp"
#include "wire/websocket/frame.hpp"
#include "wire/websocket/handshake.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace kith::bench::relay {
namespace {

namespace websocket = wire::websocket;

// As long as what Kith writes in front of a message's own text.
constexpr std::string_view before_message =
    "42[\"message.new\",{\"cid\":\"c_0123456789abcdefghijkl\",\"seq\":100000,\"no\":100000,"
    "\"id\":\"0123456789abcdefghijkl\",\"sender\":\"somebody\",\"type\":\"text\","
    "\"ts\":\"2026-01-01T00:00:00.000Z\",";

void append_text(std::string& out, std::string_view text) {
  websocket::append_frame(out, websocket::Opcode::text, text);
}

}  // namespace

std::uint16_t Relay::listen(std::uint16_t port) {
  epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_.get(), generic, size) != 0) return 0;
  if (::listen(listener_.get(), SOMAXCONN) != 0) return 0;
  if (::getsockname(listener_.get(), generic, &size) != 0) return 0;
  epoll_event event{EPOLLIN, {.fd = listener_.get()}};
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, listener_.get(), &event) != 0) return 0;
  return ntohs(address.sin_port);
}

bool Relay::turn() {
  std::array<epoll_event, events_max> events;
  const int count =
      ::epoll_wait(epoll_.get(), events.data(), events_max, waiting_.empty() ? -1 : 0);
  if (count < 0) return errno == EINTR;
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    if (event.data.fd == listener_.get()) {
      accept();
      continue;
    }
    Client& client = *clients_[static_cast<std::size_t>(event.data.fd)];
    if ((event.events & EPOLLOUT) != 0) write(client);
    if ((event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) read(client);
    if (client.ended) forget(event.data.fd);
  }
  if (count == 0) flush_all();
  return true;
}

void Relay::accept() {
  for (;;) {
    runtime::Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd) return;
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{EPOLLIN, {.fd = fd.get()}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event) != 0) continue;
    const auto at = static_cast<std::size_t>(fd.get());
    if (clients_.size() <= at) clients_.resize(at + 1);
    clients_[at] = std::make_unique<Client>();
    clients_[at]->fd = std::move(fd);
  }
}

void Relay::read(Client& client) {
  const ssize_t size = ::recv(client.fd.get(), read_.data(), read_.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) {
    client.ended = true;
    return;
  }
  const std::string_view bytes(read_.data(), static_cast<std::size_t>(size));
  if (client.in.empty()) return take(client, bytes);
  std::string whole = std::move(client.in);
  client.in.clear();
  take(client, whole.append(bytes));
}

// What is whole of `bytes`; the rest is kept.
void Relay::take(Client& client, std::string_view bytes) {
  for (;;) {
    const std::size_t taken =
        client.upgraded ? take_frame(client, bytes) : take_request(client, bytes);
    if (taken == 0) break;
    bytes.remove_prefix(taken);
  }
  if (bytes.size() > input_bytes_max) client.ended = true;
  client.in.assign(bytes);
}

std::size_t Relay::take_request(Client& client, std::string_view bytes) {
  const auto request = parse_request(bytes);
  if (!request) return 0;
  if (!request->upgrade) {
    rest(client, request->path, request->owner, request->body);
    return request->size;
  }
  client.upgraded = true;
  std::string answer =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      websocket::accept_key(request->key) + "\r\n\r\n";
  append_text(answer,
              R"(0{"sid":"s","upgrades":[],"pingInterval":3600000,"pingTimeout":3600000,)"
              R"("maxPayload":1000000})");
  send(client, answer);
  return request->size;
}

// POST /v1/conversations, and POST /v1/conversations/ext:NAME/members for what did not fit there.
void Relay::rest(Client& client,
                 std::string_view path,
                 std::string_view owner,
                 std::string_view body) {
  const auto ext = path.find("/ext:");
  bool made = false;
  if (ext == std::string_view::npos) {
    auto users = names_in(body, "members");
    users.emplace_back(owner);
    made = groups_.add(text_field(body, "external_id"), std::move(users));
  } else {
    const auto name = path.substr(ext + 5);
    made = groups_.add(name.substr(0, name.find('/')), names_in(body, "users"));
  }
  send(client, json_answer(made ? "201 Created" : "409 Conflict", "{}"));
}

std::size_t Relay::take_frame(Client& client, std::string_view bytes) {
  constexpr std::size_t mask_bytes = 4;
  if (bytes.size() < 2) return 0;
  std::size_t header = 2;
  std::size_t length = static_cast<unsigned char>(bytes[1]) & 127U;
  if (length == 127) {  // longer than any tick or text of a benchmark
    client.ended = true;
    return 0;
  }
  if (length == 126) {
    if (bytes.size() < 4) return 0;
    length = static_cast<std::size_t>(static_cast<unsigned char>(bytes[2])) << 8U |
             static_cast<unsigned char>(bytes[3]);
    header = 4;
  }
  if (bytes.size() < header + mask_bytes + length) return 0;
  std::uint32_t key = 0;
  for (std::size_t i = 0; i < mask_bytes; ++i)
    key = key << 8U | static_cast<unsigned char>(bytes[header + i]);
  scratch_.resize(length);
  websocket::apply_mask(scratch_.data(), bytes.substr(header + mask_bytes, length), key);
  packet(client, scratch_);
  return header + mask_bytes + length;
}

void Relay::packet(Client& client, std::string_view text) {
  if (text.starts_with("40")) {
    client.user = text_field(text, "user");
    groups_.connect(client.user, client.fd.get());
    std::string answer;
    append_text(answer, R"(40{"sid":"c"})");
    append_text(answer, R"(42["hello",{}])");
    return send(client, answer);
  }
  if (text.starts_with("42")) message(client, text);
}

// 42N["message.send",{...}]
void Relay::message(Client& client, std::string_view text) {
  const auto list = text.find('[');
  const auto body = text.find('{');
  if (body == std::string_view::npos || list == 2) return;
  Group* group = groups_.find(text_field(text, "external_id"));
  std::string answer = "43";
  answer.append(text.substr(2, list - 2));
  if (group == nullptr) {
    answer.append(R"([{"ok":false,"error":{"code":"not_found","retryable":false}}])");
    return send_text(client, answer);
  }
  answer.append(R"([{"ok":true,"data":{"id":"0123456789abcdefghijkl","seq":1,"no":1}}])");
  append_text(client.out, answer);
  Waiting waiting{client.fd.get(), {}};
  const auto members = text.substr(body + 1);
  waiting.frame.reserve(before_message.size() + members.size() + 4);
  websocket::append_frame_header(
      waiting.frame, websocket::Opcode::text, before_message.size() + members.size());
  waiting.frame.append(before_message).append(members);
  if (group->waiting.empty()) waiting_.push_back(group);
  group->waiting.push_back(std::move(waiting));
  if (group->waiting.size() < frames_) return;
  flush(*group);
  std::erase(waiting_, group);
}

// One write for each member: all frames but his own, and before them what is his alone.
void Relay::flush(Group& group) {
  batch_.clear();
  for (const auto& waiting : group.waiting)
    batch_ += waiting.frame;
  for (const int socket : group.sockets) {
    Client& client = *clients_[static_cast<std::size_t>(socket)];
    const bool sends =
        std::any_of(group.waiting.begin(), group.waiting.end(), [&](const Waiting& waiting) {
          return waiting.sender == socket;
        });
    if (!sends) {
      send(client, batch_);
      continue;
    }
    for (const auto& waiting : group.waiting)
      if (waiting.sender != socket) client.out += waiting.frame;
    write(client);
  }
  group.waiting.clear();
}

void Relay::flush_all() {
  for (Group* group : waiting_)
    flush(*group);
  waiting_.clear();
}

void Relay::send_text(Client& client, std::string_view text) {
  std::string frame;
  append_text(frame, text);
  send(client, frame);
}

// At once if nothing is before it and the kernel takes it; what it does not take is kept.
void Relay::send(Client& client, std::string_view bytes) {
  if (client.out.empty()) {
    const ssize_t size =
        ::send(client.fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size > 0) bytes.remove_prefix(static_cast<std::size_t>(size));
    if (bytes.empty()) return;
  }
  // Who is slower than this is of no use in a benchmark; what he lacks will be counted as lost.
  if (client.out.size() + bytes.size() > output_bytes_max) return;
  client.out.append(bytes);
  write(client);
}

void Relay::write(Client& client) {
  if (!client.out.empty()) {
    const ssize_t size =
        ::send(client.fd.get(), client.out.data(), client.out.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size > 0) client.out.erase(0, static_cast<std::size_t>(size));
  }
  watch(client, !client.out.empty());
}

void Relay::watch(Client& client, bool room) {
  if (client.waits_for_room == room) return;
  client.waits_for_room = room;
  epoll_event event{EPOLLIN | (room ? EPOLLOUT : 0U), {.fd = client.fd.get()}};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, client.fd.get(), &event);
}

void Relay::forget(int socket) {
  auto& client = clients_[static_cast<std::size_t>(socket)];
  if (!client->user.empty()) groups_.disconnect(client->user, socket);
  client.reset();
}

}  // namespace kith::bench::relay
