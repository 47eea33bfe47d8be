#include "features/typing/typing_world_test.hpp"

#include <algorithm>

namespace kith::features::typing {
namespace {

TEST(Typing, it_ends_with_the_message_that_was_written) {
  TypingWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  const auto pair = w.make_group(2, {"ann", "bob"});
  auto& ann = w.connect("ann");
  auto& bob = w.connect("bob", 1);
  const auto say = [&](const base::ConversationKey& key, const std::string& more) {
    const auto asked = w.send(ann, key, more);
    w.settle();
    EXPECT_EQ(asked->times, 1);
    ann.take();
    Lines typing;
    for (auto& line : bob.take())
      if (line.find("typing.") != std::string::npos) typing.push_back(std::move(line));
    return typing;
  };
  w.start(ann, crew);
  w.start(ann, pair);
  bob.take();
  EXPECT_EQ(say(crew, R"(,"text":"hi")"), (Lines{w.line("stop", crew, "ann")}));
  EXPECT_EQ(say(crew, R"(,"text":"hi")"), Lines{});  // he had stopped
  EXPECT_EQ(say(pair, R"(,"text":7)"), Lines{});     // he goes on: nothing was sent
  w.pass(1s);
  EXPECT_EQ(w.start(ann, crew), "{}");
  EXPECT_EQ(bob.take(), (Lines{w.line("start", crew, "ann")}));
}

TEST(Typing, a_message_that_is_stored_after_the_connection_ended_stops_nothing) {
  TypingWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  auto& ann = w.connect("ann");
  auto& bob = w.connect("bob");
  w.start(ann, crew);
  bob.take();
  const auto asked = w.send(ann, crew, R"(,"text":"hi")");
  w.leave(ann);
  w.settle();
  EXPECT_EQ(asked->times, 1);
  EXPECT_EQ(w.typing[0]->noted(), 0U);
  auto heard = bob.take();
  EXPECT_EQ(std::count(heard.begin(), heard.end(), w.line("stop", crew, "ann")), 1);
}

}  // namespace
}  // namespace kith::features::typing
