#include "client/rest.hpp"

#include "client/json_text.hpp"
#include "client/packet.hpp"
#include "net/socket_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace kith::bench {
namespace {

constexpr std::size_t read_bytes = 16 * 1024;

std::string users_json(const std::vector<std::string>& users, std::size_t from, std::size_t to) {
  std::string list = "[";
  for (std::size_t i = from; i < to; ++i) {
    if (i > from) list += ',';
    list += json_quoted(users[i]);
  }
  return list + "]";
}

// How long the body is; nothing without Content-Length, or with a foolish one.
std::optional<std::size_t> body_bytes(std::string_view head) {
  std::string lower(head);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
  });
  constexpr std::string_view name = "\r\ncontent-length: ";
  const auto at = lower.find(name);
  if (at == std::string::npos) return std::nullopt;
  std::size_t bytes = 0;
  const char* from = lower.data() + at + name.size();
  const auto [end, error] = std::from_chars(from, lower.data() + lower.size(), bytes);
  if (error != std::errc{} || bytes > Rest::answer_bytes_max) return std::nullopt;
  return bytes;
}

}  // namespace

std::string group_body(const Group& group, std::size_t members) {
  JsonObject body;
  body.text("kind", "group").text("external_id", group.external_id);
  body.raw("members", users_json(group.members, 1, 1 + members));
  return std::move(body).take();
}

std::string Rest::make(const Group& group) {
  const std::size_t others = group.members.size() - 1;
  const std::size_t first = std::min(others, members_per_request_max - 1);
  const std::string& owner = group.members.front();
  std::string wrong = post("/v1/conversations", owner, group_body(group, first));
  for (std::size_t from = 1 + first; from <= others && wrong.empty();
       from += members_per_request_max) {
    const std::size_t to = std::min(from + members_per_request_max, others + 1);
    JsonObject body;
    body.raw("users", users_json(group.members, from, to));
    wrong = post(
        "/v1/conversations/ext:" + group.external_id + "/members", owner, std::move(body).take());
  }
  return wrong;
}

std::string Rest::open() {
  auto address = net::to_socket_address(options_.rest);
  if (!address) return "--rest is no address";
  fd_.reset(::socket(address->get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval timeout{answer_timeout_s, 0};
  const int on = 1;
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd_.get(), address->get(), address->length) == 0) return {};
  fd_.reset();
  return fmt::format("no connection to {}", to_text(options_.rest));
}

std::string Rest::post(std::string_view path, std::string_view owner, const std::string& body) {
  const std::string request = fmt::format(
      "POST {} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nOn-Behalf-Of: {}\r\n"
      "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
      path,
      to_text(options_.rest),
      options_.server_key,
      owner,
      body.size(),
      body);
  // A server may have closed an idle connection: once more on a new one. Making a group twice does
  // nothing twice.
  std::string wrong;
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!fd_) wrong = open();
    if (!fd_) return wrong;
    wrong = send_all(request) ? read_answer() : "the connection broke";
    if (wrong.empty() || fd_) return wrong;
  }
  return wrong;
}

bool Rest::send_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) {
      fd_.reset();
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

std::string Rest::read_answer() {
  std::string answer;
  std::size_t whole = 0;
  while (whole == 0 || answer.size() < whole) {
    char bytes[read_bytes];
    const ssize_t size = ::recv(fd_.get(), bytes, sizeof bytes, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) {
      fd_.reset();
      return "no answer over REST";
    }
    answer.append(bytes, static_cast<std::size_t>(size));
    const auto end = answer.find("\r\n\r\n");
    if (whole != 0 || end == std::string::npos) continue;
    const auto length = body_bytes(std::string_view{answer}.substr(0, end + 2));
    if (!length) {
      fd_.reset();
      return "an answer without a usable Content-Length";
    }
    whole = end + 4 + *length;
  }
  if (answer.starts_with("HTTP/1.1 2")) return {};
  const std::string_view code = text_field(answer, "code");
  return fmt::format("refused: {} {}", answer.substr(9, 3), code);
}

}  // namespace kith::bench
