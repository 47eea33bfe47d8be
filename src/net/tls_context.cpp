#include "net/tls_context.hpp"

#include "base/assert.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>

namespace kith::net {
namespace {

constexpr base::Fault no_certificate{
    base::Errc::validation_failed,
    "server.tls_cert_file can not be read, or holds no certificate in PEM"};
constexpr base::Fault no_key{
    base::Errc::validation_failed,
    "server.tls_key_file can not be read, or holds no key in PEM without a password"};
constexpr base::Fault no_pair{base::Errc::validation_failed,
                              "the key of server.tls_key_file is not the one of the certificate"};

// With its length, as ALPN writes it.
constexpr std::array<unsigned char, 9> http_1_1{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

int choose_protocol(SSL* /*ssl*/,
                    const unsigned char** chosen,
                    unsigned char* length,
                    const unsigned char* offered,
                    unsigned int offered_length,
                    void* /*context*/) {
  // The library's function fills either from our list or from theirs, and asks for a pointer that
  // is not const.
  unsigned char* found = nullptr;
  const int result = SSL_select_next_proto(
      &found, length, http_1_1.data(), http_1_1.size(), offered, offered_length);
  if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

// Nobody sits at the terminal.
int no_password(char* /*into*/, int /*size*/, int /*for_writing*/, void* /*context*/) {
  return 0;
}

void set_rules(SSL_CTX* context) {
  KITH_ASSERT(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1);
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_num_tickets(context, 1);
  // Idle connections hold no buffers.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  // Tickets need no memory here; a cache would be shared under a lock.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(context, no_password);
}

}  // namespace

base::Result<std::shared_ptr<const TlsContext>> TlsContext::load(const Files& files) {
  ERR_clear_error();
  const std::shared_ptr<const TlsContext> made{new TlsContext{SSL_CTX_new(TLS_server_method())}};
  auto* context = made->get();
  KITH_ASSERT(context != nullptr);
  set_rules(context);
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1)
    return no_certificate;
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    const bool other = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH;
    return other ? no_pair : no_key;
  }
  if (SSL_CTX_check_private_key(context) != 1) return no_pair;
  return made;
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

}  // namespace kith::net
