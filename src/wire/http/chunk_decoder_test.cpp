#include "wire/http/chunk_decoder.hpp"

#include "base/limits.hpp"

#include <gtest/gtest.h>

namespace kith::wire::http {
namespace {

struct Outcome {
  std::string body;
  std::size_t used = 0;
  int refusal = 0;  // 0: none
  bool done = false;
};

Outcome decoded(std::string_view bytes, std::size_t body_bytes_max = 100) {
  Outcome outcome;
  ChunkDecoder decoder;
  outcome.used = decoder.feed(bytes, outcome.body, body_bytes_max);
  outcome.done = decoder.done();
  if (decoder.failed()) outcome.refusal = decoder.error().status;
  return outcome;
}

TEST(ChunkDecoder, JoinsChunksAndStopsBehindTheLast) {
  const Outcome outcome =
      decoded("4\r\nWiki\r\n6\r\npedia \r\n0B\r\nin \r\nchunks\r\n0\r\n\r\nGET");
  EXPECT_TRUE(outcome.done);
  EXPECT_EQ(outcome.body, "Wikipedia in \r\nchunks");
  EXPECT_EQ(outcome.used, 42U);
}

TEST(ChunkDecoder, TakesAnEmptyBody) {
  EXPECT_TRUE(decoded("0\r\n\r\n").done);
  EXPECT_TRUE(decoded("000\r\n\r\n", 0).done);
}

TEST(ChunkDecoder, SkipsExtensionsAndTrailers) {
  const Outcome outcome =
      decoded("2;name=value;q=\"a b\"\r\nab\r\n0;last\r\nX-Sum: 1\r\nY:\r\n\r\n");
  EXPECT_TRUE(outcome.done);
  EXPECT_EQ(outcome.body, "ab");
}

TEST(ChunkDecoder, RefusesBrokenSizes) {
  for (const std::string_view bytes : {"\r\n",
                                       ";x\r\n",
                                       "g\r\n",
                                       "-1\r\n",
                                       "+1\r\n",
                                       " 1\r\n",
                                       "1 \r\n",
                                       "0x1\r\n",
                                       "1\n",
                                       "1\ra",
                                       "1;a\n",
                                       "1;\x01\r\n",
                                       "1;a\ra"}) {
    EXPECT_EQ(decoded(bytes).refusal, 400) << bytes;
  }
}

TEST(ChunkDecoder, RefusesDataThatIsLongerThanItsSize) {
  EXPECT_EQ(decoded("2\r\nabc\r\n").refusal, 400);
  EXPECT_EQ(decoded("2\r\nab\n").refusal, 400);
  EXPECT_EQ(decoded("2\r\nab\rc").refusal, 400);
}

TEST(ChunkDecoder, RefusesBrokenTrailers) {
  for (const std::string_view trailer :
       {"no colon\r\n", ": a\r\n", "\n", "A: b\n", "A: b\rc", " folded\r\n", "A: \x7f\r\n", "\rX"})
    EXPECT_EQ(decoded("0\r\n" + std::string{trailer}).refusal, 400) << trailer;
}

TEST(ChunkDecoder, CountsTheBodyBeforeItTakesAChunk) {
  EXPECT_TRUE(decoded("5\r\nabcde\r\n5\r\nabcde\r\n0\r\n\r\n", 10).done);
  const Outcome outcome = decoded("5\r\nabcde\r\n6\r\nabcdef\r\n0\r\n\r\n", 10);
  EXPECT_EQ(outcome.refusal, 413);
  EXPECT_EQ(outcome.body, "abcde");
  EXPECT_EQ(decoded("ffffffffffffffffffffffffffffff\r\n").refusal, 413);
  EXPECT_EQ(decoded("00000000000000000000000000005\r\nabcde\r\n0\r\n\r\n").body, "abcde");
}

// CVE-2026-48779: millions of tiny pieces may not be a body, nor endless extensions or trailers.
TEST(ChunkDecoder, RefusesABodyMadeOfTinyChunks) {
  constexpr std::size_t room = base::limits::http_chunk_overhead_bytes_max;
  std::string bytes;
  for (std::size_t i = 0; i < room; ++i)
    bytes += "1\r\na\r\n";
  EXPECT_EQ(decoded(bytes, bytes.size()).refusal, 413);
  EXPECT_EQ(decoded("1;" + std::string(room, 'x')).refusal, 413);
  EXPECT_EQ(decoded("0\r\nA: " + std::string(room, 'x')).refusal, 413);
  const std::string filled = "0\r\nA: " + std::string(room - 10, 'x') + "\r\n\r\n";
  EXPECT_TRUE(decoded(filled).done);
  EXPECT_EQ(decoded("0" + filled).refusal, 413) << "one byte past the edge";
}

}  // namespace
}  // namespace kith::wire::http
