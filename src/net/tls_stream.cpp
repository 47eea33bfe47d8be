#include "net/tls_stream.hpp"

#include "base/assert.hpp"
#include "net/tcp_streams.hpp"

#include <utility>

namespace kith::net {
namespace {

// For the goodbye of a connection that the peer has ended.
constexpr std::uint32_t goodbye_ms = 1'000;

}  // namespace

TlsStream::TlsStream(TcpStreams& streams,
                     std::unique_ptr<TcpStream> socket,
                     std::unique_ptr<TlsSession> session)
    : streams_(streams), socket_(std::move(socket)), session_(std::move(session)) {}

TlsStream::~TlsStream() {
  abort();
}

void TlsStream::set_handler(ports::StreamHandler* handler) noexcept {
  handler_ = handler;
  socket_->set_handler(handler == nullptr ? nullptr : this);
  hear_again_if_due();
}

void TlsStream::write(std::string bytes) {
  add(bytes);
}

void TlsStream::write(base::SharedBytes bytes, std::size_t offset, std::size_t length) {
  KITH_ASSERT(bytes != nullptr && offset <= bytes->size() && length <= bytes->size() - offset);
  add(std::string_view{*bytes}.substr(offset, length));
}

void TlsStream::add(std::string_view bytes) {
  if (!open() || bytes.empty()) return;
  plain_ += bytes;
  streams_.reactor_.at_tick_end(*this);
}

std::size_t TlsStream::queued_bytes() const noexcept {
  return plain_.size() + socket_->queued_bytes();
}

void TlsStream::pause() noexcept {
  paused_ = true;
  socket_->pause();
}

void TlsStream::resume() noexcept {
  paused_ = false;
  socket_->resume();
  hear_again_if_due();
}

void TlsStream::close(std::uint32_t linger_ms) {
  if (!open()) return;
  streams_.reactor_.withdraw(*this);
  session_->write(std::exchange(plain_, {}));
  session_->say_goodbye();
  socket_->write(session_->take_output());
  socket_->close(linger_ms);
}

void TlsStream::abort() noexcept {
  streams_.reactor_.withdraw(*this);
  plain_ = {};
  socket_->abort();
}

std::unique_ptr<ports::ReleasedStream> TlsStream::release() {
  if (!open()) return nullptr;
  KITH_ASSERT(queued_bytes() == 0);
  streams_.reactor_.withdraw(*this);
  auto released = std::make_unique<ReleasedTls>();
  released->socket = socket_->release();
  released->session = std::move(session_);
  return released;
}

// There is something to tell that no readiness of the socket brings.
bool TlsStream::due() const noexcept {
  return open() && handler_ != nullptr && !paused_ && (session_->unread() || session_->over());
}

void TlsStream::hear_again_if_due() {
  if (due()) streams_.reactor_.at_tick_end(*this);
}

void TlsStream::on_bytes(std::string_view bytes) {
  hear(bytes);
}

void TlsStream::hear(std::string_view wire) {
  auto& buffer = streams_.plain_buffer();
  const std::size_t length = session_->read(wire, buffer);
  if (session_->output_bytes() > 0) socket_->write(session_->take_output());
  hear_again_if_due();
  if (length > 0) handler_->on_bytes({buffer.data(), length});  // may destroy this object
}

void TlsStream::on_tick_end() {
  if (!plain_.empty()) return send();
  if (!due()) return;
  if (session_->over()) return lost();
  hear({});
}

// Not in the socket's own turn at the tick's end: who asked to be called behind this one relies on
// the bytes having left.
void TlsStream::send() {
  session_->write(std::exchange(plain_, {}));
  socket_->write(session_->take_output());
  hear_again_if_due();
  socket_->send_now();  // may call back, and so destroy this object
}

void TlsStream::on_drained() {
  if (handler_ != nullptr) handler_->on_drained();
}

void TlsStream::on_closed() {
  streams_.reactor_.withdraw(*this);
  plain_ = {};
  if (handler_ != nullptr) handler_->on_closed();  // may destroy this object
}

// The peer has said goodbye, or what he sends is not TLS.
void TlsStream::lost() {
  session_->say_goodbye();
  socket_->write(session_->take_output());
  socket_->close(goodbye_ms);
  on_closed();
}

}  // namespace kith::net
