#include "base/crypto.hpp"

#include "base/encoding.hpp"

#include <gtest/gtest.h>

namespace kith::base {
namespace {

TEST(SipHash, gives_the_reference_vectors) {
  Key16 key{};
  for (std::size_t i = 0; i < key.size(); ++i)
    key[i] = static_cast<std::uint8_t>(i);
  const auto hash = [&](std::size_t length) {
    std::string input;
    for (std::size_t i = 0; i < length; ++i)
      input += static_cast<char>(i);
    const auto out = siphash128(key, input);
    return hex_encode({reinterpret_cast<const char*>(out.data()), out.size()});
  };
  EXPECT_EQ(hash(0), "a3817f04ba25a8e66df67214c7550293");
  EXPECT_EQ(hash(1), "da87c1d86b99af44347659119b22fc45");
  EXPECT_EQ(hash(15), "5493e99933b0a8117e08ec0f97cfc3d9");
}

TEST(SipHash, depends_on_every_bit_of_key_and_input) {
  Key16 key{};
  const auto first = siphash128(key, "abc");
  key[15] = 1;
  EXPECT_NE(first, siphash128(key, "abc"));
  EXPECT_NE(siphash128({}, "abc"), siphash128({}, "abd"));
  EXPECT_NE(siphash128({}, ""), siphash128({}, std::string_view{"\0", 1}));
}

TEST(Sha, gives_the_vectors_of_the_standard) {
  EXPECT_EQ(hex_encode(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex_encode(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_encode(sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Hmac, gives_the_vectors_of_rfc_4231) {
  EXPECT_EQ(hex_encode(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex_encode(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex_encode(hmac_sha256(std::string(131, '\xaa'),
                                   "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(ConstantTime, compares_like_equality) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
  EXPECT_FALSE(equal_in_constant_time("", "a"));
}

TEST(SystemRandomness, is_not_the_same_twice) {
  SystemRandom random;
  EXPECT_NE(random.next_u64(), random.next_u64());
}

}  // namespace
}  // namespace kith::base
