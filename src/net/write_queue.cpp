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

}  // namespace

const char* WriteQueue::Piece::data() const noexcept {
  const auto* owned = std::get_if<std::string>(&bytes);
  const std::string& whole = owned != nullptr ? *owned : **std::get_if<base::SharedBytes>(&bytes);
  return whole.data() + offset;
}

void WriteQueue::add(std::string bytes) {
  if (bytes.empty()) return;
  const std::size_t length = bytes.size();
  bytes_ += length;
  auto* last = pieces_.empty() ? nullptr : std::get_if<std::string>(&pieces_.back().bytes);
  if (last != nullptr && last->size() + length <= joined_bytes_max) {
    last->append(bytes);
    pieces_.back().length += length;
    return;
  }
  pieces_.push_back({std::move(bytes), 0, length});
}

void WriteQueue::add(base::SharedBytes bytes, std::size_t offset, std::size_t length) {
  KITH_ASSERT(bytes != nullptr && offset <= bytes->size() && length <= bytes->size() - offset);
  if (length == 0) return;
  pieces_.push_back({std::move(bytes), offset, length});
  bytes_ += length;
}

WriteQueue::Flush WriteQueue::flush(int fd) {
  while (bytes_ > 0) {
    std::array<iovec, base::limits::write_pieces_max> vectors;
    std::size_t count = 0;
    for (std::size_t i = first_; i < pieces_.size() && count < vectors.size(); ++i, ++count)
      // The kernel's structure serves reading too and is not const.
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
      vectors[count] = {const_cast<char*>(pieces_[i].data()), pieces_[i].length};
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = count;
    const ssize_t sent = ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
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

void WriteQueue::taken(std::size_t count) {
  bytes_ -= count;
  while (count > 0) {
    Piece& piece = pieces_[first_];
    const std::size_t part = std::min(count, piece.length);
    piece.offset += part;
    piece.length -= part;
    count -= part;
    if (piece.length > 0) break;
    piece.bytes = std::string{};  // freed now: a slow reader must not hold what it has read
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
