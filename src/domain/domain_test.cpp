#include "base/names.hpp"
#include "domain/body.hpp"
#include "domain/identity.hpp"
#include "domain/rights.hpp"
#include "domain/types.hpp"

#include <gtest/gtest.h>

#include <set>

namespace kith::domain {
namespace {

using base::Errc;

constexpr auto app = static_cast<AppId>(1);

base::Key16 id_key(std::uint8_t first = 1) {
  base::Key16 key{};
  key[0] = first;
  return key;
}

UserId user(std::string_view name) {
  return UserId{std::string{name}};
}

std::optional<Member> member(Role role, std::string_view name = "ann") {
  return Member{.user = user(name), .role = role};
}

std::optional<Member> former(Role role, std::string_view name = "ann") {
  return Member{.user = user(name), .role = role, .until_seq = 5};
}

template <class T>
bool refused(const base::Result<T>& result, Errc code) {
  return result.has_error() && result.error().code == code;
}

constexpr Role all_roles[] = {Role::member, Role::moderator, Role::admin, Role::owner};

// --- names

TEST(Identity, two_users_have_one_direct_conversation_whoever_names_it) {
  const auto key = id_key();
  EXPECT_EQ(direct_cid(key, app, user("ann"), user("bob")),
            direct_cid(key, app, user("bob"), user("ann")));
  EXPECT_NE(direct_cid(key, app, user("ann"), user("bob")),
            direct_cid(key, app, user("ann"), user("bo")));
  EXPECT_NE(direct_cid(key, app, user("ann"), user("bob")),
            direct_cid(key, static_cast<AppId>(2), user("ann"), user("bob")));
  EXPECT_NE(direct_cid(key, app, user("ann"), user("bob")),
            direct_cid(id_key(2), app, user("ann"), user("bob")));
}

TEST(Identity, where_one_part_ends_and_the_next_begins_matters) {
  const auto key = id_key();
  EXPECT_NE(direct_cid(key, app, user("a"), user("bc")),
            direct_cid(key, app, user("ab"), user("c")));
  EXPECT_NE(group_cid(key, app, user("a"), ClientId{"bc"}),
            group_cid(key, app, user("ab"), ClientId{"c"}));
}

TEST(Identity, kinds_never_meet) {
  const auto key = id_key();
  std::set<Cid> cids{user_cid(key, app, user("ann")),
                     direct_cid(key, app, user("ann"), user("bob")),
                     group_cid(key, app, user("ann"), ClientId{"bob"}),
                     group_cid(key, app, user("bob"), ClientId{"ann"})};
  EXPECT_EQ(cids.size(), 4U);
}

TEST(Identity, a_retry_has_the_id_of_the_first_and_nobody_else_can_make_it) {
  const auto key = id_key();
  const ConversationKey where{app, direct_cid(key, app, user("ann"), user("bob"))};
  const auto id = message_id(key, where, user("ann"), ClientId{"m1"});
  EXPECT_EQ(id, message_id(key, where, user("ann"), ClientId{"m1"}));
  EXPECT_NE(id, message_id(key, where, user("bob"), ClientId{"m1"}));
  EXPECT_NE(id, message_id(key, where, user("ann"), ClientId{"m2"}));
  EXPECT_NE(id, message_id(key, {static_cast<AppId>(2), where.cid}, user("ann"), ClientId{"m1"}));
}

TEST(Identity, ids_made_by_the_server_are_valid_and_of_one_length) {
  std::set<std::string> ids;
  for (std::uint64_t random = 0; random < 50; ++random) {
    const auto id = make_client_id({1'767'261'600'000}, random);
    EXPECT_EQ(id.str().size(), 21U);
    EXPECT_TRUE(base::parse_client_id(id.str()).has_value());
    ids.insert(id.str());
  }
  EXPECT_EQ(ids.size(), 50U);
}

TEST(Identity, ids_made_by_the_server_begin_with_their_time) {
  const auto prefix = [](std::int64_t ms) { return make_client_id({ms}, 0).str().substr(0, 9); };
  EXPECT_EQ(prefix(1'000), prefix(1'000));
  EXPECT_NE(prefix(1'000), prefix(1'000'000));
}

// --- rights

TEST(Rights, a_stranger_hears_that_there_is_no_conversation) {
  EXPECT_TRUE(refused(may_read(std::nullopt), Errc::not_found));
  EXPECT_TRUE(refused(may_send(Kind::group, std::nullopt), Errc::not_found));
  EXPECT_TRUE(refused(may_add(Kind::group, std::nullopt, Role::member), Errc::not_found));
  EXPECT_TRUE(
      refused(may_remove(Kind::group, std::nullopt, member(Role::member)), Errc::not_found));
}

TEST(Rights, a_former_member_may_read_and_nothing_else) {
  EXPECT_TRUE(may_read(former(Role::owner)).has_value());
  EXPECT_TRUE(refused(may_send(Kind::group, former(Role::owner)), Errc::not_member));
  EXPECT_TRUE(refused(may_add(Kind::group, former(Role::owner), Role::member), Errc::not_member));
  EXPECT_TRUE(refused(may_remove(Kind::group, former(Role::owner), member(Role::member)),
                      Errc::not_member));
}

TEST(Rights, every_member_may_send_but_nobody_into_an_own_log) {
  for (const auto role : all_roles) {
    EXPECT_TRUE(may_send(Kind::group, member(role)).has_value());
    EXPECT_TRUE(may_send(Kind::direct, member(role)).has_value());
    EXPECT_TRUE(refused(may_send(Kind::user_log, member(role)), Errc::forbidden));
  }
}

TEST(Rights, owner_and_admin_add_below_themselves) {
  for (const auto actor : all_roles)
    for (const auto as : all_roles) {
      const bool expected =
          as != Role::owner && (actor == Role::owner || (actor == Role::admin && as < Role::admin));
      EXPECT_EQ(may_add(Kind::group, member(actor), as).has_value(), expected)
          << to_text(actor) << " adds " << to_text(as);
    }
}

TEST(Rights, members_are_added_to_groups_only) {
  EXPECT_TRUE(refused(may_add(Kind::direct, member(Role::owner), Role::member), Errc::forbidden));
  EXPECT_TRUE(refused(may_add(Kind::user_log, member(Role::owner), Role::member), Errc::forbidden));
}

TEST(Rights, others_are_removed_by_who_is_moderator_and_above_them) {
  for (const auto actor : all_roles)
    for (const auto target : all_roles) {
      const bool expected = actor >= Role::moderator && target < actor;
      EXPECT_EQ(may_remove(Kind::group, member(actor), member(target, "bob")).has_value(), expected)
          << to_text(actor) << " removes " << to_text(target);
    }
}

TEST(Rights, everybody_may_leave_a_group_and_nobody_a_direct_conversation) {
  for (const auto role : all_roles) {
    EXPECT_TRUE(may_remove(Kind::group, member(role), member(role)).has_value());
    EXPECT_TRUE(refused(may_remove(Kind::direct, member(role), member(role)), Errc::forbidden));
    EXPECT_TRUE(refused(may_remove(Kind::user_log, member(role), member(role)), Errc::forbidden));
  }
}

TEST(Rights, title_and_custom_data_of_a_group_are_for_owner_and_admin) {
  for (const auto role : all_roles) {
    EXPECT_EQ(may_update(Kind::group, member(role)).has_value(), role >= Role::admin);
    EXPECT_TRUE(refused(may_update(Kind::direct, member(role)), Errc::forbidden));
    EXPECT_TRUE(refused(may_update(Kind::user_log, member(role)), Errc::forbidden));
  }
  EXPECT_TRUE(refused(may_update(Kind::group, std::nullopt), Errc::not_found));
  EXPECT_TRUE(refused(may_update(Kind::group, former(Role::owner)), Errc::not_member));
}

TEST(Rights, the_owner_gives_any_role_and_an_admin_lower_ones_to_lower_members) {
  for (const auto actor : all_roles)
    for (const auto target : all_roles)
      for (const auto role : all_roles) {
        const bool expected = actor == Role::owner ||
                              (actor == Role::admin && target < Role::admin && role < Role::admin);
        EXPECT_EQ(may_set_role(Kind::group, member(actor), member(target, "bob"), role).has_value(),
                  expected)
            << to_text(actor) << " makes " << to_text(target) << " " << to_text(role);
      }
}

TEST(Rights, nobody_raises_himself_and_the_owner_does_not_step_down) {
  for (const auto actor : all_roles)
    for (const auto role : all_roles) {
      const bool expected = actor == Role::owner ? role == Role::owner : role <= actor;
      EXPECT_EQ(may_set_role(Kind::group, member(actor), member(actor), role).has_value(), expected)
          << to_text(actor) << " becomes " << to_text(role);
    }
}

TEST(Rights, roles_are_given_to_members_of_groups) {
  const auto owner = member(Role::owner);
  const auto bob = member(Role::member, "bob");
  EXPECT_TRUE(refused(may_set_role(Kind::direct, owner, bob, Role::admin), Errc::forbidden));
  EXPECT_TRUE(
      refused(may_set_role(Kind::group, owner, std::nullopt, Role::admin), Errc::not_found));
  EXPECT_TRUE(refused(may_set_role(Kind::group, owner, former(Role::member, "bob"), Role::admin),
                      Errc::not_found));
  EXPECT_TRUE(refused(may_set_role(Kind::group, std::nullopt, bob, Role::admin), Errc::not_found));
  EXPECT_TRUE(
      refused(may_set_role(Kind::group, former(Role::owner), bob, Role::admin), Errc::not_member));
}

TEST(Rights, who_is_not_there_can_not_be_removed) {
  EXPECT_TRUE(refused(may_remove(Kind::group, member(Role::owner), std::nullopt), Errc::not_found));
  EXPECT_TRUE(refused(may_remove(Kind::group, member(Role::owner), former(Role::member, "bob")),
                      Errc::not_found));
}

// --- types

TEST(Types, every_kind_role_and_event_has_its_name_on_the_wire) {
  EXPECT_EQ(to_text(Kind::direct), "direct");
  EXPECT_EQ(to_text(Kind::group), "group");
  EXPECT_EQ(to_text(Kind::user_log), "user");
  EXPECT_EQ(to_text(Role::member), "member");
  EXPECT_EQ(to_text(Role::moderator), "moderator");
  EXPECT_EQ(to_text(Role::admin), "admin");
  EXPECT_EQ(to_text(Role::owner), "owner");
  EXPECT_EQ(to_text(EventKind::message), "message.new");
  EXPECT_EQ(to_text(EventKind::member_added), "member.added");
  EXPECT_EQ(to_text(EventKind::member_removed), "member.removed");
  EXPECT_EQ(to_text(EventKind::member_updated), "member.updated");
  EXPECT_EQ(to_text(EventKind::conversation_added), "conversation.added");
  EXPECT_EQ(to_text(EventKind::conversation_removed), "conversation.removed");
}

TEST(Types, a_member_is_active_until_an_event_removed_him) {
  EXPECT_TRUE(member(Role::member)->active());
  EXPECT_FALSE(former(Role::member)->active());
}

TEST(Body, is_a_version_and_json_members) {
  const auto body = make_body("\"text\":\"hi\"");
  EXPECT_EQ(body.front(), body_version);
  EXPECT_EQ(json_members(body), "\"text\":\"hi\"");
  EXPECT_EQ(json_members(""), "");
  EXPECT_EQ(json_members(make_body("")), "");
}

TEST(LogEvents, are_dense_when_none_is_missing_doubled_or_elsewhere) {
  const auto page = [](std::initializer_list<Seq> seqs) {
    std::vector<LogEvent> events;
    for (const auto seq : seqs)
      events.push_back({.seq = seq});
    return events;
  };
  EXPECT_TRUE(dense_from(3, page({3})));
  EXPECT_TRUE(dense_from(3, page({3, 4, 5})));
  EXPECT_FALSE(dense_from(3, page({})));
  EXPECT_FALSE(dense_from(2, page({3, 4})));
  EXPECT_FALSE(dense_from(3, page({3, 5})));
  EXPECT_FALSE(dense_from(3, page({3, 4, 4, 6})));
  EXPECT_FALSE(dense_from(3, page({3, 5, 4})));
}

}  // namespace
}  // namespace kith::domain
