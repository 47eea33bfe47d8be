#include "gateway/greeting.hpp"

#include "base/names.hpp"

#include <gtest/gtest.h>

namespace kith::gateway {
namespace {

struct Named final : commands::Feature {
  explicit Named(std::string_view of) : name_(of) {}

  std::string_view name() const noexcept override { return name_; }

  void add_commands(commands::Table& /*table*/) override {}

  std::string_view name_;
};

TEST(Greeting, hello_says_who_where_when_and_how_much) {
  front::Identity identity;
  identity.app_name = "acme";
  identity.user = base::UserId{"a\"nn"};
  base::Cid own;
  own.bytes[0] = 1;
  const commands::AppSettings settings{
      .text_bytes_max = 10, .custom_bytes_max = 20, .members_max = 30};
  std::vector<std::unique_ptr<commands::Feature>> features;
  features.push_back(std::make_unique<Named>("receipts"));
  features.push_back(std::make_unique<Named>("rooms"));
  std::string out;
  wire::json::Writer json{out};
  append_hello(json,
               {.identity = identity,
                .session = 12,
                .user_cid = own,
                .epoch = "e1",
                .now = base::WallTime{1'767'261'600'123},
                .offer = make_offer(settings, 1'000'000, features)});
  EXPECT_EQ(out,
            R"({"user":"a\"nn","app":"acme","session":"s12","user_cid":")" + base::to_text(own) +
                R"(","epoch":"e1","server_time":"2026-01-01T10:00:00.123Z","limits":{)"
                R"("text_bytes_max":10,"custom_bytes_max":20,"members_max":30,)"
                R"("payload_bytes_max":1000000,"history_page_max":100,"attachments_max":10},)"
                R"("features":["receipts","rooms"]})");
}

TEST(Greeting, what_an_application_does_without_is_not_offered) {
  commands::Features features;
  for (const auto* name : {"receipts", "typing", "rooms"})
    features.push_back(std::make_unique<Named>(name));
  const commands::AppSettings settings{.features_off = commands::feature_bit(1)};
  EXPECT_EQ(make_offer(settings, 1'000, features).features, R"(["receipts","rooms"])");
}

TEST(Greeting, an_error_says_its_code_and_whether_to_try_again) {
  EXPECT_EQ(fault_json({base::Errc::not_found, "no \"such\" thing"}),
            R"({"code":"not_found","message":"no \"such\" thing","retryable":false})");
}

TEST(Greeting, an_error_says_when_to_try_again_if_it_knows) {
  EXPECT_EQ(fault_json({base::Errc::overloaded, "later", 1'500}),
            R"({"code":"overloaded","message":"later","retryable":true,"retry_after_ms":1500})");
}

}  // namespace
}  // namespace kith::gateway
