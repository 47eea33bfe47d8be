#include "net/tls_session.hpp"

#include "base/limits.hpp"
#include "net/tls_certificate_test.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>

namespace kith::net {
namespace {

// A client of the library's, whose bytes the test carries.
class MemoryClient {
 public:
  MemoryClient() : context_(SSL_CTX_new(TLS_client_method())), ssl_(SSL_new(context_)) {
    SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_);
  }

  MemoryClient(const MemoryClient&) = delete;
  MemoryClient& operator=(const MemoryClient&) = delete;

  ~MemoryClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }

  ssl_st* get() noexcept { return ssl_; }

  bool shake_hands() {
    ERR_clear_error();
    return SSL_do_handshake(ssl_) == 1;
  }

  void write(std::string_view plain) {
    ASSERT_EQ(SSL_write(ssl_, plain.data(), static_cast<int>(plain.size())),
              static_cast<int>(plain.size()));
  }

  void say_goodbye() { SSL_shutdown(ssl_); }

  std::string read() {
    std::string plain;
    std::array<char, 16 * 1024> part{};
    ERR_clear_error();
    for (int got = 0; (got = SSL_read(ssl_, part.data(), part.size())) > 0;)
      plain.append(part.data(), static_cast<std::size_t>(got));
    return plain;
  }

