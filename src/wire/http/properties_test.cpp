// However the network cuts the bytes, the values are the same.
#include "wire/http/percent.hpp"
#include "wire/http/query.hpp"
#include "wire/http/request_parser.hpp"
#include "wire/http/response.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace kith::wire::http {
namespace {

using State = RequestParser::State;

// Everything a connection's owner could see, one line a request.
struct Transcript {
  std::string text;
  State last = State::idle;
  std::size_t used = 0;
  friend bool operator==(const Transcript&, const Transcript&) = default;
};

void write_down(Transcript& transcript, const Request& request) {
  std::string& text = transcript.text;
  text += std::string{request.method()} + ' ' + std::string{request.path()} + ' ' +
          std::string{request.query()} + (request.keep_alive() ? " keep" : " close");
  for (std::size_t i = 0; i < request.headers(); ++i)
    text += '\n' + std::string{request.header_at(i).name} + '=' +
            std::string{request.header_at(i).value};
  text += "\n[" + request.body() + "]\n";
}

// `cuts` are the lengths of the pieces, used in turn.
Transcript read_all(std::string_view bytes, const std::vector<std::size_t>& cuts) {
  Transcript transcript;
  RequestParser parser;
  std::size_t turn = 0;
  while (!bytes.empty() && parser.state() != State::failed) {
    const std::size_t length = cuts.empty() ? bytes.size() : cuts[turn++ % cuts.size()];
    std::string_view piece = bytes.substr(0, length);
    bytes.remove_prefix(piece.size());
    while (!piece.empty() && parser.state() != State::failed) {
      const std::size_t used = parser.feed(piece);
      piece.remove_prefix(used);
      transcript.used += used;
      if (parser.state() == State::head_done) parser.accept_body(64);
      if (parser.state() == State::complete) write_down(transcript, parser.take_request());
    }
  }
  transcript.last = parser.state();
  if (transcript.last == State::failed)
    transcript.text += std::to_string(parser.error().status) + parser.error().text;
  return transcript;
}

rc::Gen<std::string> a_body() {
  return rc::gen::resize(80, rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
}

std::string chunked(const std::string& body, std::size_t chunk_bytes) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out;
  for (std::size_t at = 0; at < body.size(); at += chunk_bytes) {
    const std::string chunk = body.substr(at, chunk_bytes);
    out +=
        std::string{hex[chunk.size() / 16], hex[chunk.size() % 16]} + ";x=y\r\n" + chunk + "\r\n";
  }
  return out + "0\r\nTrailer: t\r\n\r\n";
}

rc::Gen<std::string> a_request() {
  return rc::gen::exec([] {
    const auto path = *rc::gen::element<std::string>("/", "/a%20b?c=d", "http://h/x?", "/%zz", "*");
    const auto version =
        *rc::gen::weightedElement<std::string>({{8, "1.1"}, {2, "1.0"}, {1, "2.0"}});
    const auto header = *rc::gen::element<std::string>("",
                                                       "Connection: close\r\n",
                                                       "A:b\r\nA:  c \r\n",
                                                       "Expect: 100-continue\r\n",
                                                       " folded\r\n");
    const std::string head = "POST " + path + " HTTP/" + version + "\r\nHost: h\r\n" + header;
    const auto body = *a_body();
    if (*rc::gen::arbitrary<bool>())
      return head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    return head + "Transfer-Encoding: chunked\r\n\r\n" + chunked(body, *rc::gen::inRange(1, 90));
  });
}

rc::Gen<std::vector<std::size_t>> some_cuts() {
  return rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(1, 40));
}

bool holds(const std::string& bytes, const std::vector<std::size_t>& cuts) {
  const Transcript whole = read_all(bytes, {});
  return read_all(bytes, {1}) == whole && read_all(bytes, cuts) == whole;
}

TEST(HttpProperties, RequestsAreTheSameHoweverTheyAreCut) {
  EXPECT_TRUE(rc::check([] {
    std::string bytes;
    for (const std::string& request : *rc::gen::container<std::vector<std::string>>(a_request()))
      bytes += request;
    RC_ASSERT(holds(bytes, *some_cuts()));
  }));
}

TEST(HttpProperties, DamagedRequestsAreTheSameHoweverTheyAreCut) {
  EXPECT_TRUE(rc::check([] {
    std::string bytes = *a_request();
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    bytes[at] = *rc::gen::arbitrary<char>();
    RC_ASSERT(holds(bytes, *some_cuts()));
  }));
}

TEST(HttpProperties, AChunkedBodyIsWhatWasSentHoweverItIsCut) {
  EXPECT_TRUE(rc::check([] {
    const auto body = *a_body();
    const std::string bytes = chunked(body, *rc::gen::inRange(1, 90));
    const auto cuts = *some_cuts();
    ChunkDecoder decoder;
    std::string read;
    std::size_t turn = 0;
    std::size_t at = 0;
    while (at < bytes.size()) {
      const std::size_t length = cuts.empty() ? 1 : cuts[turn++ % cuts.size()];
      const std::string_view piece = std::string_view{bytes}.substr(at, length);
      RC_ASSERT(decoder.feed(piece, read, 1000) == piece.size());
      at += piece.size();
    }
    RC_ASSERT(decoder.done());
    RC_ASSERT(read == body);
  }));
}

std::string percent_encoded(const std::string& text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', hex[byte >> 4], hex[byte & 15]};
  }
  return out;
}

TEST(HttpProperties, AnyBytesSurviveAQuery) {
  EXPECT_TRUE(rc::check([](const std::vector<std::pair<std::string, std::string>>& sent) {
    std::string text;
    for (const auto& [name, value] : sent)
      text += percent_encoded(name) + '=' + percent_encoded(value) + '&';
    const auto query = Query::parse(text);
    RC_ASSERT(query.has_value() == (sent.size() <= 100));
    if (!query) return;
    RC_ASSERT(query->pairs().size() == sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i)
      RC_ASSERT(query->pairs()[i] == (QueryPair{sent[i].first, sent[i].second}));
  }));
}

TEST(HttpProperties, AnyPathWithoutNulSurvivesItsEncoding) {
  EXPECT_TRUE(rc::check([](const std::string& text) {
    const bool has_nul = text.find('\0') != std::string::npos;
    const auto decoded = percent_decode(percent_encoded(text));
    RC_ASSERT(decoded.has_value() == !has_nul);
    if (decoded) RC_ASSERT(*decoded == text);
  }));
}

TEST(HttpProperties, AHeadOfOursHasTheLinesThatWereWrittenWhateverTheValues) {
  EXPECT_TRUE(rc::check([](const std::vector<std::string>& values) {
    std::string out;
    ResponseWriter writer(out, 200);
    for (const std::string& value : values)
      writer.header("X-Value", value);
    writer.finish("body");
    std::size_t lines = 0;
    for (std::size_t at = out.find("\r\n"); at != std::string::npos; at = out.find("\r\n", at + 2))
      ++lines;
    RC_ASSERT(lines == values.size() + 3);
    RC_ASSERT(out.ends_with("Content-Length: 4\r\n\r\nbody"));
  }));
}

TEST(HttpProperties, AnyBytesAtAllAreTakenOrRefused) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) {
    const Transcript whole = read_all(bytes, {});
    RC_ASSERT(whole.used == bytes.size() || whole.last == State::failed);
    RC_ASSERT(read_all(bytes, {1}) == whole);
  }));
}

}  // namespace
}  // namespace kith::wire::http
