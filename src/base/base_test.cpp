#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "base/names.hpp"

#include <gtest/gtest.h>

namespace kith::base {
namespace {

TEST(SipHash, GivesTheReferenceVectors) {
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

TEST(Names, CidRoundTripsAndRefusesOthers) {
  Cid cid;
  for (std::size_t i = 0; i < 16; ++i)
    cid.bytes[i] = static_cast<std::uint8_t>(i * 17);
  EXPECT_EQ(parse_cid(to_text(cid)).value(), cid);
  EXPECT_EQ(parse_cid("c_short").error().code, Errc::not_found);
}

}  // namespace
}  // namespace kith::base
