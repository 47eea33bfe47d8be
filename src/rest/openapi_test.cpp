#include "rest/openapi.hpp"

#include "rest/operations.hpp"
#include "rest/route.hpp"
#include "wire/json/parser.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace kith::rest {
namespace {

class OpenapiTest : public ::testing::Test {
 protected:
  const std::string text_ = openapi_json();
  wire::json::Parser parser_;
};

TEST_F(OpenapiTest, the_file_in_docs_is_what_the_tables_say) {
  std::ifstream file{KITH_SOURCE_DIR "/docs/openapi.json"};
  ASSERT_TRUE(file) << "docs/openapi.json is missing";
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), text_) << "write it anew: kith openapi > docs/openapi.json";
}

TEST_F(OpenapiTest, every_route_is_an_operation_and_every_operation_a_route) {
  const auto parsed = parser_.parse(text_);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->find("openapi")->as_string(), "3.1.0");
  std::set<std::string_view> used;
  for (const auto& route : routes()) {
    const auto& operation = operation_of(route);
    used.insert(operation.name);
    EXPECT_NE(text_.find("\"operationId\": \"" + std::string{operation.name} + "\""),
              std::string::npos);
    EXPECT_EQ(route.takes_body() || operation.body.empty(), true) << operation.name;
  }
  EXPECT_EQ(used.size(), operations().size());
  EXPECT_EQ(used.size(), routes().size());
}

TEST_F(OpenapiTest, a_path_has_its_methods_parameters_and_answers) {
  const auto parsed = parser_.parse(text_);
  const auto members = parsed->find("paths")->find("/v1/conversations/{cid}/members");
  ASSERT_TRUE(members.has_value());
  for (const char* method : {"get", "post", "patch", "delete"})
    EXPECT_TRUE(members->find(method).has_value()) << method;
  const auto remove = *members->find("delete");
  std::set<std::string> parameters;
  for (const auto parameter : remove.find("parameters")->items())
    if (const auto name = parameter.find("name")) parameters.emplace(*name->as_string());
  EXPECT_EQ(parameters, (std::set<std::string>{"cid", "user", "Idempotency-Key"}));
  EXPECT_TRUE(remove.find("responses")->find("200").has_value());
  EXPECT_TRUE(remove.find("responses")->find("default").has_value());
}

TEST_F(OpenapiTest, every_limit_and_every_reference_is_resolved) {
  EXPECT_EQ(text_.find('@'), std::string::npos);
  const auto parsed = parser_.parse(text_);
  const auto schemas = *parsed->find("components")->find("schemas");
  constexpr std::string_view start = "#/components/schemas/";
  std::set<std::string> used;
  for (auto at = text_.find(start); at != std::string::npos; at = text_.find(start, at + 1)) {
    const auto from = at + start.size();
    used.insert(text_.substr(from, text_.find('"', from) - from));
  }
  EXPECT_GT(used.size(), 8U);
  for (const auto& name : used)
    EXPECT_TRUE(schemas.find(name).has_value()) << name;
}

}  // namespace
}  // namespace kith::rest
