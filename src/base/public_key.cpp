#include "base/public_key.hpp"

#include "base/assert.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <string>

namespace kith::base {
namespace {

constexpr int rsa_bits_min = 2'048;
constexpr int rsa_bits_max = 8'192;
constexpr std::size_t coordinate_bytes = 32;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

template <class T, auto Free>
using Owned = std::unique_ptr<T, Freed<Free>>;
using Number = Owned<BIGNUM, BN_free>;
using Builder = Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = Owned<OSSL_PARAM, OSSL_PARAM_free>;
using KeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using Signature = Owned<ECDSA_SIG, ECDSA_SIG_free>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Number number_of(std::string_view bytes) {
  return Number{BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr)};
}

std::shared_ptr<void> owned(EVP_PKEY* key) {
  return {key, [](void* old) { EVP_PKEY_free(static_cast<EVP_PKEY*>(old)); }};
}

// Null if the library does not take it.
std::shared_ptr<void> key_from(const char* type, OSSL_PARAM_BLD* builder) {
  const Params params{OSSL_PARAM_BLD_to_param(builder)};
  const KeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)};
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return nullptr;
  auto made = owned(key);
  const KeyContext check{EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr)};
  if (!check || EVP_PKEY_public_check(check.get()) != 1) return nullptr;
  return made;
}

// r and s as the library wants them: in ASN.1.
std::string der_of(std::string_view r_and_s) {
  if (r_and_s.size() != 2 * coordinate_bytes) return {};
  const Signature signature{ECDSA_SIG_new()};
  auto r = number_of(r_and_s.substr(0, coordinate_bytes));
  auto s = number_of(r_and_s.substr(coordinate_bytes));
  KITH_ASSERT(signature && r && s);
  if (ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());  // the signature owns them now
  static_cast<void>(s.release());
  std::string der(static_cast<std::size_t>(i2d_ECDSA_SIG(signature.get(), nullptr)), '\0');
  auto* at = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(signature.get(), &at);
  return der;
}

}  // namespace

std::optional<PublicKey> PublicKey::rsa(std::string_view modulus, std::string_view exponent) {
  if (modulus.size() > rsa_bits_max / 8 || exponent.empty() || exponent.size() > 8)
    return std::nullopt;
  const auto n = number_of(modulus);
  const auto e = number_of(exponent);
  if (BN_num_bits(n.get()) < rsa_bits_min || BN_is_odd(e.get()) == 0 || BN_is_one(e.get()) == 1)
    return std::nullopt;
  const Builder builder{OSSL_PARAM_BLD_new()};
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  auto key = key_from("RSA", builder.get());
  if (!key) return std::nullopt;
  return PublicKey{SignatureKind::rs256, std::move(key)};
}

std::optional<PublicKey> PublicKey::p256(std::string_view x, std::string_view y) {
  if (x.size() != coordinate_bytes || y.size() != coordinate_bytes) return std::nullopt;
  const std::string point = '\x04' + std::string{x} + std::string{y};
  const Builder builder{OSSL_PARAM_BLD_new()};
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(
      builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  auto key = key_from("EC", builder.get());
  if (!key) return std::nullopt;
  return PublicKey{SignatureKind::es256, std::move(key)};
}

std::optional<PublicKey> PublicKey::ed25519(std::string_view point) {
  auto* key =
      point.size() == coordinate_bytes
          ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(point), point.size())
          : nullptr;
  if (key == nullptr) return std::nullopt;
  return PublicKey{SignatureKind::eddsa, owned(key)};
}

bool PublicKey::verify(std::string_view message, std::string_view signature) const {
  std::string der;
  if (kind_ == SignatureKind::es256) {
    der = der_of(signature);
    if (der.empty()) return false;
    signature = der;
  }
  const DigestContext context{EVP_MD_CTX_new()};
  const auto* digest = kind_ == SignatureKind::eddsa ? nullptr : EVP_sha256();
  return context &&
         EVP_DigestVerifyInit(
             context.get(), nullptr, digest, nullptr, static_cast<EVP_PKEY*>(key_.get())) == 1 &&
         EVP_DigestVerify(context.get(),
                          bytes_of(signature),
                          signature.size(),
                          bytes_of(message),
                          message.size()) == 1;
}

}  // namespace kith::base
