#include "base/crypto.hpp"

#include "base/assert.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstring>
#include <initializer_list>
#include <memory>

namespace kith::base {
namespace {

// Looked up once: the library searches its providers at each use of EVP_sha1() and the like, which
// costs more than the hash of a short text.
struct Kind {
  explicit Kind(const char* name) : algorithm(EVP_MD_fetch(nullptr, name, nullptr)) {
    KITH_ASSERT(algorithm != nullptr);
  }

  Kind(const Kind&) = delete;
  Kind& operator=(const Kind&) = delete;

  ~Kind() { EVP_MD_free(algorithm); }

  EVP_MD* algorithm;
};

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

// The parts one behind the other.
std::string digest(const Kind& kind, std::initializer_list<std::string_view> parts) {
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context{EVP_MD_CTX_new()};
  std::string out(static_cast<std::size_t>(EVP_MD_get_size(kind.algorithm)), '\0');
  unsigned int size = 0;
  bool good = context != nullptr && EVP_DigestInit_ex(context.get(), kind.algorithm, nullptr) == 1;
  for (const auto part : parts)
    good = good && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  good = good && EVP_DigestFinal_ex(
                     context.get(), reinterpret_cast<unsigned char*>(out.data()), &size) == 1;
  KITH_ASSERT(good && size == out.size());
  return out;
}

const Kind& kind_of_sha256() {
  static const Kind kind{"SHA256"};
  return kind;
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
  static const Kind kind{"SHA1"};
  return digest(kind, {bytes});
}

std::string sha256(std::string_view bytes) {
  return digest(kind_of_sha256(), {bytes});
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  // RFC 2104, of the same hash: the library's own way makes an object and looks it up each time.
  constexpr std::size_t block_bytes = 64;
  std::string block(block_bytes, '\0');  // at once: a string that grows leaves a copy of the key
  if (key.size() <= block_bytes)
    key.copy(block.data(), key.size());
  else
    sha256(key).copy(block.data(), block_bytes);
  std::string outer = block;
  for (char& c : block)
    c = static_cast<char>(c ^ 0x36);
  for (char& c : outer)
    c = static_cast<char>(c ^ 0x5c);
  auto out = digest(kind_of_sha256(), {outer, digest(kind_of_sha256(), {block, bytes})});
  OPENSSL_cleanse(block.data(), block.size());
  OPENSSL_cleanse(outer.data(), outer.size());
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
