#include "net/write_queue.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>

namespace kith::net {
namespace {

// More pieces than this are not kept in reserve after a peak.
constexpr std::size_t kept_pieces_max = 16;
// Short pieces are joined up to this: each costs more than the two bytes of a pong, and a peer that
// asks for many would have a queue far larger than its bytes.
constexpr std::size_t joined_bytes_max = 4 * 1024;
// So few bytes are copied into one piece to be written: the kernel's work for each piece costs
// more.
constexpr std::size_t copied_bytes_max = 4 * 1024;

}  // namespace

void WriteQueue::add(std::string bytes) {
  if (bytes.empty()) return;
  const std::size_t length = bytes.size();
  bytes_ += length;
  std::string* const last = pieces_.empty() ? nullptr : pieces_.back().own;
  if (last != nullptr && last->size() + length <= joined_bytes_max) {
    Piece& piece = pieces_.back();
    const auto left = piece.data - last->data();
    last->append(bytes);
    piece.data = last->data() + left;
    piece.length += length;
    return;
  }
  auto own = std::make_shared<std::string>(std::move(bytes));
  std::string* const text = own.get();
  pieces_.push_back({std::move(own), text, text->data(), length});
}

void WriteQueue::add(base::SharedBytes bytes, std::size_t offset, std::size_t length) {
  KITH_ASSERT(bytes != nullptr && offset <= bytes->size() && length <= bytes->size() - offset);
  if (length == 0) return;
  const char* const data = bytes->data() + offset;
  pieces_.push_back({std::move(bytes), nullptr, data, length});
  bytes_ += length;
}

WriteQueue::Flush WriteQueue::flush(int fd) {
  while (bytes_ > 0) {
    const ssize_t sent = write(fd);
    if (sent >= 0) {
      taken(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return Flush::partial;
    } else if (errno != EINTR) {
      return Flush::failed;
    }
  }
  return Flush::all;
}

ssize_t WriteQueue::write(int fd) const noexcept {
  if (pieces_.size() - first_ == 1)
    return ::send(fd, pieces_[first_].data, bytes_, MSG_NOSIGNAL | MSG_DONTWAIT);
  return bytes_ <= copied_bytes_max ? write_copied(fd) : write_pieces(fd);
}

ssize_t WriteQueue::write_copied(int fd) const noexcept {
  std::array<char, copied_bytes_max> copy;
  char* to = copy.data();
  for (std::size_t i = first_; i < pieces_.size(); ++i)
    to = std::copy_n(pieces_[i].data, pieces_[i].length, to);
  return ::send(fd, copy.data(), bytes_, MSG_NOSIGNAL | MSG_DONTWAIT);
}

ssize_t WriteQueue::write_pieces(int fd) const noexcept {
  std::array<iovec, base::limits::write_pieces_max> vectors;
  std::size_t count = 0;
  for (std::size_t i = first_; i < pieces_.size() && count < vectors.size(); ++i, ++count)
    // The kernel's structure serves reading too and is not const.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    vectors[count] = {const_cast<char*>(pieces_[i].data), pieces_[i].length};
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  return ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void WriteQueue::taken(std::size_t count) {
  bytes_ -= count;
  while (count > 0) {
    Piece& piece = pieces_[first_];
    const std::size_t part = std::min(count, piece.length);
    piece.data += part;
    piece.length -= part;
    count -= part;
    if (piece.length > 0) break;
    piece.bytes.reset();  // now: a slow reader must not hold what it has read
    piece.own = nullptr;
    ++first_;
  }
  if (bytes_ == 0) {
    pieces_.clear();
    first_ = 0;
  } else if (first_ >= 64 && first_ * 2 >= pieces_.size()) {
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

void WriteQueue::clear() noexcept {
  pieces_.clear();
  if (pieces_.capacity() > kept_pieces_max) pieces_ = std::vector<Piece>{};
  first_ = 0;
  bytes_ = 0;
}

}  // namespace kith::net
