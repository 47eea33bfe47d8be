#include "net/tls_session.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>

namespace kith::net {

// What the library reads from and writes to, instead of a socket.
struct TlsWire {
  static TlsSession& session_of(BIO* bio) { return *static_cast<TlsSession*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* into, int size) {
    BIO_clear_retry_flags(bio);
    if (session_of(bio).flooded_) return -1;
    auto& input = session_of(bio).input_;
    if (input.empty()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const auto length = std::min(input.size(), static_cast<std::size_t>(size));
    std::memcpy(into, input.data(), length);
    input.remove_prefix(length);
    return static_cast<int>(length);
  }

  static int write(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    session_of(bio).output_.append(bytes, static_cast<std::size_t>(size));
    return size;
  }

  static long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }

  static BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      auto* const method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "kith");
      KITH_ASSERT(method != nullptr);
      BIO_meth_set_read(method, read);
      BIO_meth_set_write(method, write);
      BIO_meth_set_ctrl(method, control);
      return method;
    }();
    return made;
  }
};

TlsSession::TlsSession(const TlsContext& context) : ssl_(SSL_new(context.get())) {
  BIO* wire = BIO_new(TlsWire::method());
  KITH_ASSERT(ssl_ != nullptr && wire != nullptr);
  BIO_set_data(wire, this);
  BIO_set_init(wire, 1);
  SSL_set_bio(ssl_, wire, wire);
  SSL_set_accept_state(ssl_);
  SSL_set_msg_callback(ssl_, on_message);
  SSL_set_msg_callback_arg(ssl_, this);
}

TlsSession::~TlsSession() {
  SSL_free(ssl_);
}

void TlsSession::feed(std::string_view wire) {
  ERR_clear_error();  // of this thread: what another connection left would be taken for ours
  if (kept_.empty()) {
    input_ = wire;
    return;
  }
  kept_.append(wire);
  input_ = kept_;
}

void TlsSession::keep_rest() {
  kept_ = over_ ? std::string{} : std::string{input_};
  input_ = {};
}

TlsSession::Handshake TlsSession::shake_hands(std::string_view wire) {
  feed(wire);
  const int done = SSL_do_handshake(ssl_);
  if (done == 1) {
    established_ = true;
    keep_rest();
    return Handshake::done;
  }
  note_end(done);
  keep_rest();
  return over_ ? Handshake::failed : Handshake::more;
}

std::size_t TlsSession::read(std::string_view wire, std::span<char> plain) {
  if (over_) return 0;
  feed(wire);
  std::size_t length = 0;
  while (length < plain.size()) {
    const auto room = plain.subspan(length);
    const int got = SSL_read(ssl_, room.data(), static_cast<int>(room.size()));
    if (got <= 0) {
      note_end(got);
      break;
    }
    length += static_cast<std::size_t>(got);
    plain_bytes_ += static_cast<std::uint64_t>(got);
  }
  keep_rest();
  return length;
}

// NOLINTNEXTLINE(readability-function-size): the library's signature
void TlsSession::on_message(int written,
                            int /*version*/,
                            int content,
                            const void* /*bytes*/,
                            std::size_t /*length*/,
                            ssl_st* /*ssl*/,
                            void* session) {
  auto& me = *static_cast<TlsSession*>(session);
  if (written == 0 && content == SSL3_RT_HANDSHAKE && me.established_) me.note_handshake_message();
}

// New keys, or a wish to begin anew: each is answered, and none of it is seen by who reads. The
// library takes all there are before it gives anything back.
void TlsSession::note_handshake_message() {
  ++handshake_messages_;
  constexpr std::uint64_t bytes_each = 1024 * 1024;
  if (handshake_messages_ > base::limits::tls_handshake_messages_max + plain_bytes_ / bytes_each)
    flooded_ = true;
}

void TlsSession::note_end(int result) {
  const int error = SSL_get_error(ssl_, result);
  over_ = error != SSL_ERROR_WANT_READ;
  failed_ = over_ && error != SSL_ERROR_ZERO_RETURN;
}

bool TlsSession::unread() const noexcept {
  return !over_ && (!kept_.empty() || SSL_pending(ssl_) > 0);
}

void TlsSession::write(std::string_view plain) {
  if (failed_ || plain.empty()) return;
  ERR_clear_error();
  // The wire takes all, so that this writes all, in records of 16 KiB.
  std::size_t written = 0;
  if (SSL_write_ex(ssl_, plain.data(), plain.size(), &written) != 1) over_ = failed_ = true;
}

void TlsSession::say_goodbye() {
  if (failed_) return;
  ERR_clear_error();
  SSL_shutdown(ssl_);
}

}  // namespace kith::net
