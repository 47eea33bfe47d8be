#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace kith::ports {

// What a connection's owner hears. All calls come on the stream's reactor. A call may close or
// release the stream, and after `on_closed` nothing more comes; a handler that dies calls
// `Stream::set_handler(nullptr)` or destroys the stream.
class StreamHandler {
 public:
  StreamHandler() = default;
  StreamHandler(const StreamHandler&) = delete;
  StreamHandler& operator=(const StreamHandler&) = delete;
  virtual ~StreamHandler() = default;
  // `bytes` lives until the call returns (one read buffer is shared by all streams of a reactor).
  virtual void on_bytes(std::string_view bytes) = 0;
  // Everything queued was taken by the kernel. Called only after a flush that could not take all at
  // once.
  virtual void on_drained() = 0;
  // The peer closed or reset, or a write failed. Not called after close(), abort() or release().
  virtual void on_closed() = 0;
};

// A connection's socket, moved between reactors (`Stream::release`, `StreamFactory::adopt`). Closes
// it if dropped.
class ReleasedStream {
 public:
  ReleasedStream() = default;
  ReleasedStream(const ReleasedStream&) = delete;
  ReleasedStream& operator=(const ReleasedStream&) = delete;
  virtual ~ReleasedStream() = default;
};

// A connected byte stream of one reactor.
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;  // aborts if still open

  virtual void set_handler(StreamHandler* handler) noexcept = 0;

  // Queues bytes; all that was queued in a tick leaves in one writev at its end. Never blocks and
  // never calls back. The owner bounds the queue by looking at queued_bytes().
  virtual void write(std::string bytes) = 0;
  virtual void write(base::SharedBytes bytes, std::size_t offset, std::size_t length) = 0;
  virtual std::size_t queued_bytes() const noexcept = 0;

  // Stops and goes on reading; the kernel's buffer then slows the peer.
  virtual void pause() noexcept = 0;
  virtual void resume() noexcept = 0;

  // Sends what is queued, then closes; what arrives meanwhile is read and dropped, for at most
  // `linger_ms`.
  virtual void close(std::uint32_t linger_ms = 5'000) = 0;
  // Closes at once with a reset; what is queued is dropped.
  virtual void abort() noexcept = 0;

  virtual bool open() const noexcept = 0;
  // IP without port; empty once the peer is gone.
  virtual std::string peer_address() const = 0;

  // Gives the socket away, for another reactor. Nothing may be queued. This object is closed
  // afterwards.
  virtual std::unique_ptr<ReleasedStream> release() = 0;
};

// Makes streams of the calling reactor.
class StreamFactory {
 public:
  StreamFactory() = default;
  StreamFactory(const StreamFactory&) = delete;
  StreamFactory& operator=(const StreamFactory&) = delete;
  virtual ~StreamFactory() = default;
  virtual std::unique_ptr<Stream> adopt(std::unique_ptr<ReleasedStream> released) = 0;
};

}  // namespace kith::ports
