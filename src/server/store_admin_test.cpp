#include "server/store_admin.hpp"

#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "server/directory_store_test.hpp"

#include <boost/json.hpp>

namespace kith::server {
namespace {

using ::testing::HasSubstr;

class StoreAdminTest : public ::testing::Test {
 protected:
  static std::vector<std::string> parts_of(const std::string& token) {
    std::vector<std::string> parts(1);
    for (const char c : token) {
      if (c == '.')
        parts.emplace_back();
      else
        parts.back() += c;
    }
    return parts;
  }

  static boost::json::object json_of(const std::string& part) {
    return boost::json::parse(base::base64url_decode(part).value()).as_object();
  }

  DirectoryStore store_;
  base::ManualClock clock_;
  base::SeededRandom random_{7};
  StoreAdmin admin_{store_, clock_, random_};
};

TEST_F(StoreAdminTest, CreatesAndListsApplications) {
  const auto created = admin_.create_app({"shop"});
  ASSERT_TRUE(created.has_value());
  EXPECT_EQ(created.value().name, "shop");
  EXPECT_EQ(created.value().created_at, "2026-01-01T10:00:00.000Z");
  ASSERT_TRUE(admin_.create_app({"game"}).has_value());
  const auto list = admin_.list_apps().value();
  ASSERT_EQ(list.apps.size(), 2U);
  EXPECT_EQ(list.apps[1].name, "game");
}

TEST_F(StoreAdminTest, ATakenNameIsRefused) {
  ASSERT_TRUE(admin_.create_app({"shop"}).has_value());
  const auto again = admin_.create_app({"shop"});
  ASSERT_TRUE(again.has_error());
  EXPECT_THAT(again.error().text, HasSubstr("there is an application \"shop\" already"));
  EXPECT_EQ(again.error().exit_code, 1);
}

TEST_F(StoreAdminTest, NamesAreShortAndPlain) {
  for (const std::string& bad : {std::string{},
                                 std::string(65, 'a'),
                                 std::string{"a b"},
                                 std::string{"a/b"},
                                 std::string{"ä"},
                                 std::string{"a\0b", 3},
                                 std::string{"a.b"}}) {
    const auto refused = admin_.create_app({bad});
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().exit_code, 2);
  }
  EXPECT_TRUE(admin_.create_app({std::string(64, 'a')}).has_value());
  EXPECT_TRUE(admin_.create_app({"A-z_0"}).has_value());
}

TEST_F(StoreAdminTest, ASigningKeysSecretIsKeptAndShown) {
  ASSERT_TRUE(admin_.create_app({"shop"}).has_value());
  const auto key = admin_.add_key({"shop", AdminKeyKind::signing}).value();
  ASSERT_EQ(store_.rows.keys.size(), 1U);
  EXPECT_EQ(store_.rows.keys[0].kid, key.kid);
  EXPECT_EQ(store_.rows.keys[0].kind, ports::KeyKind::signing);
  EXPECT_EQ(store_.rows.keys[0].secret, key.secret);
  EXPECT_EQ(base::base64url_decode(key.secret).value().size(), 32U);
  EXPECT_EQ(store_.rows.keys[0].created_at, clock_.wall());
}

TEST_F(StoreAdminTest, OfAServerKeyOnlyAHashIsKept) {
  ASSERT_TRUE(admin_.create_app({"shop"}).has_value());
  const auto key = admin_.add_key({"shop", AdminKeyKind::server}).value();
  const std::string prefix = "sk_" + key.kid + "_";
  ASSERT_TRUE(key.secret.starts_with(prefix));
  EXPECT_EQ(key.kid.find('_'), std::string::npos);
  EXPECT_EQ(store_.rows.keys[0].kind, ports::KeyKind::server);
  EXPECT_EQ(store_.rows.keys[0].secret, base::sha256(key.secret.substr(prefix.size())));
}

TEST_F(StoreAdminTest, EveryKeyIsAnother) {
  ASSERT_TRUE(admin_.create_app({"shop"}).has_value());
  const auto one = admin_.add_key({"shop", AdminKeyKind::signing}).value();
  const auto two = admin_.add_key({"shop", AdminKeyKind::signing}).value();
  EXPECT_NE(one.kid, two.kid);
  EXPECT_NE(one.secret, two.secret);
}

TEST_F(StoreAdminTest, KeysAreListedPerApplicationWithoutSecretsAndRetired) {
  ASSERT_TRUE(admin_.create_app({"shop"}).has_value());
  ASSERT_TRUE(admin_.create_app({"game"}).has_value());
  const auto key = admin_.add_key({"shop", AdminKeyKind::signing}).value();
  ASSERT_TRUE(admin_.add_key({"game", AdminKeyKind::server}).has_value());
  EXPECT_EQ(admin_.retire_key({"shop", key.kid}).value().kid, key.kid);
  const auto list = admin_.list_keys({"shop"}).value();
  ASSERT_EQ(list.keys.size(), 1U);
  EXPECT_EQ(list.keys[0].kid, key.kid);
  EXPECT_EQ(list.keys[0].kind, AdminKeyKind::signing);
  EXPECT_EQ(list.keys[0].retired_at, "2026-01-01T11:00:00.000Z");
  EXPECT_EQ(admin_.list_keys({"game"}).value().keys[0].retired_at, "");
}

TEST_F(StoreAdminTest, AKeyThatIsNotInUseCanNotBeRetired) {
  ASSERT_TRUE(admin_.create_app({"shop"}).has_value());
  const auto key = admin_.add_key({"shop", AdminKeyKind::signing}).value();
  EXPECT_THAT(admin_.retire_key({"shop", "other"}).error().text,
              HasSubstr("kith app key list shop"));
  ASSERT_TRUE(admin_.retire_key({"shop", key.kid}).has_value());
  EXPECT_TRUE(admin_.retire_key({"shop", key.kid}).has_error());
}

TEST_F(StoreAdminTest, AnUnknownApplicationIsNamed) {
  const std::string words = "no application \"shop\"";
  EXPECT_THAT(admin_.add_key({"shop", AdminKeyKind::server}).error().text, HasSubstr(words));
  EXPECT_THAT(admin_.list_keys({"shop"}).error().text, HasSubstr(words));
  EXPECT_THAT(admin_.retire_key({"shop", "k"}).error().text, HasSubstr(words));
  EXPECT_THAT(admin_.make_token({"shop", "ann"}).error().text, HasSubstr(words));
}

TEST_F(StoreAdminTest, ATokenIsSignedWithTheYoungestKeyInUse) {
  ASSERT_TRUE(admin_.create_app({"shop"}).has_value());
  ASSERT_TRUE(admin_.add_key({"shop", AdminKeyKind::signing}).has_value());
  clock_.advance(std::chrono::seconds{1});
  const auto young = admin_.add_key({"shop", AdminKeyKind::signing}).value();
  clock_.advance(std::chrono::seconds{1});
  const auto youngest = admin_.add_key({"shop", AdminKeyKind::signing}).value();
  ASSERT_TRUE(admin_.retire_key({"shop", youngest.kid}).has_value());

  const auto made = admin_.make_token({"shop", "ann \"x\"", 60}).value();
  const auto parts = parts_of(made.token);
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(json_of(parts[0]).at("alg"), "HS256");
  EXPECT_EQ(json_of(parts[0]).at("kid").as_string(), std::string_view{young.kid});
  const auto claims = json_of(parts[1]);
  EXPECT_EQ(claims.at("iss"), "shop");
  EXPECT_EQ(claims.at("sub"), "ann \"x\"");
  const auto now_s = clock_.wall().ms / 1'000;
  EXPECT_EQ(claims.at("iat"), now_s);
  EXPECT_EQ(claims.at("exp"), now_s + 60);
  EXPECT_EQ(base::base64url_decode(parts[2]).value(),
            base::hmac_sha256(young.secret, parts[0] + "." + parts[1]));
  EXPECT_EQ(made.expires_at, "2026-01-01T10:01:02.000Z");
}

TEST_F(StoreAdminTest, ATokenNeedsAKeyAUserAndALife) {
  ASSERT_TRUE(admin_.create_app({"shop"}).has_value());
  ASSERT_TRUE(admin_.add_key({"shop", AdminKeyKind::server}).has_value());
  EXPECT_THAT(admin_.make_token({"shop", "ann"}).error().text,
              HasSubstr("kith app key add shop --kind signing"));
  ASSERT_TRUE(admin_.add_key({"shop", AdminKeyKind::signing}).has_value());
  EXPECT_TRUE(admin_.make_token({"shop", ""}).has_error());
  EXPECT_TRUE(admin_.make_token({"shop", std::string(65, 'a')}).has_error());
  EXPECT_TRUE(admin_.make_token({"shop", "ann", 0}).has_error());
  EXPECT_TRUE(admin_.make_token({"shop", "ann", token_ttl_s_max + 1}).has_error());
  EXPECT_TRUE(admin_.make_token({"shop", "ann", token_ttl_s_max}).has_value());
}

TEST_F(StoreAdminTest, EachChangeIsToldAndNothingElse) {
  int changes = 0;
  admin_.on_change([&] { ++changes; });
  ASSERT_TRUE(admin_.create_app({"shop"}).has_value());
  EXPECT_EQ(changes, 1);
  const auto key = admin_.add_key({"shop", AdminKeyKind::signing}).value();
  EXPECT_EQ(changes, 2);
  ASSERT_TRUE(admin_.retire_key({"shop", key.kid}).has_value());
  EXPECT_EQ(changes, 3);
  EXPECT_TRUE(admin_.create_app({"shop"}).has_error());
  ASSERT_TRUE(admin_.list_apps().has_value());
  ASSERT_TRUE(admin_.list_keys({"shop"}).has_value());
  EXPECT_EQ(changes, 3);
}

TEST_F(StoreAdminTest, WhatTheStoreSaysIsPassedOn) {
  store_.broken = true;
  const std::vector<AdminCommand> commands{CreateApp{"shop"},
                                           ListApps{},
                                           AddKey{"shop", {}},
                                           ListKeys{"shop"},
                                           RetireKey{"shop", "k"},
                                           MakeToken{"shop", "ann"}};
  for (const auto& command : commands) {
    const auto result = admin_.execute(command);
    ASSERT_TRUE(result.has_error()) << command.index();
    EXPECT_THAT(result.error().text, HasSubstr("the disk is full"));
    EXPECT_EQ(result.error().exit_code, 1);
  }
}

TEST_F(StoreAdminTest, ExecutesEachCommand) {
  EXPECT_TRUE(std::holds_alternative<AppInfo>(admin_.execute(CreateApp{"shop"}).value()));
  EXPECT_TRUE(std::holds_alternative<AppList>(admin_.execute(ListApps{}).value()));
  const auto key = admin_.execute(AddKey{"shop", AdminKeyKind::signing}).value();
  EXPECT_TRUE(std::holds_alternative<NewKey>(key));
  EXPECT_TRUE(std::holds_alternative<KeyList>(admin_.execute(ListKeys{"shop"}).value()));
  EXPECT_TRUE(std::holds_alternative<TokenMade>(admin_.execute(MakeToken{"shop", "ann"}).value()));
  EXPECT_TRUE(std::holds_alternative<KeyRetired>(
      admin_.execute(RetireKey{"shop", std::get<NewKey>(key).kid}).value()));
}

}  // namespace
}  // namespace kith::server
