#include "base/crypto.hpp"

#include "base/assert.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstring>

namespace kith::base {
namespace {

std::string digest(const EVP_MD* kind, std::string_view bytes) {
  std::string out(static_cast<std::size_t>(EVP_MD_get_size(kind)), '\0');
  unsigned int size = 0;
  const int ok = EVP_Digest(bytes.data(),
                            bytes.size(),
                            reinterpret_cast<unsigned char*>(out.data()),
                            &size,
                            kind,
                            nullptr);
  KITH_ASSERT(ok == 1 && size == out.size());
  return out;
}

constexpr std::uint64_t rotate(std::uint64_t x, int by) {
  return x << by | x >> (64 - by);
}

std::uint64_t load64(const unsigned char* at) {
  std::uint64_t value = 0;
  std::memcpy(&value, at, 8);  // little endian, as x86-64 and arm64 are
  return value;
}

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = rotate(v1, 13) ^ v0;
    v0 = rotate(v0, 32);
    v2 += v3;
    v3 = rotate(v3, 16) ^ v2;
    v0 += v3;
    v3 = rotate(v3, 21) ^ v0;
    v2 += v1;
    v1 = rotate(v1, 17) ^ v2;
    v2 = rotate(v2, 32);
  }

  void absorb(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }

  std::uint64_t squeeze() {
    for (int i = 0; i < 4; ++i)
      round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

}  // namespace

std::string sha1(std::string_view bytes) {
  return digest(EVP_sha1(), bytes);
}

std::string sha256(std::string_view bytes) {
  return digest(EVP_sha256(), bytes);
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  std::string out(32, '\0');
  unsigned int size = 0;
  const unsigned char* done = HMAC(EVP_sha256(),
                                   key.data(),
                                   static_cast<int>(key.size()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   bytes.size(),
                                   reinterpret_cast<unsigned char*>(out.data()),
                                   &size);
  KITH_ASSERT(done != nullptr && size == out.size());
  return out;
}

std::array<std::uint8_t, 16> siphash128(const Key16& key, std::string_view bytes) noexcept {
  const std::uint64_t k0 = load64(key.data());
  const std::uint64_t k1 = load64(key.data() + 8);
  SipState s{k0 ^ 0x736f6d6570736575ULL,
             k1 ^ 0x646f72616e646f6dULL ^ 0xee,
             k0 ^ 0x6c7967656e657261ULL,
             k1 ^ 0x7465646279746573ULL};
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8)
    s.absorb(load64(at));
  std::uint64_t last = static_cast<std::uint64_t>(bytes.size() & 0xff) << 56;
  for (std::size_t i = 0; i < left; ++i)
    last |= static_cast<std::uint64_t>(at[i]) << (8 * i);
  s.absorb(last);
  s.v2 ^= 0xee;
  const std::uint64_t low = s.squeeze();
  s.v1 ^= 0xdd;
  const std::uint64_t high = s.squeeze();
  std::array<std::uint8_t, 16> out{};
  std::memcpy(out.data(), &low, 8);
  std::memcpy(out.data() + 8, &high, 8);
  return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
  KITH_ASSERT(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

}  // namespace kith::base
