#include "base/names.hpp"

#include "base/limits.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace kith::base {
namespace {

template <class T>
bool invalid(const Result<T>& result) {
  return result.has_error() && result.error().code == Errc::validation_failed;
}

std::string times(std::size_t count, std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i)
    out += text;
  return out;
}

TEST(Names, a_user_is_counted_in_characters_not_in_bytes) {
  EXPECT_EQ(parse_user("ann").value().str(), "ann");
  EXPECT_TRUE(parse_user(times(64, "\xf0\x9f\x98\x80")).has_value());
  EXPECT_TRUE(invalid(parse_user(times(65, "\xf0\x9f\x98\x80"))));
  EXPECT_TRUE(parse_user(times(64, "a")).has_value());
  EXPECT_TRUE(invalid(parse_user(times(65, "a"))));
  EXPECT_TRUE(invalid(parse_user("")));
}

TEST(Names, client_ids_devices_rooms_and_external_ids_are_counted_in_bytes) {
  EXPECT_TRUE(parse_client_id(times(64, "x")).has_value());
  EXPECT_TRUE(invalid(parse_client_id(times(65, "x"))));
  EXPECT_TRUE(invalid(parse_client_id(times(33, "\xc3\xa9"))));
  EXPECT_TRUE(parse_device(times(64, "x")).has_value());
  EXPECT_TRUE(invalid(parse_device(times(65, "x"))));
  EXPECT_TRUE(parse_room(times(128, "x")).has_value());
  EXPECT_TRUE(invalid(parse_room(times(129, "x"))));
  EXPECT_TRUE(parse_external_id(times(128, "x")).has_value());
  EXPECT_TRUE(invalid(parse_external_id(times(129, "x"))));
}

TEST(Names, none_is_empty_not_text_or_with_control_characters) {
  for (const std::string_view bad : {std::string_view{""},
                                     std::string_view{"\0", 1},
                                     std::string_view{"a\0b", 3},
                                     std::string_view{"a\nb"},
                                     std::string_view{"\x1f"},
                                     std::string_view{"\x7f"},
                                     std::string_view{"\xff"},
                                     std::string_view{"\xed\xa0\x80"}}) {
    EXPECT_TRUE(invalid(parse_user(bad)));
    EXPECT_TRUE(invalid(parse_client_id(bad)));
    EXPECT_TRUE(invalid(parse_device(bad)));
    EXPECT_TRUE(invalid(parse_room(bad)));
    EXPECT_TRUE(invalid(parse_external_id(bad)));
  }
}

TEST(Names, blanks_case_and_form_are_kept_as_they_are) {
  for (const char* text : {" ", "X ", "x", "e\xcc\x81", "\xc3\xa9", "a/b:c"})
    EXPECT_EQ(parse_user(text).value().str(), text);
}

TEST(Names, a_cid_reads_back_and_has_one_form) {
  EXPECT_TRUE(rc::check([](const std::array<std::uint8_t, 16>& raw) {
    Cid cid;
    cid.bytes = raw;
    const auto text = to_text(cid);
    RC_ASSERT(text.size() == 24U);
    RC_ASSERT(text.starts_with("c_"));
    RC_ASSERT(parse_cid(text).value() == cid);
  }));
}

TEST(Names, a_malformed_cid_names_nothing) {
  const auto good = to_text(Cid{});
  EXPECT_TRUE(parse_cid(good).has_value());
  for (const auto& bad : {std::string{},
                          std::string{"c_"},
                          good.substr(1),
                          good + "A",
                          good.substr(0, 23),
                          "d_" + good.substr(2),
                          good.substr(0, 23) + "B",  // bits beyond the sixteenth byte
                          good.substr(0, 23) + "=",
                          good.substr(0, 23) + "+"}) {
    ASSERT_TRUE(parse_cid(bad).has_error()) << bad;
    EXPECT_EQ(parse_cid(bad).error().code, Errc::not_found);
  }
}

TEST(Names, a_message_id_is_22_characters) {
  MessageId id;
  id.bytes[0] = 0xff;
  EXPECT_EQ(to_text(id), "_wAAAAAAAAAAAAAAAAAAAA");
  std::string out(message_id_text_bytes + 2, 'x');
  write_text(&out[1], id);
  EXPECT_EQ(out, "x" + to_text(id) + "x");
}

TEST(Ids, raw_bytes_shorter_than_an_id_leave_zeros) {
  EXPECT_EQ(Cid::from_view("ab").view(), (std::string{"ab"} + std::string(14, '\0')));
  EXPECT_EQ(Cid::from_view(std::string(20, 'x')).view(), std::string(16, 'x'));
}

TEST(Ids, keys_differ_by_application) {
  const ConversationKey one{static_cast<AppId>(1), {}};
  const ConversationKey two{static_cast<AppId>(2), {}};
  EXPECT_NE(one, two);
  EXPECT_NE(KeyHash{}(one), KeyHash{}(two));
  EXPECT_LT(one, two);
}

}  // namespace
}  // namespace kith::base
