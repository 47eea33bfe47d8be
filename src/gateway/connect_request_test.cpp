#include "gateway/connect_request.hpp"

#include "base/limits.hpp"
#include "base/names.hpp"
#include "wire/json/parser.hpp"

#include <gtest/gtest.h>

namespace kith::gateway {
namespace {

using base::Errc;

base::Result<ConnectRequest> read(const std::string& json) {
  wire::json::Parser parser;
  return connect_request(parser.parse(json).value());
}

bool refused(const std::string& json, Errc code = Errc::validation_failed) {
  const auto request = read(json);
  return request.has_error() && request.error().code == code;
}

std::string cid_text(std::size_t number) {
  base::Cid cid;
  cid.bytes[0] = static_cast<std::uint8_t>(number);
  cid.bytes[1] = static_cast<std::uint8_t>(number >> 8);
  return base::to_text(cid);
}

TEST(ConnectRequest, nothing_and_an_empty_object_say_nothing) {
  for (const auto& request : {connect_request(wire::json::Value{}), read("{}")}) {
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ(request->token, "");
    EXPECT_EQ(request->dev_user, "");
    EXPECT_EQ(request->device, "");
    EXPECT_EQ(request->epoch, "");
    EXPECT_TRUE(request->cursors.empty());
  }
}

TEST(ConnectRequest, every_part_is_read) {
  const auto request =
      read(R"({"token":"t","user":"ann","device":"d","epoch":"e","cursors":[{"cid":")" +
           cid_text(7) + R"(","seq":9007199254740991}],"more":[1]})");
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->token, "t");
  EXPECT_EQ(request->dev_user, "ann");
  EXPECT_EQ(request->device, "d");
  EXPECT_EQ(request->epoch, "e");
  ASSERT_EQ(request->cursors.size(), 1U);
  EXPECT_EQ(request->cursors[0].first.bytes[0], 7);
  EXPECT_EQ(request->cursors[0].second, base::seq_wire_max);
}

TEST(ConnectRequest, null_is_as_good_as_absent) {
  EXPECT_TRUE(
      read(R"({"token":null,"user":null,"device":null,"epoch":null,"cursors":null})").has_value());
}

TEST(ConnectRequest, what_is_not_a_string_is_refused_and_a_wrong_credential_is_nobody) {
  for (const std::string value : {"7", "true", "[]", "{}"}) {
    for (const std::string name : {"token", "user"})
      EXPECT_TRUE(refused("{\"" + name + "\":" + value + "}", Errc::unauthenticated)) << name;
    for (const std::string name : {"device", "epoch"})
      EXPECT_TRUE(refused("{\"" + name + "\":" + value + "}")) << name << value;
  }
}

TEST(ConnectRequest, each_text_has_its_limit) {
  const auto with = [](const std::string& name, std::size_t bytes) {
    return "{\"" + name + "\":\"" + std::string(bytes, 'x') + "\"}";
  };
  EXPECT_TRUE(read(with("token", base::limits::token_bytes_max)).has_value());
  EXPECT_TRUE(refused(with("token", base::limits::token_bytes_max + 1), Errc::unauthenticated));
  EXPECT_TRUE(read(with("device", base::limits::device_bytes_max)).has_value());
  EXPECT_TRUE(refused(with("device", base::limits::device_bytes_max + 1)));
  EXPECT_TRUE(refused(with("epoch", base::limits::device_bytes_max + 1)));
  EXPECT_TRUE(refused(with("user", base::limits::user_chars_max * 4 + 1), Errc::unauthenticated));
}

TEST(ConnectRequest, a_device_is_a_clean_name) {
  EXPECT_TRUE(refused(R"({"device":"a\u0000b"})"));
  EXPECT_TRUE(refused(R"({"device":"a\nb"})"));
  EXPECT_EQ(read(R"({"device":""})")->device, "");
}

TEST(ConnectRequest, cursors_are_few_pairs_of_a_cid_and_a_whole_number) {
  const auto item = [](const std::string& seq, std::size_t number = 1) {
    return R"({"cid":")" + cid_text(number) + R"(","seq":)" + seq + "}";
  };
  const auto cursors = [](const std::string& items) { return "{\"cursors\":[" + items + "]}"; };
  for (const std::string seq :
       {"-1", "1.5", "9007199254740992", "18446744073709551615", "1e300", "\"1\"", "null"})
    EXPECT_TRUE(refused(cursors(item(seq)))) << seq;
  EXPECT_TRUE(refused(cursors("7")));
  EXPECT_TRUE(refused(cursors("[]")));
  EXPECT_TRUE(refused(cursors(R"({"seq":1})")));
  EXPECT_TRUE(refused(cursors(R"({"cid":7,"seq":1})")));
  EXPECT_TRUE(refused(R"({"cursors":{"cid":"x","seq":1}})"));
  EXPECT_TRUE(refused(R"({"cursors":"x"})"));
  std::string many = item("1");
  for (std::size_t i = 1; i < base::limits::cursors_max; ++i)
    many += "," + item("1", i + 1);
  EXPECT_EQ(read(cursors(many))->cursors.size(), base::limits::cursors_max);
  EXPECT_TRUE(refused(cursors(many + "," + item("1"))));
}

TEST(ConnectRequest, of_two_cursors_in_one_conversation_the_higher_counts) {
  const auto item = [](int seq) {
    return R"({"cid":")" + cid_text(1) + R"(","seq":)" + std::to_string(seq) + "}";
  };
  const auto request = read(R"({"cursors":[)" + item(4) + "," + item(9) + "," + item(5) + "]}");
  ASSERT_TRUE(request.has_value());
  ASSERT_EQ(request->cursors.size(), 1U);
  EXPECT_EQ(request->cursors[0].second, 9U);
}

TEST(ConnectRequest, a_cursor_that_names_nothing_is_passed_over) {
  const auto request = read(R"({"cursors":[{"cid":"gone","seq":1},{"cid":"c_\u0000","seq":2}]})");
  ASSERT_TRUE(request.has_value());
  EXPECT_TRUE(request->cursors.empty());
}

TEST(ConnectRequest, of_two_members_with_one_name_the_last_counts_as_in_javascript) {
  EXPECT_EQ(read(R"({"device":"a","device":"b"})")->device, "b");
}

TEST(ConnectRequest, an_older_client_says_it_in_the_query) {
  const auto query = wire::http::Query::parse("EIO=3&token=t&user=a%20b&device=d&cursors=x");
  const auto request = connect_request(*query);
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->token, "t");
  EXPECT_EQ(request->dev_user, "a b");
  EXPECT_EQ(request->device, "d");
  EXPECT_TRUE(request->cursors.empty());
}

TEST(ConnectRequest, a_query_may_hold_any_bytes_and_a_device_may_not) {
  EXPECT_TRUE(connect_request(*wire::http::Query::parse("")).has_value());
  for (const std::string& bad :
       {std::string{"device=%00"}, std::string{"device=%ff"}, "device=" + std::string(65, 'd')})
    EXPECT_TRUE(connect_request(*wire::http::Query::parse(bad)).has_error()) << bad;
}

}  // namespace
}  // namespace kith::gateway
