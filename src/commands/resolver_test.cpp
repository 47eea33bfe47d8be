#include "commands/resolver.hpp"

#include "commands/arguments.hpp"
#include "commands/world_test.hpp"

namespace kith::commands {
namespace {

class ResolverTest : public CommandTest {
 protected:
  struct Resolved {
    int times = 0;
    std::optional<Target> target;
    std::optional<Fault> fault;
  };

  void resolve(Resolved& into,
               std::string_view args,
               std::string_view who = "ann",
               std::uint64_t session = 0) {
    wire::json::Parser parser;
    const auto parsed = parser.parse(args);
    ASSERT_TRUE(parsed.has_value());
    auto asker = caller(who);
    asker.origin.session = session;
    resolver_.resolve(asker, *parsed, [&into, this](Result<Target> found) {
      order_.push_back(&into);
      ++into.times;
      if (found.has_value())
        into.target = *found;
      else
        into.fault = found.error();
    });
  }

  std::vector<const Resolved*> order_;  // of the answers
};

TEST_F(ResolverTest, a_cid_and_a_user_are_named_without_asking_the_store) {
  Resolved by_cid;
  Resolved by_user;
  resolve(by_cid, R"({"cid":"c_AAAAAAAAAAAAAAAAAAAAAA"})");
  resolve(by_user, R"({"to":"bob"})");
  EXPECT_EQ(by_cid.target->key, (ConversationKey{app, {}}));
  EXPECT_FALSE(by_cid.target->direct.has_value());
  EXPECT_EQ(by_user.target->key, world_.direct("ann", "bob"));
  EXPECT_EQ(by_user.target->direct, (std::pair{user("ann"), user("bob")}));
  EXPECT_EQ(world_.store.reads_waiting(), 0U);
}

TEST_F(ResolverTest, an_external_id_is_looked_up_once_for_all_and_then_known) {
  const auto cid = make_group("ann", R"("external_id":"order 7")");
  Resolved found[3];
  resolve(found[0], R"({"external_id":"order 7"})");
  resolve(found[1], R"({"external_id":"order 7"})");
  EXPECT_EQ(world_.store.reads_waiting(), 1U);
  EXPECT_EQ(found[0].times, 0);
  world_.settle();
  resolve(found[2], R"({"external_id":"order 7"})");
  EXPECT_EQ(world_.store.reads_waiting(), 0U);
  for (const auto& one : found) {
    EXPECT_EQ(one.times, 1);
    EXPECT_EQ(one.target->key, key_of(cid));
  }
}

TEST_F(ResolverTest, an_external_id_that_names_nothing_is_asked_for_again_the_next_time) {
  Resolved before;
  resolve(before, R"({"external_id":"order 7"})");
  world_.settle();
  EXPECT_EQ(before.fault->code, Errc::not_found);
  make_group("ann", R"("external_id":"order 7")");
  Resolved after;
  resolve(after, R"({"external_id":"order 7"})");
  world_.settle();
  EXPECT_TRUE(after.target.has_value());
}

TEST_F(ResolverTest, a_failed_look_up_is_told_to_all_and_not_remembered) {
  make_group("ann", R"("external_id":"order 7")");
  world_.store.fail_read = [] { return std::optional<Fault>{Fault{Errc::overloaded, "later"}}; };
  Resolved first;
  Resolved second;
  resolve(first, R"({"external_id":"order 7"})");
  resolve(second, R"({"external_id":"order 7"})");
  world_.settle();
  EXPECT_EQ(first.fault->code, Errc::overloaded);
  EXPECT_EQ(second.fault->code, Errc::overloaded);
  world_.store.fail_read = nullptr;
  Resolved third;
  resolve(third, R"({"external_id":"order 7"})");
  world_.settle();
  EXPECT_TRUE(third.target.has_value());
}

TEST_F(ResolverTest, what_one_connection_asks_is_answered_in_its_order) {
  const auto cid = make_group("ann", R"("external_id":"order 7")");
  make_group("ann", R"("external_id":"order 8")");
  Resolved found[6];
  resolve(found[0], R"({"external_id":"order 7"})", "ann", 5);
  resolve(found[1], R"({"cid":")" + cid + "\"}", "ann", 5);
  resolve(found[2], R"({"external_id":"order 8"})", "ann", 5);
  resolve(found[3], R"({"external_id":"order 7"})", "ann", 5);
  resolve(found[4], R"({"external_id":"order 9"})", "ann", 5);
  resolve(found[5], R"({"to":"bob"})", "ann", 5);
  EXPECT_TRUE(order_.empty());
  world_.settle();
  ASSERT_EQ(order_.size(), 6U);
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_EQ(order_[i], &found[i]) << i;
  EXPECT_EQ(found[1].target->key, key_of(cid));
  EXPECT_EQ(found[4].fault->code, Errc::not_found);  // and does not hold up what follows
  EXPECT_EQ(found[5].target->key, world_.direct("ann", "bob"));
}

TEST_F(ResolverTest, a_connection_does_not_wait_for_the_look_up_of_another) {
  const auto cid = make_group("ann", R"("external_id":"order 7")");
  Resolved slow;
  Resolved other;
  Resolved nobody;
  resolve(slow, R"({"external_id":"order 7"})", "ann", 5);
  resolve(other, R"({"cid":")" + cid + "\"}", "ann", 6);
  resolve(nobody, R"({"cid":")" + cid + "\"}", "ann", 0);
  EXPECT_EQ(slow.times, 0);
  EXPECT_EQ(other.times, 1);
  EXPECT_EQ(nobody.times, 1);
  world_.settle();
  resolve(other, R"({"cid":")" + cid + "\"}", "ann", 5);  // nothing is left to wait for
  EXPECT_EQ(slow.times, 1);
  EXPECT_EQ(other.times, 2);
}

