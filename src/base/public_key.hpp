#pragma once

#include <memory>
#include <optional>
#include <string_view>

namespace kith::base {

// How a signature is made, by its name in RFC 7518 and RFC 8037.
enum class SignatureKind { rs256, es256, eddsa };

// Half of a key pair, which tells whether the other half signed something. Copies share it; safe
// from any thread.
class PublicKey {
 public:
  // RS256: modulus and exponent, big-endian. Nothing below 2,048 or above 8,192 bits.
  static std::optional<PublicKey> rsa(std::string_view modulus, std::string_view exponent);
  // ES256: a point of the curve P-256, 32 bytes each. Nothing if it is not on the curve.
  static std::optional<PublicKey> p256(std::string_view x, std::string_view y);
  // EdDSA with Ed25519: 32 bytes.
  static std::optional<PublicKey> ed25519(std::string_view point);

  SignatureKind kind() const noexcept { return kind_; }

  // RS256: PKCS #1 v1.5. ES256: r and s, 64 bytes. EdDSA: 64 bytes.
  bool verify(std::string_view message, std::string_view signature) const;

 private:
  PublicKey(SignatureKind kind, std::shared_ptr<void> key) : kind_(kind), key_(std::move(key)) {}

  SignatureKind kind_;
  std::shared_ptr<void> key_;  // the library's
};

}  // namespace kith::base
