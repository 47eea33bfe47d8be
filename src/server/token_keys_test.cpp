#include "server/token_keys.hpp"

#include "base/limits.hpp"
#include "base/scratch_test.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <gmock/gmock.h>
#include <string>

namespace kith::server {
namespace {

const std::string key =
    R"({"kty":"OKP","crv":"Ed25519","kid":"a","x":"2bS1ZVTHYV_qMZ-abnch1_a5YXHAXog8uRl_fQyEwLQ"})";

class TokenKeysTest : public ::testing::Test {
 protected:
  TokenKeysTest() { config_.server.data_dir = folder_.path(); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream{folder_.file(name)} << text;
  }

  Outcome<std::vector<front::TokenKey>> read() const {
    const std::vector<ports::AppRow> apps{{base::AppId{1}, "shop", {}},
                                          {base::AppId{2}, "game", {}}};
    return read_token_keys(config_, apps);
  }

  std::string complaint() const {
    const auto keys = read();
    return keys.has_error() ? keys.error().text : "";
  }

  base::ScratchFolder folder_;
  Config config_;
};

TEST_F(TokenKeysTest, no_application_needs_a_file) {
  EXPECT_TRUE(read()->empty());
}

TEST_F(TokenKeysTest, a_file_in_the_data_folder_or_elsewhere_gives_keys_of_its_application) {
  write("keys.json", R"({"keys":[)" + key + "]}");
  config_.apps["game"].jwks_file = "keys.json";
  auto keys = read();
  ASSERT_TRUE(keys.has_value());
  ASSERT_EQ(keys->size(), 1U);
  EXPECT_EQ(keys->front().app, base::AppId{2});
  EXPECT_EQ(keys->front().kid, "a");
  config_.apps["game"].jwks_file = config_.server.data_dir + "/keys.json";
  EXPECT_EQ(read()->size(), 1U);
  config_.app_defaults.jwks_file = "keys.json";
  EXPECT_EQ(read()->size(), 2U);
}

TEST_F(TokenKeysTest, what_is_wrong_with_a_file_is_said_with_its_name) {
  config_.apps["game"].jwks_file = "none.json";
  EXPECT_THAT(complaint(), ::testing::HasSubstr("/none.json: can not be read"));
  config_.apps["game"].jwks_file = config_.server.data_dir;
  EXPECT_THAT(complaint(), ::testing::HasSubstr("can not be read"));
  config_.apps["game"].jwks_file = "keys.json";
  write("keys.json", R"({"keys":[]})");
  EXPECT_THAT(complaint(), ::testing::HasSubstr("keys.json: no key of the set"));
  write("keys.json", std::string(base::limits::jwks_bytes_max + 1, ' '));
  EXPECT_THAT(complaint(), ::testing::HasSubstr("is larger than"));
}

}  // namespace
}  // namespace kith::server
