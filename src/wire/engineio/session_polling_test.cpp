#include "wire/engineio/session.hpp"
#include "wire/engineio/session_test_world.hpp"

#include <gtest/gtest.h>

namespace kith::wire::engineio {
namespace {

using testing::Strings;
using testing::World;

// ---- polling

TEST(Session, a_poll_is_held_until_something_is_sent_and_takes_all_of_a_tick) {
  World w;
  w.polling();
  EXPECT_EQ(w.get("a"), "held");
  w.send("1");
  w.send("2");
  EXPECT_TRUE(w.out.take().empty());
  w.tick();
  EXPECT_EQ(w.out.take(),
            (Strings{"answer 41\x1e"
                     "42",
                     "checkpoint 1"}));
}

TEST(Session, what_was_queued_answers_the_next_poll_at_once) {
  World w;
  w.polling();
  w.send("1");
  EXPECT_FALSE(w.out.flush_wanted);
  EXPECT_EQ(w.get("a"), "41");
}

TEST(Session, binary_leaves_in_the_form_of_the_revision) {
  World four;
  four.polling();
  four.session.send(OutMessage::binary("\x01\x02"));
  EXPECT_EQ(four.get(), "bAQI=");
  World three(Revision::v3, true);
  three.polling();
  three.session.send(OutMessage::binary("\x01\x02"));
  EXPECT_EQ(three.get(), "6:b4AQI=");
  World octets(Revision::v3);
  octets.polling();
  octets.session.send(OutMessage::binary("\x01\x02"));
  const auto decision = octets.session.on_get("", octets.now);
  EXPECT_EQ(decision.answer.form, PayloadForm::octets);
  EXPECT_EQ(*decision.answer.body, (std::string{"\x01\x03\xff\x04\x01\x02"}));
}

TEST(Session, a_post_delivers_its_packets_in_order) {
  World w;
  w.polling();
  EXPECT_TRUE(
      w.post("4a\x1e"
             "bAQI=\x1e"
             "4b"));
  EXPECT_EQ(w.out.take(), (Strings{"text a", "binary \x01\x02", "text b"}));
}

TEST(Session, packets_that_mean_nothing_from_a_client_are_ignored) {
  World w;
  w.polling();
  EXPECT_TRUE(
      w.post("0{}\x1e"
             "5\x1e"
             "6\x1e"
             "3"));
  EXPECT_TRUE(w.out.take().empty());
  EXPECT_FALSE(w.session.closed());
}

TEST(Session, a_bad_packet_closes_after_those_before_it_and_the_post_is_still_ok) {
  World w;
  w.polling();
  EXPECT_EQ(w.get(), "held");
  EXPECT_TRUE(
      w.post("4a\x1e"
             "9\x1e"
             "4b"));
  EXPECT_EQ(w.out.take(), (Strings{"text a", "answer 1", "closed parse error", "gone"}));
}

TEST(Session, octets_in_revision_4_are_refused_and_close) {
  World w;
  w.polling();
  EXPECT_FALSE(w.post("4a", PayloadForm::octets));
  EXPECT_EQ(w.out.take(), (Strings{"closed transport error", "gone"}));
}

TEST(Session, two_gets_at_once_close_the_session_and_the_first_is_told) {
  World w;
  w.polling();
  EXPECT_EQ(w.get("a"), "held");
  w.send("1");
  EXPECT_EQ(w.get("b"), "refused");
  EXPECT_EQ(w.out.take(),
            (Strings{"answer 41\x1e"
                     "1",
                     "closed transport error",
                     "gone"}));
  EXPECT_EQ(w.get("c"), "refused");
}

TEST(Session, two_posts_at_once_close_the_session_and_the_first_is_dropped) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_post_begin());
  EXPECT_FALSE(w.session.on_post_begin());
  EXPECT_EQ(w.out.take(), (Strings{"drop post", "closed transport error", "gone"}));
  EXPECT_FALSE(w.session.on_post(PayloadForm::text, "4a", w.now));
  EXPECT_TRUE(w.out.take().empty());
}

TEST(Session, posts_one_after_the_other_are_fine) {
  World w;
  w.polling();
  EXPECT_TRUE(w.post("4a"));
  EXPECT_TRUE(w.post("4b"));
  EXPECT_EQ(w.out.take(), (Strings{"text a", "text b"}));
}

TEST(Session, aborting_a_held_get_closes) {
  World w;
  w.polling();
  w.session.on_get_aborted();
  EXPECT_TRUE(w.out.take().empty()) << "nothing was held";
  EXPECT_EQ(w.get(), "held");
  w.session.on_get_aborted();
  EXPECT_EQ(w.out.take(), (Strings{"closed transport error", "gone"}));
}

TEST(Session, aborting_a_post_closes) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_post_begin());
  w.session.on_post_aborted();
  EXPECT_EQ(w.out.take(), (Strings{"closed transport error", "gone"}));
}

// ---- proof of receipt over polling

TEST(Session, the_next_poll_proves_the_last_answer) {
  World w;
  w.polling();
  EXPECT_EQ(w.get("a"), "held");
  w.send("1");
  w.tick();
  EXPECT_EQ(w.out.take(), (Strings{"answer 41", "checkpoint 1"}));
  EXPECT_EQ(w.get("b"), "held");
  EXPECT_EQ(w.out.take(), (Strings{"proved 1"}));
}

TEST(Session, a_repeated_poll_gets_the_last_answer_again_and_proves_nothing) {
  World w;
  w.polling();
  w.send("1");
  EXPECT_EQ(w.get("a"), "41");
  w.out.take();
  w.send("2");
  EXPECT_EQ(w.get("a"), "41");
  EXPECT_EQ(w.get("a"), "41");
  EXPECT_TRUE(w.out.take().empty());
  EXPECT_EQ(w.get("b"), "42");
  EXPECT_EQ(w.out.take(), (Strings{"proved 1", "checkpoint 2"}));
}

TEST(Session, polls_without_t_are_never_repetitions) {
  World w;
  w.polling();
  w.send("1");
  EXPECT_EQ(w.get(), "41");
  EXPECT_EQ(w.get(), "held");
}

TEST(Session, a_giant_t_is_not_kept) {
  World w;
  w.polling();
  const std::string t(1000, 'x');
  w.send("1");
  EXPECT_EQ(w.get(t), "41");
  EXPECT_EQ(w.get(t), "held");
}

TEST(Session, bytes_wait_until_the_next_poll_takes_or_proves_them) {
  World w;
  w.polling();
  EXPECT_EQ(w.session.queued_bytes(), 0U);
  w.send("123");
  EXPECT_EQ(w.session.queued_bytes(), 4U);
  EXPECT_EQ(w.get("a"), "4123");
  EXPECT_EQ(w.session.queued_bytes(), 4U);
  EXPECT_EQ(w.get("b"), "held");
  EXPECT_EQ(w.session.queued_bytes(), 0U);
}

}  // namespace
}  // namespace kith::wire::engineio
