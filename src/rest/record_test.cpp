#include "rest/record.hpp"

#include "base/names.hpp"
#include "rest/api_test_world.hpp"

#include <gtest/gtest.h>

namespace kith::rest::testing {
namespace {

using Lines = std::vector<std::string>;

constexpr Route send{"POST", "/x", Action::run, "message.send", Element::conversation, 201, {}};
constexpr Route list{"GET", "/x", Action::run, "member.list", Element::conversation, 200, {}};
constexpr Route revoke{"DELETE", "/x", Action::revoke, {}, Element::user, 200, {}};

Ask ask(const Route& route, bool application = true, std::string user = "ann") {
  Ask made;
  made.route = &route;
  made.element = "to:bob";
  made.access = Access{};
  made.access->identity.application = application;
  made.access->identity.app_name = "shop";
  made.access->identity.kid = "k1";
  made.access->user = base::UserId{std::move(user)};
  return made;
}

TEST(Record, of_a_message_names_its_event) {
  base::LinesLogger log;
  commands::Answer answer;
  answer.sent = commands::Sent{.key = {base::AppId{1}, {}}, .seq = 7, .id = {}};
  Record{log, ask(send)}.close(base::Result<commands::Answer>{answer});
  EXPECT_EQ(log.lines,
            (Lines{"level=audit event=acted_for app=shop kid=k1 user=ann what=message.send in=" +
                   base::to_text(base::Cid{}) + " seq=7 code=ok"}));
}

TEST(Record, of_a_change_takes_the_event_from_the_answer_and_the_place_from_the_path) {
  base::LinesLogger log;
  Record{log, ask(send)}.close(commands::Answer{R"({"seq":12})", {}});
  Record{log, ask(send)}.close(commands::Answer{R"({"added":[]})", {}});
  Record{log, ask(send)}.close(commands::Answer{R"({"cid":"c_made","kind":"group"})", {}});
  Record{log, ask(revoke)}.close(std::nullopt);
  const std::string start = "level=audit event=acted_for app=shop kid=k1 user=ann what=";
  EXPECT_EQ(log.lines,
            (Lines{start + "message.send in=to:bob seq=12 code=ok",
                   start + R"(message.send in=to:bob seq="" code=ok)",
                   start + R"(message.send in=c_made seq="" code=ok)",
                   start + R"(sessions in="" seq="" code=ok)"}));
}

TEST(Record, of_what_failed_or_was_never_answered_says_so) {
  base::LinesLogger log;
  Record{log, ask(send)}.close(
      base::Result<commands::Answer>{base::Fault{base::Errc::not_found, ""}});
  { const Record moved{Record{log, ask(send)}}; }
  ASSERT_EQ(log.lines.size(), 2U);
  EXPECT_TRUE(log.lines[0].ends_with(" code=not_found")) << log.lines[0];
  EXPECT_TRUE(log.lines[1].ends_with(" code=unanswered")) << log.lines[1];
}

TEST(Record, of_what_the_application_does_itself_names_no_user) {
  base::LinesLogger log;
  Record{log, ask(send, true, "")}.close(commands::Answer{R"({"seq":12})", {}});
  EXPECT_EQ(log.lines,
            (Lines{R"(level=audit event=acted app=shop kid=k1 user="" what=message.send in=to:bob )"
                   R"(seq=12 code=ok)"}));
}

TEST(Record, is_not_made_of_what_reads_or_of_what_users_do) {
  base::LinesLogger log;
  Record{log, ask(list)}.close(std::nullopt);
  Record{log, ask(send, false)}.close(std::nullopt);
  EXPECT_TRUE(log.lines.empty());
}

}  // namespace
}  // namespace kith::rest::testing
