#include "front/credentials.hpp"

#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "base/limits.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace kith::front {
namespace {

using base::Errc;
using namespace std::string_literals;

constexpr base::WallTime now{1'767'261'600'500};  // half a second past
constexpr std::string_view good_payload = R"({"iss":"shop","sub":"ann","exp":1767261700})";

ports::AppKeyRow key(std::uint32_t app, std::string kid, ports::KeyKind kind, std::string secret) {
  ports::AppKeyRow row;
  row.app = base::AppId{app};
  row.kid = std::move(kid);
  row.kind = kind;
  row.secret = std::move(secret);
  row.created_at = {1'000};
  return row;
}

ports::Directory directory() {
  ports::Directory made;
  made.apps = {
      {base::AppId{1}, "default", {}}, {base::AppId{2}, "shop", {}}, {base::AppId{3}, "game", {}}};
  made.keys = {key(2, "k1", ports::KeyKind::signing, "shop secret one"),
               key(2, "k2", ports::KeyKind::signing, "shop secret two"),
               key(2, "old", ports::KeyKind::signing, "shop secret of old"),
               key(2, "srv", ports::KeyKind::server, base::sha256("server_secret")),
               key(2, "gone", ports::KeyKind::server, base::sha256("gone secret")),
               key(3, "k1", ports::KeyKind::signing, "game secret")};
  made.keys[1].created_at = {2'000};
  made.keys[2].created_at = {9'000};
  made.keys[2].retired_at = {9'500};
  made.keys[4].retired_at = {9'500};
  return made;
}

std::string forge(std::string_view header, std::string_view payload, std::string_view secret) {
  std::string token = base::base64url_encode(header) + '.' + base::base64url_encode(payload);
  const auto signature = base::hmac_sha256(secret, token);
  return token + '.' + base::base64url_encode(signature);
}

std::string token(std::string_view payload, std::string_view secret = "shop secret one") {
  return forge(R"({"alg":"HS256"})", payload, secret);
}

class CredentialsTest : public testing::Test {
 protected:
  base::Result<Identity> verify(std::string_view text) {
    return credentials_.verify_token(text, now, parser_);
  }

  Errc refusal(std::string_view text) {
    const auto identity = verify(text);
    EXPECT_TRUE(identity.has_error()) << text;
    return identity.has_error() ? identity.error().code : Errc::internal;
  }

  Credentials credentials_{directory(), DevMode::off};
  wire::json::Parser parser_;
};

TEST_F(CredentialsTest, a_signed_token_says_who_somebody_is) {
  const auto identity = verify(forge(
      R"({"alg":"HS256","typ":"JWT","kid":"k2"})",
      R"({"iss":"shop","sub":"ann","exp":1767261700,"iat":1767261000,"nbf":1767261000,"name":"Änn","avatar":"https://a.example/1.png","role":"x"})",
      "shop secret two"));
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(identity->app, base::AppId{2});
  EXPECT_EQ(identity->app_name, "shop");
  EXPECT_EQ(identity->user, base::UserId{"ann"});
  EXPECT_FALSE(identity->application);
  EXPECT_EQ(identity->name, "Änn");
  EXPECT_EQ(identity->avatar, "https://a.example/1.png");
  EXPECT_EQ(identity->expires_at.ms, 1'767'261'700'000);
  EXPECT_EQ(identity->issued_at.ms, 1'767'261'000'000);
}

TEST_F(CredentialsTest, a_token_signed_here_is_accepted_here) {
  const auto made =
      sign_token({"shop", "a\"nn é", "k1", {now.ms - 1'000}, {now.ms + 60'000}}, "shop secret one");
  const auto identity = verify(made);
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(identity->user.str(), "a\"nn é");
  EXPECT_EQ(identity->expires_at.ms, (now.ms + 60'000) / 1'000 * 1'000);
}

TEST_F(CredentialsTest, without_a_kid_every_signing_key_in_use_is_tried) {
  EXPECT_TRUE(verify(token(good_payload, "shop secret one")).has_value());
  EXPECT_TRUE(verify(token(good_payload, "shop secret two")).has_value());
  EXPECT_EQ(refusal(token(good_payload, "shop secret of old")), Errc::unauthenticated);
  EXPECT_EQ(refusal(token(good_payload, "")), Errc::unauthenticated);
}

TEST_F(CredentialsTest, a_kid_names_the_one_key_that_counts) {
  const auto named = [](std::string_view kid, std::string_view secret) {
    return forge(R"({"alg":"HS256","kid":)" + std::string{kid} + "}", good_payload, secret);
  };
  EXPECT_TRUE(verify(named(R"("k1")", "shop secret one")).has_value());
  EXPECT_EQ(refusal(named(R"("k2")", "shop secret one")), Errc::unauthenticated);
  EXPECT_EQ(refusal(named(R"("k9")", "shop secret one")), Errc::unauthenticated);
  EXPECT_EQ(refusal(named(R"("")", "shop secret one")), Errc::unauthenticated);
  EXPECT_EQ(refusal(named("1", "shop secret one")), Errc::unauthenticated);
  EXPECT_EQ(refusal(named("null", "shop secret one")), Errc::unauthenticated);
  EXPECT_EQ(refusal(named(R"("old")", "shop secret of old")), Errc::unauthenticated);
}

TEST_F(CredentialsTest, what_is_kept_of_a_server_key_signs_nothing) {
  const auto hash = base::sha256("server_secret");
  EXPECT_EQ(refusal(forge(R"({"alg":"HS256","kid":"srv"})", good_payload, hash)),
            Errc::unauthenticated);
  EXPECT_EQ(refusal(token(good_payload, hash)), Errc::unauthenticated);
}

TEST_F(CredentialsTest, keys_of_one_application_are_nothing_in_another) {
  EXPECT_EQ(refusal(token(good_payload, "game secret")), Errc::unauthenticated);
  EXPECT_EQ(refusal(forge(R"({"alg":"HS256","kid":"k1"})", good_payload, "game secret")),
            Errc::unauthenticated);
  const auto game = verify(token(R"({"iss":"game","sub":"ann","exp":1767261700})", "game secret"));
  ASSERT_TRUE(game.has_value());
  EXPECT_EQ(game->app, base::AppId{3});
}

TEST_F(CredentialsTest, only_hs256_is_taken_whatever_the_header_says) {
  const auto body = base::base64url_encode(good_payload);
  for (const char* header : {R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":""})", "{}"}) {
    EXPECT_EQ(refusal(base::base64url_encode(header) + '.' + body + '.'), Errc::unauthenticated);
    EXPECT_EQ(refusal(forge(header, good_payload, "shop secret one")), Errc::unauthenticated);
  }
  for (const char* header : {R"({"alg":"RS256"})",
                             R"({"alg":"HS512"})",
                             R"({"alg":"hs256"})",
                             R"({"alg":["HS256"]})",
                             R"({"alg":null})",
                             R"({"alg":"HS256","alg":"none"})",
                             R"({"alg":"HS256","crit":["b64"],"b64":false})",
                             R"(["HS256"])",
                             R"("HS256")",
                             "null",
                             "",
                             "{",
                             "\xff\xfe"})
    EXPECT_EQ(refusal(forge(header, good_payload, "shop secret one")), Errc::unauthenticated);
}

TEST_F(CredentialsTest, an_expired_token_is_told_apart_only_if_it_was_good_once) {
  constexpr const char* expired = R"({"iss":"shop","sub":"ann","exp":1767261600})";
  EXPECT_EQ(refusal(token(expired)), Errc::token_expired);
  EXPECT_EQ(refusal(token(expired, "forged")), Errc::unauthenticated);
  EXPECT_EQ(refusal(token(R"({"iss":"shop","sub":"ann","exp":0})")), Errc::token_expired);
  EXPECT_TRUE(verify(token(R"({"iss":"shop","sub":"ann","exp":1767261601})")).has_value());
}

TEST_F(CredentialsTest, fractions_of_seconds_count) {
  const auto with_exp = [](std::string_view exp) {
    return token(R"({"iss":"shop","sub":"ann","exp":)" + std::string{exp} + "}");
  };
  EXPECT_EQ(refusal(with_exp("1767261600.5")), Errc::token_expired);
  EXPECT_EQ(verify(with_exp("1767261600.75"))->expires_at.ms, 1'767'261'600'750);
  EXPECT_EQ(verify(with_exp("1.7672617e9"))->expires_at.ms, 1'767'261'700'000);
}

TEST_F(CredentialsTest, a_time_that_is_no_time_is_refused) {
  for (const char* exp : {"\"1767261700\"",
                          "-1",
                          "-1767261700",
                          "NaN",
                          "Infinity",
                          "1e400",
                          "1e300",
                          "1767261700000",
                          "253402300800",
                          "18446744073709551615",
                          "99999999999999999999999",
                          "null",
                          "true",
                          "[1767261700]",
                          "{}"}) {
    const std::string text{exp};
    EXPECT_EQ(refusal(token(R"({"iss":"shop","sub":"ann","exp":)" + text + "}")),
              Errc::unauthenticated)
        << exp;
    for (const char* name : {"iat", "nbf"})
      EXPECT_EQ(refusal(token(R"({"iss":"shop","sub":"ann","exp":1767261700,")" +
                              std::string{name} + "\":" + text + "}")),
                Errc::unauthenticated)
          << name << exp;
  }
  EXPECT_EQ(refusal(token(R"({"iss":"shop","sub":"ann"})")), Errc::unauthenticated);
  EXPECT_TRUE(verify(token(R"({"iss":"shop","sub":"ann","exp":253402300799})")).has_value());
}

TEST_F(CredentialsTest, a_token_of_the_future_waits_but_for_a_small_difference_of_clocks) {
  const auto from = [](std::int64_t ms) {
    return token(R"({"iss":"shop","sub":"ann","exp":1767261700,"nbf":)" +
                 std::to_string(ms / 1'000) + "." + std::to_string(ms % 1'000 / 100) + "}");
  };
  EXPECT_TRUE(verify(from(now.ms)).has_value());
  EXPECT_TRUE(verify(from(now.ms + base::limits::token_clock_skew_ms)).has_value());
  EXPECT_EQ(refusal(from(now.ms + base::limits::token_clock_skew_ms + 100)), Errc::unauthenticated);
}

TEST_F(CredentialsTest, a_token_names_a_user_of_1_to_64_characters) {
  const auto of = [](const std::string& sub) {
    return token(R"({"iss":"shop","exp":1767261700,"sub":)" + sub + "}");
  };
  std::string longest;
  for (int i = 0; i < 64; ++i)
    longest += "é";
  EXPECT_EQ(verify(of('"' + longest + '"'))->user.str(), longest);
  for (const std::string& sub : {'"' + longest + "x\"",
                                 R"("")"s,
                                 R"("a\u0000b")"s,
                                 R"("a\nb")"s,
                                 "7"s,
                                 "null"s,
                                 R"(["ann"])"s,
                                 "\"\xff\""s})
    EXPECT_EQ(refusal(of(sub)), Errc::unauthenticated) << sub;
  EXPECT_EQ(refusal(token(R"({"iss":"shop","exp":1767261700})")), Errc::unauthenticated);
}

TEST_F(CredentialsTest, an_unknown_or_missing_application_is_refused) {
  for (const char* iss : {R"("nobody")", R"("")", R"("Shop")", R"("shop\u0000")", "2", "null"})
    EXPECT_EQ(refusal(token(R"({"sub":"ann","exp":1767261700,"iss":)" + std::string{iss} + "}")),
              Errc::unauthenticated);
  EXPECT_EQ(refusal(token(R"({"sub":"ann","exp":1767261700})")), Errc::unauthenticated);
  EXPECT_EQ(refusal(token("[]")), Errc::unauthenticated);
}

TEST_F(CredentialsTest, what_a_token_says_about_its_user_is_bounded) {
  const auto with = [](std::string_view name, const std::string& value) {
    return token(R"({"iss":"shop","sub":"ann","exp":1767261700,")" + std::string{name} +
                 "\":" + value + "}");
  };
  std::string name;
  for (std::size_t i = 0; i < base::limits::name_chars_max; ++i)
    name += "ü";
  EXPECT_EQ(verify(with("name", '"' + name + '"'))->name, name);
  EXPECT_EQ(refusal(with("name", '"' + name + "x\"")), Errc::unauthenticated);
  const std::string avatar(base::limits::avatar_bytes_max, 'a');
  EXPECT_EQ(verify(with("avatar", '"' + avatar + '"'))->avatar, avatar);
  EXPECT_EQ(refusal(with("avatar", '"' + avatar + "a\"")), Errc::unauthenticated);
  EXPECT_EQ(verify(with("name", "null"))->name, "");
  EXPECT_EQ(refusal(with("name", "7")), Errc::unauthenticated);
  EXPECT_EQ(refusal(with("name", R"("a\u0000")")), Errc::unauthenticated);
}

TEST_F(CredentialsTest, a_token_of_the_largest_size_is_read_and_a_larger_one_is_not) {
  // 8192 characters: 20 of the header, 43 of the signature, two dots; the rest is the payload.
  const std::string start = R"({"iss":"shop","sub":"ann","exp":1767261700,"x":")";
  const std::size_t payload_bytes = (base::limits::token_bytes_max - 65) * 3 / 4;
  std::string payload = start + std::string(payload_bytes - start.size() - 2, 'x') + "\"}";
  const auto largest = token(payload);
  ASSERT_LE(largest.size(), base::limits::token_bytes_max);
  EXPECT_TRUE(verify(largest).has_value());
  payload.insert(start.size(), "xxxx");
  const auto larger = token(payload);
  ASSERT_GT(larger.size(), base::limits::token_bytes_max);
  EXPECT_EQ(refusal(larger), Errc::unauthenticated);
  EXPECT_EQ(refusal(std::string(1'000'000, 'a')), Errc::unauthenticated);
}

TEST_F(CredentialsTest, a_deeply_nested_token_is_refused) {
  EXPECT_EQ(refusal(token(std::string(3'000, '['))), Errc::unauthenticated);
  EXPECT_EQ(refusal(token(std::string(2'000, '[') + std::string(2'000, ']'))),
            Errc::unauthenticated);
}

TEST_F(CredentialsTest, every_shorter_beginning_of_a_token_is_refused) {
  const auto whole = token(good_payload);
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_EQ(refusal(std::string_view{whole}.substr(0, length)), Errc::unauthenticated) << length;
}

TEST_F(CredentialsTest, every_changed_character_is_refused) {
  const auto whole = token(good_payload);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char c : {'A', 'Q', '.', '=', '+', '\0', '\xff'}) {
      auto changed = whole;
      if (changed[at] == c) continue;
      changed[at] = c;
      EXPECT_EQ(refusal(changed), Errc::unauthenticated) << at;
    }
  }
  EXPECT_EQ(refusal(whole + "."), Errc::unauthenticated);
  EXPECT_EQ(refusal(whole + "="), Errc::unauthenticated);
  EXPECT_EQ(refusal(" " + whole), Errc::unauthenticated);
}

RC_GTEST_PROP(CredentialsProperty, whatever_comes_is_refused_without_harm, (std::string text)) {
  const Credentials credentials{directory(), DevMode::off};
  wire::json::Parser parser;
  RC_ASSERT(credentials.verify_token(text, now, parser).has_error());
  RC_ASSERT(credentials.verify_server_key(text).has_error());
  RC_ASSERT(credentials.verify_server_key("sk_" + text).has_error());
  RC_ASSERT(credentials.dev_user(text).has_error());
}

RC_GTEST_PROP(CredentialsProperty,
              whatever_is_signed_is_read_without_harm,
              (std::string header, std::string payload)) {
  const Credentials credentials{directory(), DevMode::off};
  wire::json::Parser parser;
  RC_ASSERT(
      credentials.verify_token(forge(header, payload, "shop secret one"), now, parser).has_error());
  RC_ASSERT(credentials.verify_token(token(payload), now, parser).has_error());
}

TEST_F(CredentialsTest, a_server_key_is_its_application) {
  const auto identity = credentials_.verify_server_key("sk_srv_server_secret");
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(identity->app, base::AppId{2});
  EXPECT_EQ(identity->app_name, "shop");
  EXPECT_TRUE(identity->application);
  EXPECT_TRUE(identity->user.empty());
  EXPECT_EQ(identity->expires_at.ms, 0);
}

TEST_F(CredentialsTest, other_server_keys_are_refused) {
  for (const auto& bearer : {""s,
                             "sk_"s,
                             "sk__"s,
                             "sk_srv"s,
                             "sk_srv_"s,
                             "sk_srv_server_secre"s,
                             "sk_srv_server_secret "s,
                             "SK_srv_server_secret"s,
                             "sk_nobody_server_secret"s,
                             "sk_gone_gone secret"s,
                             "sk_k1_shop secret one"s,
                             "sk_srv_" + base::sha256("server_secret"),
                             "sk_srv_" + std::string(1'000'000, 'x')}) {
    const auto identity = credentials_.verify_server_key(bearer);
    ASSERT_TRUE(identity.has_error()) << bearer.substr(0, 80);
    EXPECT_EQ(identity.error().code, Errc::unauthenticated);
  }
}

TEST_F(CredentialsTest, two_applications_may_have_server_keys_of_one_kid) {
  auto both = directory();
  both.keys.push_back(key(3, "srv", ports::KeyKind::server, base::sha256("other")));
  const Credentials credentials{both, DevMode::off};
  EXPECT_EQ(credentials.verify_server_key("sk_srv_server_secret")->app, base::AppId{2});
  EXPECT_EQ(credentials.verify_server_key("sk_srv_other")->app, base::AppId{3});
}

TEST_F(CredentialsTest, a_key_in_memory_counts_like_a_stored_one) {
  const Credentials credentials{directory(),
                                DevMode::on,
                                {key(1, "run", ports::KeyKind::server, base::sha256("dev")),
                                 key(9, "lost", ports::KeyKind::server, base::sha256("dev"))}};
  EXPECT_EQ(credentials.verify_server_key("sk_run_dev")->app_name, "default");
  EXPECT_TRUE(credentials.verify_server_key("sk_lost_dev").has_error());
}

TEST_F(CredentialsTest, only_development_mode_believes_a_bare_name) {
  EXPECT_EQ(credentials_.dev_user("ann").error().code, Errc::unauthenticated);
  const Credentials dev{directory(), DevMode::on};
  const auto identity = dev.dev_user("ann");
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(identity->app_name, "default");
  EXPECT_EQ(identity->user.str(), "ann");
  EXPECT_FALSE(identity->application);
  EXPECT_EQ(dev.dev_user("").error().code, Errc::unauthenticated);
  EXPECT_EQ(dev.dev_user("a\nb").error().code, Errc::unauthenticated);
  const Credentials bare{{}, DevMode::on};
  EXPECT_EQ(bare.dev_user("ann").error().code, Errc::unauthenticated);
}

TEST_F(CredentialsTest, applications_are_found_by_name_and_by_number) {
  ASSERT_NE(credentials_.find_app("shop"), nullptr);
  EXPECT_EQ(credentials_.find_app("shop")->id, base::AppId{2});
  EXPECT_EQ(credentials_.find_app("none"), nullptr);
  EXPECT_EQ(*credentials_.app_name(base::AppId{3}), "game");
  EXPECT_EQ(credentials_.app_name(base::AppId{9}), nullptr);
}

TEST_F(CredentialsTest, new_tokens_are_signed_with_the_youngest_key_in_use) {
  ASSERT_NE(credentials_.signing_key(base::AppId{2}), nullptr);
  EXPECT_EQ(credentials_.signing_key(base::AppId{2})->kid, "k2");
  EXPECT_EQ(credentials_.signing_key(base::AppId{1}), nullptr);
}

// --- public keys; tokens of the same payload, signed with the openssl tool

constexpr std::string_view jwks =
    R"({"keys":[)"
    R"({"kty":"RSA","kid":"r","e":"AQAB","n":"jexJp0H5OVsDFugdsE3OuTELthn1D4ReJqsjRGCVyjf46lWjcIeeVzPT9QXulMX83vwarT-aS1Juo-atK9vPPOXJemMJCPem_GQ9XP_l2kLvXVO1K_VrGbqOd3BDaaXOkMOLOw5jTA9yq5L2ktgIlj88QzH5IzbwDwB2Jq1NA3Xw6ScmDIDpWSgqsj78sJM7xDjezsN1OqB6O4VpEIVJZQBU-W4w4YpA4VG45FhcZ9otRE5JYWgPGaJIhWTaFcj7pxyRiamH72ObWy0bNG3IRyKfEwUeXbokgyghjofmldDtjoU9M87Xu8mv0-eSYzeYHMJasSPr6cOlz_L8RwoRhw"},)"
    R"({"kty":"EC","crv":"P-256","kid":"e","x":"OMN59snU8TsPi1UNWmse_sTigwJxW1vABE_yMjxDkSg","y":"Y1wYSiB9gd61vcViR99EGmVYzDdGAA-jMt5HABe-ocY"},)"
    R"({"kty":"OKP","crv":"Ed25519","kid":"d","x":"2bS1ZVTHYV_qMZ-abnch1_a5YXHAXog8uRl_fQyEwLQ"}]})";
const std::string rs256 =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InIifQ.eyJpc3MiOiJzaG9wIiwic3ViIjoiYW5uIiwiZXhwIjoxNzY3MjYxNzAwfQ."
    "A6WEXL4Rkzk4mIfpSEG_yznBwdKk9W_IqH2JvtgiEEMfQ_"
    "V8cGJxxHxGgUQaeFcOpOwE7TBNyGv7E6LpC8MXPVZEfJnE108TNHte6r7kQ8LBbFye0k4KzxxemeiCIrYB6ox75ZSPu7vv"
    "RoBuckPgyh9TvrLJgW3IMxz2TKB7aZ1WsgbyW-XV3HSwB5pqy5TvtKTAE_Q-"
    "HIVpQkWaFs50cwv6oifyuo4wu4rNcOWs9CQCDw3eR_vitVFIIxbReziT51gsJmhxCjiLYYvzyq6--"
    "AtbN7T4oJiU7PGUKhAxYY2r4ZAlKfJEDwNXGhD8HkNkrMM6DSEotTWRY79ZdFZZ-w";
const std::string es256 =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUifQ.eyJpc3MiOiJzaG9wIiwic3ViIjoiYW5uIiwiZXhwIjoxNzY3MjYxNzAwfQ."
    "xDN2JOj8CREiRbKkoM8f8yx9hDqnNYd5REVQc6HOhQB7SFnO-pynIpwcBQzvnVh03j6HJohIvX4MSX5x3f-BzQ";
const std::string eddsa =
    "eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJzaG9wIiwic3ViIjoiYW5uIiwiZXhwIjoxNzY3MjYxNzAwfQ."
    "3yTL9Q6S4d6VOLoWBnp-VLm3aLUQK7qiY3dmmkTk4mKVLFcjPk5myze564FVc-IgMf8mXXPPSCm62Evb-sHOCw";

class PublicCredentialsTest : public CredentialsTest {
 protected:
  PublicCredentialsTest() : keys_(read_jwks(base::AppId{2}, jwks, parser_).value()) {}

  base::Result<Identity> verify(std::string_view text) {
    const Credentials credentials{directory(), DevMode::off, {}, keys_};
    return credentials.verify_token(text, now, parser_);
  }

  std::vector<TokenKey> keys_;
};

TEST_F(PublicCredentialsTest, tokens_of_three_kinds_are_taken_beside_those_of_secrets) {
  for (const auto& text : {rs256, es256, eddsa, token(good_payload)}) {
    const auto identity = verify(text);
    ASSERT_TRUE(identity.has_value());
    EXPECT_EQ(identity->app_name, "shop");
    EXPECT_EQ(identity->user, base::UserId{"ann"});
  }
}

TEST_F(PublicCredentialsTest, a_changed_token_is_not_accepted) {
  for (const auto& text : {rs256, es256, eddsa})
    for (const std::size_t at : {text.find('.') + 3, text.rfind('.') + 3}) {
      auto forged = text;
      forged[at] = forged[at] == 'A' ? 'B' : 'A';
      EXPECT_TRUE(verify(forged).has_error());
    }
}

TEST_F(PublicCredentialsTest, the_kid_of_a_token_names_the_key) {
  for (auto& key : keys_)
    key.kid += "2";
  EXPECT_TRUE(verify(rs256).has_error());
  EXPECT_TRUE(verify(es256).has_error());
  EXPECT_TRUE(verify(eddsa).has_value());  // it names none
}

TEST_F(PublicCredentialsTest, the_keys_of_one_application_do_not_open_another) {
  for (auto& key : keys_)
    key.app = base::AppId{3};
  for (const auto& text : {rs256, es256, eddsa})
    EXPECT_TRUE(verify(text).has_error());
}

TEST_F(PublicCredentialsTest, a_public_key_is_never_a_secret) {
  const auto point = base::base64url_decode("2bS1ZVTHYV_qMZ-abnch1_a5YXHAXog8uRl_fQyEwLQ").value();
  for (const auto& secret : {std::string{jwks}, point, std::string{}})
    for (const char* alg : {"HS256", "RS256", "ES256", "EdDSA", "none"})
      EXPECT_TRUE(verify(forge(R"({"alg":")" + std::string{alg} + R"("})", good_payload, secret))
                      .has_error());
}

}  // namespace
}  // namespace kith::front
