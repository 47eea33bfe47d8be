#include "server/control_socket.hpp"

#include "base/limits.hpp"
#include "server/admin_protocol.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace kith::server {
namespace {

constexpr int backlog = 16;

Problem failed(std::string_view what, const std::string& path, int error) {
  return {.exit_code = 1,
          .text = fmt::format("{} {}: {}", what, path, std::generic_category().message(error))};
}

std::optional<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

// A time to be done by.
class Deadline {
 public:
  Deadline(const base::Clock& clock, std::uint32_t ms)
      : clock_(clock), at_(clock.now() + std::chrono::milliseconds{ms}) {}

  // False: the time is over first. `stop` -1: none; when it is readable, the wait is over too.
  bool wait(int fd, short events, int stop = -1) const {
    for (;;) {
      std::array<pollfd, 2> fds{pollfd{fd, events, 0}, pollfd{stop, POLLIN, 0}};
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(at_ - clock_.now()).count();
      if (left <= 0) return false;
      const int ready = ::poll(fds.data(), fds.size(), static_cast<int>(left) + 1);
      if (ready < 0 && errno == EINTR) continue;
      if (ready <= 0 || fds[1].revents != 0) return false;
      return true;
    }
  }

 private:
  const base::Clock& clock_;
  base::Instant at_;
};

// Up to and with the first newline; nothing when the peer closes, is too slow or says too much.
std::optional<std::string> read_line(int fd, const Deadline& deadline, int stop = -1) {
  std::string line;
  std::array<char, 16 * 1024> chunk{};
  while (line.size() <= control_line_bytes_max) {
    if (!deadline.wait(fd, POLLIN, stop)) return std::nullopt;
    const auto got = ::recv(fd, chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0) return std::nullopt;
    line.append(chunk.data(), static_cast<std::size_t>(got));
    if (const auto end = line.find('\n'); end != std::string::npos) {
      line.resize(end + 1);
      return line;
    }
  }
  return std::nullopt;
}

bool write_all(int fd, std::string_view bytes, const Deadline& deadline, int stop = -1) {
  while (!bytes.empty()) {
    if (!deadline.wait(fd, POLLOUT, stop)) return false;
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

runtime::Fd new_socket() {
  return runtime::Fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
}

}  // namespace

Outcome<std::unique_ptr<ControlServer>> ControlServer::start(std::string path,
                                                             const base::Clock& clock,
                                                             Handler handler,
                                                             Options options) {
  const auto address = address_of(path);
  if (!address) return failed("can not listen at", path, ENAMETOOLONG);
  Parts parts{std::move(path),
              new_socket(),
              runtime::Fd{::eventfd(0, EFD_CLOEXEC)},
              std::move(handler),
              options};
  if (!parts.listener || !parts.stop)
    return failed("can not make the control socket", parts.path, errno);
  if (::unlink(parts.path.c_str()) != 0 && errno != ENOENT)
    return failed("can not replace", parts.path, errno);
  if (::bind(parts.listener.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) !=
      0)
    return failed("can not listen at", parts.path, errno);
  // Before it listens nobody can connect, so there is no moment of a wider mode.
  if (::chmod(parts.path.c_str(), 0600) != 0 || ::listen(parts.listener.get(), backlog) != 0)
    return failed("can not listen at", parts.path, errno);
  return std::unique_ptr<ControlServer>{new ControlServer{std::move(parts), clock}};
}

ControlServer::ControlServer(Parts parts, const base::Clock& clock)
    : parts_(std::move(parts)), clock_(clock), thread_([this] { serve(); }) {}

ControlServer::~ControlServer() {
  const std::uint64_t one = 1;
  KITH_ASSERT(::write(parts_.stop.get(), &one, sizeof one) == sizeof one);
  thread_.join();
  ::unlink(parts_.path.c_str());
}

void ControlServer::serve() {
  for (;;) {
    std::array<pollfd, 2> fds{pollfd{parts_.listener.get(), POLLIN, 0},
                              pollfd{parts_.stop.get(), POLLIN, 0}};
    if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return;
    if (fds[1].revents != 0) return;
    if (fds[0].revents == 0) continue;
    const runtime::Fd connection{::accept4(parts_.listener.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (connection)
      answer(connection.get());
    else  // no descriptor is free: only time heals that, and who waits stays readable
      Deadline{clock_, base::limits::accept_pause_ms}.wait(parts_.stop.get(), POLLIN);
  }
}

void ControlServer::answer(int connection) {
  const auto line =
      read_line(connection, Deadline{clock_, parts_.options.timeout_ms}, parts_.stop.get());
  if (!line) return;
  const auto reply = parts_.handler(*line);
  write_all(connection, reply, Deadline{clock_, parts_.options.timeout_ms}, parts_.stop.get());
}

Outcome<std::string> control_call(const std::string& path,
                                  std::string_view line,
                                  const base::Clock& clock,
                                  std::uint32_t timeout_ms) {
  const auto address = address_of(path);
  if (!address) return failed("can not connect to", path, ENAMETOOLONG);
  const auto socket = new_socket();
  if (!socket) return failed("can not connect to", path, errno);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0) {
    auto problem = failed("can not connect to", path, errno);
    if (errno == ENOENT || errno == ECONNREFUSED) problem.exit_code = exit_nobody_listens;
    return problem;
  }
  const Deadline deadline{clock, timeout_ms};
  if (write_all(socket.get(), line, deadline))
    if (auto reply = read_line(socket.get(), deadline))
      return {boost::system::in_place_value, std::move(*reply)};
  return Problem{.exit_code = 1,
                 .text = fmt::format("the server at {} did not answer; look at its log", path)};
}

}  // namespace kith::server
