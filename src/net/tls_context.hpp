#pragma once

#include "base/result.hpp"

#include <memory>
#include <string>

struct ssl_ctx_st;

namespace kith::net {

// A server's side of TLS: certificate, key and rules, read once and shared by all reactors. TLS 1.2
// and newer, ALPN http/1.1, no renegotiation; who comes back resumes by a ticket, which a server
// that read its files anew does not know.
class TlsContext {
 public:
  struct Files {
    std::string certificate;  // PEM: the server's, then those between it and the root
    std::string key;          // PEM, without a password
  };

  static base::Result<std::shared_ptr<const TlsContext>> load(const Files& files);

  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  ssl_ctx_st* get() const noexcept { return context_; }

 private:
  explicit TlsContext(ssl_ctx_st* context) noexcept : context_(context) {}

  ssl_ctx_st* context_;
};

}  // namespace kith::net
