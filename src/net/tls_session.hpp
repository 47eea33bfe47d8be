#pragma once

#include "net/tls_context.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

struct ssl_st;

namespace kith::net {

// TLS of one connection, without I/O: bytes of the wire in, bytes for the wire out. Idle it holds
// no buffers of ours.
class TlsSession {
 public:
  explicit TlsSession(const TlsContext& context);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  enum class Handshake : std::uint8_t { more, done, failed };

  // What stands behind the handshake is kept for `read`.
  Handshake shake_hands(std::string_view wire);

  // Takes all of `wire`; gives what fits into `plain`. The rest is kept: see `unread`.
  std::size_t read(std::string_view wire, std::span<char> plain);

  // There is more to read, without further bytes of the wire.
  bool unread() const noexcept;

  // The peer has said goodbye, or what he sends is not TLS: nothing more comes.
  bool over() const noexcept { return over_; }

  void write(std::string_view plain);
  void say_goodbye();

  // What is to be sent; also after shake_hands and read.
  std::string take_output() noexcept { return std::exchange(output_, {}); }

  std::size_t output_bytes() const noexcept { return output_.size(); }

 private:
  friend struct TlsWire;

  void feed(std::string_view wire);
  void keep_rest();
  void note_end(int result);
  void note_handshake_message();
  static void on_message(int written,
                         int version,
                         int content,
                         const void* bytes,
                         std::size_t length,
                         ssl_st* ssl,
                         void* session);

  ssl_st* ssl_;
  std::string_view input_;  // while a call runs
  std::string kept_;        // of the wire, not yet taken
  std::string output_;
  std::uint64_t plain_bytes_ = 0;         // read
  std::uint32_t handshake_messages_ = 0;  // behind the handshake
  bool established_ = false;
  bool flooded_ = false;  // with messages that cost and carry nothing
  bool over_ = false;
  bool failed_ = false;  // over, and nothing may be said any more
};

}  // namespace kith::net