TEST_F(ResolverTest, external_ids_of_applications_never_meet) {
  make_group("ann", R"("external_id":"order 7")");
  auto other = caller("ann");
  other.app = static_cast<base::AppId>(2);
  wire::json::Parser parser;
  std::optional<Fault> fault;
  resolver_.resolve(other, *parser.parse(R"({"external_id":"order 7"})"), [&](auto found) {
    if (found.has_error()) fault = found.error();
  });
  world_.settle();
  EXPECT_EQ(fault->code, Errc::not_found);
}

TEST_F(ResolverTest, a_look_up_that_comes_back_when_the_resolver_is_gone_is_dropped) {
  int answers = 0;
  {
    Resolver gone{*world_.reactors[0], world_.store};
    wire::json::Parser parser;
    gone.resolve(caller("ann"), *parser.parse(R"({"external_id":"x"})"), [&](auto) { ++answers; });
  }
  world_.settle();
  EXPECT_EQ(answers, 0);
}

TEST_F(ResolverTest, the_application_needs_a_user_to_name_a_direct_conversation) {
  Resolved found;
  resolve(found, R"({"to":"bob"})", "");
  EXPECT_EQ(found.fault->code, Errc::validation_failed);
}

// --- arguments

TEST(Arguments, absent_and_null_are_the_same) {
  wire::json::Parser parser;
  const auto args = *parser.parse(R"({"a":null,"b":false,"c":""})");
  EXPECT_FALSE(said(args, "a").has_value());
  EXPECT_FALSE(said(args, "z").has_value());
  EXPECT_TRUE(said(args, "b").has_value());
  EXPECT_TRUE(said(args, "c").has_value());
}

TEST(Arguments, a_text_is_bounded_and_without_nul) {
  wire::json::Parser parser;
  const auto args = *parser.parse(R"({"a":"12345","b":"\u0000","c":[]})");
  EXPECT_EQ(optional_text(args, "a", 5, "?").value(), "12345");
  EXPECT_EQ(optional_text(args, "a", 4, "?").error().code, Errc::too_large);
  EXPECT_EQ(optional_text(args, "b", 4, "?").error().code, Errc::validation_failed);
  EXPECT_EQ(optional_text(args, "c", 4, "?").error().code, Errc::validation_failed);
  EXPECT_FALSE(optional_text(args, "z", 4, "?").value().has_value());
}

TEST(Arguments, a_number_is_whole_and_below_2_to_the_53) {
  wire::json::Parser parser;
  const auto args = *parser.parse(
      R"({"a":9007199254740991,"b":9007199254740992,"c":-1,"d":1.5,"e":2.0,"f":"1"})");
  EXPECT_EQ(optional_seq(args, "a", "?").value(), base::seq_wire_max);
  EXPECT_EQ(optional_seq(args, "e", "?").value(), 2U);
  for (const char* bad : {"b", "c", "d", "f"})
    EXPECT_TRUE(optional_seq(args, bad, "?").has_error()) << bad;
}

TEST(Arguments, a_limit_has_a_default_and_a_most) {
  wire::json::Parser parser;
  EXPECT_EQ(limit_of(*parser.parse("{}"), 50, 100).value(), 50U);
  EXPECT_EQ(limit_of(*parser.parse(R"({"limit":7})"), 50, 100).value(), 7U);
  EXPECT_EQ(limit_of(*parser.parse(R"({"limit":101})"), 50, 100).value(), 100U);
  EXPECT_TRUE(limit_of(*parser.parse(R"({"limit":0})"), 50, 100).has_error());
}

TEST(Arguments, users_are_distinct_and_in_the_order_given) {
  wire::json::Parser parser;
  const auto args = *parser.parse(R"({"u":["b","a","b"," b"]})");
  const auto users = users_of(args, "u", 4).value();
  EXPECT_EQ(users, (std::vector<UserId>{user("b"), user("a"), user(" b")}));
  EXPECT_EQ(users_of(args, "u", 3).error().code, Errc::too_large);
}

}  // namespace
}  // namespace kith::commands