  std::string take_wire() {
    std::string bytes(static_cast<std::size_t>(BIO_pending(SSL_get_wbio(ssl_))), '\0');
    BIO_read(SSL_get_wbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }

  void give_wire(std::string_view bytes) {
    BIO_write(SSL_get_rbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
  }

 private:
  ssl_ctx_st* context_;
  ssl_st* ssl_;
};

class TlsSessionTest : public ::testing::Test {
 protected:
  // Bytes of the client come in pieces of this size.
  TlsSession::Handshake shake_hands(std::size_t piece = 1'000'000) {
    auto state = TlsSession::Handshake::more;
    for (int round = 0; round < 5 && state == TlsSession::Handshake::more; ++round) {
      client_.shake_hands();
      const auto wire = client_.take_wire();
      for (std::size_t at = 0; at < wire.size() && state == TlsSession::Handshake::more;
           at += piece)
        state = session_.shake_hands(std::string_view{wire}.substr(at, piece));
      client_.give_wire(session_.take_output());
    }
    if (state == TlsSession::Handshake::done) {
      EXPECT_TRUE(client_.shake_hands());
    }
    return state;
  }

  std::string read(std::string_view wire, std::size_t room = 64 * 1024) {
    std::string plain(room, '\0');
    plain.resize(session_.read(wire, plain));
    return plain;
  }

  TestCertificate certificate_;
  std::shared_ptr<const TlsContext> context_ =
      TlsContext::load({certificate_.certificate_file(), certificate_.key_file()}).value();
  TlsSession session_{*context_};
  MemoryClient client_;
};

TEST_F(TlsSessionTest, ShakesHandsAndTalksBothWays) {
  ASSERT_EQ(shake_hands(), TlsSession::Handshake::done);
  EXPECT_EQ(SSL_version(client_.get()), TLS1_3_VERSION);
  client_.write("hello");
  EXPECT_EQ(read(client_.take_wire()), "hello");
  session_.write("good day");
  client_.give_wire(session_.take_output());
  EXPECT_EQ(client_.read(), "good day");
  EXPECT_FALSE(session_.over());
}

TEST_F(TlsSessionTest, TakesBytesOneByOne) {
  ASSERT_EQ(shake_hands(1), TlsSession::Handshake::done);
  client_.write("hello");
  std::string heard;
  for (const char byte : client_.take_wire())
    heard += read({&byte, 1});
  EXPECT_EQ(heard, "hello");
}

TEST_F(TlsSessionTest, ReadsWhatCameWithTheEndOfTheHandshake) {
  client_.shake_hands();
  ASSERT_EQ(session_.shake_hands(client_.take_wire()), TlsSession::Handshake::more);
  client_.give_wire(session_.take_output());
  ASSERT_TRUE(client_.shake_hands());
  client_.write("early bird");
  ASSERT_EQ(session_.shake_hands(client_.take_wire()), TlsSession::Handshake::done);
  EXPECT_TRUE(session_.unread());
  EXPECT_EQ(read({}), "early bird");
  EXPECT_FALSE(session_.unread());
}

TEST_F(TlsSessionTest, KeepsWhatDidNotFitIntoTheRoomItWasGiven) {
  ASSERT_EQ(shake_hands(), TlsSession::Handshake::done);
  const std::string sent(100'000, 'x');
  client_.write(sent);
  std::string heard = read(client_.take_wire(), 1'000);
  EXPECT_EQ(heard.size(), 1'000U);
  while (session_.unread())
    heard += read({}, 999);
  EXPECT_EQ(heard, sent);
}

TEST_F(TlsSessionTest, WritesInRecordsOfSixteenKib) {
  ASSERT_EQ(shake_hands(), TlsSession::Handshake::done);
  const std::string sent(100'000, 'x');
  session_.write(sent);
  const auto wire = session_.take_output();
  EXPECT_LT(wire.size(), sent.size() + 7 * 64);
  client_.give_wire(wire);
  EXPECT_EQ(client_.read(), sent);
}

TEST_F(TlsSessionTest, IsOverWhenThePeerSaysGoodbye) {
  ASSERT_EQ(shake_hands(), TlsSession::Handshake::done);
  client_.write("last words");
  client_.say_goodbye();
  EXPECT_EQ(read(client_.take_wire()), "last words");
  EXPECT_TRUE(session_.over());
  EXPECT_FALSE(session_.unread());
  EXPECT_EQ(read("whatever"), "");
  session_.write("an answer");
  session_.say_goodbye();
  client_.give_wire(session_.take_output());
  EXPECT_EQ(client_.read(), "an answer") << "what was asked before the goodbye is answered";
}

TEST_F(TlsSessionTest, SaysGoodbyeItself) {
  ASSERT_EQ(shake_hands(), TlsSession::Handshake::done);
  session_.say_goodbye();
  client_.give_wire(session_.take_output());
  EXPECT_EQ(client_.read(), "");
  EXPECT_EQ(SSL_get_shutdown(client_.get()) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
}

TEST_F(TlsSessionTest, IsOverWhenARecordWasTamperedWith) {
  ASSERT_EQ(shake_hands(), TlsSession::Handshake::done);
  client_.write("hello");
  auto wire = client_.take_wire();
  wire.back() ^= 1;
  EXPECT_EQ(read(wire), "");
  EXPECT_TRUE(session_.over());
  EXPECT_GT(session_.output_bytes(), 0U) << "an alert";
}

TEST_F(TlsSessionTest, RefusesWhatIsNotTls) {
  EXPECT_EQ(session_.shake_hands("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
            TlsSession::Handshake::failed);
  EXPECT_TRUE(session_.over());
}

TEST_F(TlsSessionTest, RefusesVersionsBelowTls12) {
  SSL_set_security_level(client_.get(), 0);
  SSL_set_min_proto_version(client_.get(), TLS1_VERSION);
  SSL_set_max_proto_version(client_.get(), TLS1_1_VERSION);
  EXPECT_EQ(shake_hands(), TlsSession::Handshake::failed);
}

TEST_F(TlsSessionTest, SpeaksTls12ButDoesNotRenegotiate) {
  SSL_set_max_proto_version(client_.get(), TLS1_2_VERSION);
  ASSERT_EQ(shake_hands(), TlsSession::Handshake::done);
  EXPECT_EQ(SSL_version(client_.get()), TLS1_2_VERSION);
  EXPECT_EQ(SSL_renegotiate(client_.get()), 1);
  client_.shake_hands();
  EXPECT_EQ(read(client_.take_wire()), "");
  client_.give_wire(session_.take_output());
  EXPECT_FALSE(client_.shake_hands());
  EXPECT_EQ(ERR_GET_REASON(ERR_peek_last_error()), SSL_R_NO_RENEGOTIATION);
}

TEST_F(TlsSessionTest, EndsWhoAsksForNewKeysWithoutEnd) {
  ASSERT_EQ(shake_hands(), TlsSession::Handshake::done);
  const auto ask = [&](std::uint32_t times) {
    std::string wire;
    for (std::uint32_t i = 0; i < times; ++i) {
      EXPECT_EQ(SSL_key_update(client_.get(), SSL_KEY_UPDATE_REQUESTED), 1);
      EXPECT_TRUE(client_.shake_hands());
      wire += client_.take_wire();
    }
    return wire;
  };
  EXPECT_EQ(read(ask(base::limits::tls_handshake_messages_max)), "");
  EXPECT_FALSE(session_.over());
  client_.write("still here");
  EXPECT_EQ(read(client_.take_wire()), "still here");
  session_.take_output();
  EXPECT_EQ(read(ask(2'000)), "");
  EXPECT_TRUE(session_.over());
  EXPECT_LT(session_.output_bytes(), 1'000U);  // they were not answered
}

TEST_F(TlsSessionTest, WhoSendsMuchMayHaveNewKeysNowAndThen) {
  ASSERT_EQ(shake_hands(), TlsSession::Handshake::done);
  const std::string megabyte(1024 * 1024, 'x');
  for (std::uint32_t i = 0; i < 2 * base::limits::tls_handshake_messages_max; ++i) {
    EXPECT_EQ(SSL_key_update(client_.get(), SSL_KEY_UPDATE_REQUESTED), 1);
    client_.write(megabyte);
    ASSERT_EQ(read(client_.take_wire(), 2 * megabyte.size()).size(), megabyte.size());
    client_.give_wire(session_.take_output());
    client_.read();
  }
  EXPECT_FALSE(session_.over());
}

TEST_F(TlsSessionTest, OffersHttpAlone) {
  const std::array<unsigned char, 12> both{2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  ASSERT_EQ(SSL_set_alpn_protos(client_.get(), both.data(), both.size()), 0);
  ASSERT_EQ(shake_hands(), TlsSession::Handshake::done);
  const unsigned char* chosen = nullptr;
  unsigned int length = 0;
  SSL_get0_alpn_selected(client_.get(), &chosen, &length);
  ASSERT_EQ(length, 8U);
  EXPECT_TRUE(std::equal(chosen, chosen + length, both.begin() + 4));
}

TEST_F(TlsSessionTest, RefusesWhoSpeaksNoHttp11) {
  const std::array<unsigned char, 3> h2{2, 'h', '2'};
  ASSERT_EQ(SSL_set_alpn_protos(client_.get(), h2.data(), h2.size()), 0);
  EXPECT_EQ(shake_hands(), TlsSession::Handshake::failed);
}

TEST_F(TlsSessionTest, WhoComesBackResumes) {
  ASSERT_EQ(shake_hands(), TlsSession::Handshake::done);
  client_.read();  // the ticket
  auto* const ticket = SSL_get1_session(client_.get());
  MemoryClient again;
  SSL_set_session(again.get(), ticket);
  SSL_SESSION_free(ticket);
  TlsSession session{*context_};
  again.shake_hands();
  session.shake_hands(again.take_wire());
  again.give_wire(session.take_output());
  ASSERT_TRUE(again.shake_hands());
  EXPECT_EQ(SSL_session_reused(again.get()), 1);
}

TEST(TlsContext, SaysWhichFileIsWrong) {
  const TestCertificate mine;
  const TestCertificate other;
  const auto text_of = [](const std::string& certificate, const std::string& key) {
    const auto loaded = TlsContext::load({certificate, key});
    return std::string{loaded.has_error() ? loaded.error().text : "loaded"};
  };
  EXPECT_EQ(text_of(mine.certificate_file(), mine.key_file()), "loaded");
  EXPECT_NE(text_of(mine.missing_file(), mine.key_file()).find("tls_cert_file"), std::string::npos);
  EXPECT_NE(text_of(mine.key_file(), mine.key_file()).find("tls_cert_file"), std::string::npos);
  const auto no_key = text_of(mine.certificate_file(), mine.missing_file());
  EXPECT_EQ(no_key.find("server.tls_key_file can not"), 0U);
  EXPECT_EQ(text_of(mine.certificate_file(), mine.locked_key_file()), no_key);
  EXPECT_NE(text_of(mine.certificate_file(), other.key_file()).find("not the one"),
            std::string::npos);
}

}  // namespace
}  // namespace kith::net
