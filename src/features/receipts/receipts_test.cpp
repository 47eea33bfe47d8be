#include "features/receipts/receipts.hpp"

#include "base/names.hpp"
#include "commands/asked_test.hpp"
#include "delivery/hubs_test.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace kith::features::receipts {
namespace {

using delivery::testing::app;
using delivery::testing::other_app;
using delivery::testing::Person;
using Lines = std::vector<std::string>;

class ReceiptsWorld : public delivery::testing::People {
 public:
  ReceiptsWorld() : receipts(*hubs[0]) { receipts.add_commands(desk.table); }

  ReceiptsWorld(const ReceiptsWorld&) = delete;
  ReceiptsWorld& operator=(const ReceiptsWorld&) = delete;

  ~ReceiptsWorld() override {
    for (auto& person : people)
      person.session.reset();
    settle();
  }

  Person& begin_connect(const std::string& name, const std::string& device = "") {
    return People::begin_connect(name, 0, app, device);
  }

  Person& connect(const std::string& name, const std::string& device = "") {
    auto& person = begin_connect(name, device);
    settle();
    person.take();
    return person;
  }

  commands::testing::AskedPtr begin(const Person& person,
                                    std::string_view command,
                                    const std::string& args) {
    const commands::Caller caller{.app = person.user.app,
                                  .user = person.user.user,
                                  .origin = {0, person.session ? person.session->id() : 0}};
    return desk.ask(caller, {command, args});
  }

  std::string ask_now(const Person& person, std::string_view command, const std::string& args) {
    const auto asked = begin(person, command, args);
    settle();
    EXPECT_EQ(asked->times, 1);
    return asked->text;
  }

  // What is stored for the device, after the connection has ended.
  std::optional<base::Seq> cursor(const std::string& name,
                                  const std::string& device,
                                  base::Cid of) {
    std::optional<base::Seq> found;
    store.memberships_of(
        *reactors[0], {app, base::UserId{name}}, base::DeviceId{device}, {of}, [&](auto rows) {
          found = rows->at(0).device_cursor;
        });
    settle();
    return found;
  }

  commands::testing::Desk desk{*this, 0};
  Receipts receipts;
};

std::string at(const base::ConversationKey& key, const std::string& seq) {
  return R"({"cid":")" + base::to_text(key.cid) + R"(","seq":)" + seq + "}";
}

std::string cursors(const std::string& items) {
  return R"({"cursors":[)" + items + "]}";
}

std::string stand(const std::string& items, int total) {
  return R"({"cursors":[)" + items + R"(],"total_unread":)" + std::to_string(total) + "}";
}

std::string told(const base::ConversationKey& key, int seq, int unread, int total) {
  return R"(2["receipt.self",{"cid":")" + base::to_text(key.cid) + R"(","read_seq":)" +
         std::to_string(seq) + R"(,"unread":)" + std::to_string(unread) + R"(,"total_unread":)" +
         std::to_string(total) + "}]";
}

// A reactor tells at most once in this time.
constexpr base::Duration moment = std::chrono::milliseconds{base::limits::ticks_interval_ms};

// What came of one kind of event.
Lines only(Person& person, std::string_view event) {
  auto lines = person.take();
  std::erase_if(lines, [&](const auto& line) { return line.find(event) == std::string::npos; });
  return lines;
}

Lines self(Person& person) {
  return only(person, "receipt.self");
}

TEST(Receipts, reading_answers_the_place_and_the_total_and_tells_the_other_devices_only) {
  ReceiptsWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  const auto team = w.make_group(2, {"ann", "bob"});
  w.write(crew, "ann", 5);
  w.write(team, "ann", 2);
  auto& ann = w.connect("ann");
  auto& phone = w.connect("bob", "phone");
  auto& laptop = w.connect("bob", "laptop");
  EXPECT_EQ(w.ask_now(phone, "receipt.read", cursors(at(crew, "3"))), stand(at(crew, "3"), 4));
  w.pass(moment);
  EXPECT_EQ(self(phone), (Lines{}));
  EXPECT_EQ(self(laptop), (Lines{told(crew, 3, 2, 4)}));
  EXPECT_EQ(self(ann), (Lines{}));
}

TEST(Receipts, a_mark_never_falls_and_what_changed_nothing_is_not_told) {
  ReceiptsWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  w.write(crew, "ann", 5);
  auto& phone = w.connect("bob", "phone");
  auto& laptop = w.connect("bob", "laptop");
  w.ask_now(phone, "receipt.read", cursors(at(crew, "4")));
  w.pass(moment);
  laptop.take();
  EXPECT_EQ(w.ask_now(phone, "receipt.read", cursors(at(crew, "4"))), stand(at(crew, "4"), 1));
  EXPECT_EQ(w.ask_now(phone, "receipt.read", cursors(at(crew, "1"))), stand(at(crew, "4"), 1));
  EXPECT_EQ(w.ask_now(phone, "receipt.read", cursors(at(crew, "0"))), stand(at(crew, "4"), 1));
  w.pass(std::chrono::seconds{5});
  EXPECT_EQ(self(laptop), (Lines{}));
}

TEST(Receipts, a_place_above_the_head_is_the_head) {
  ReceiptsWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  w.write(crew, "ann", 3);
  auto& bob = w.connect("bob", "phone");
  const std::string huge = std::to_string(base::seq_wire_max);
  EXPECT_EQ(w.ask_now(bob, "receipt.read", cursors(at(crew, huge))), stand(at(crew, "3"), 0));
  EXPECT_EQ(w.ask_now(bob, "receipt.delivered", cursors(at(crew, huge))), stand(at(crew, "3"), 0));
  w.write(crew, "ann", 1);
  EXPECT_EQ(w.ask_now(bob, "receipt.read", cursors(at(crew, "3"))), stand(at(crew, "3"), 1));
}

TEST(Receipts, of_two_places_in_one_conversation_the_higher_counts) {
  ReceiptsWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  w.write(crew, "ann", 5);
  auto& bob = w.connect("bob");
  for (const std::string_view command : {"receipt.read", "receipt.delivered"})
    EXPECT_EQ(w.ask_now(bob, command, cursors(at(crew, "4") + "," + at(crew, "2"))),
              stand(at(crew, "4"), command == "receipt.read" ? 1 : 1));
}

TEST(Receipts, what_was_read_was_received) {
  ReceiptsWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  w.write(crew, "ann", 5);
  auto& bob = w.connect("bob", "phone");
  w.ask_now(bob, "receipt.read", cursors(at(crew, "3")));
  EXPECT_EQ(w.ask_now(bob, "receipt.delivered", cursors(at(crew, "1"))), stand(at(crew, "3"), 2));
  bob.session.reset();
  w.settle();
  EXPECT_EQ(w.cursor("bob", "phone", crew.cid), 3U);
}

TEST(Receipts, what_is_said_before_the_conversations_are_found_is_kept) {
  ReceiptsWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  w.write(crew, "ann", 5);
  auto& bob = w.begin_connect("bob", "phone");
  const auto asked = w.begin(bob, "receipt.delivered", cursors(at(crew, "9")));
  w.settle();
  EXPECT_EQ(asked->text, stand(at(crew, "5"), 5));
  bob.session.reset();
  w.settle();
  EXPECT_EQ(w.cursor("bob", "phone", crew.cid), 5U);
}

TEST(Receipts, a_stranger_learns_nothing_of_what_exists) {
  ReceiptsWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  w.write(crew, "ann", 5);
  auto& eve = w.connect("eve");
  base::ConversationKey unknown{app, {}};
  unknown.cid.bytes = {'?'};
  auto& elsewhere = w.connect("bob");
  elsewhere.user.app = other_app;  // the same name in another application
  for (const std::string_view command : {"receipt.read", "receipt.delivered"}) {
    EXPECT_EQ(w.ask_now(eve, command, cursors(at(crew, "1"))), "!not_found");
    EXPECT_EQ(w.ask_now(eve, command, cursors(at(unknown, "1"))), "!not_found");
    EXPECT_EQ(w.ask_now(eve, command, R"({"cursors":[{"cid":"c_no","seq":1}]})"), "!not_found");
  }
  EXPECT_EQ(w.ask_now(elsewhere, "receipt.read", cursors(at(crew, "1"))), "!not_found");
}

TEST(Receipts, one_foreign_conversation_refuses_the_whole_request) {
  ReceiptsWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  const auto secret = w.make_group(2, {"ann"});
  w.write(crew, "ann", 5);
  auto& bob = w.connect("bob");
  EXPECT_EQ(w.ask_now(bob, "receipt.read", cursors(at(crew, "5") + "," + at(secret, "1"))),
            "!not_found");
  EXPECT_EQ(w.ask_now(bob, "receipt.read", cursors(at(crew, "0"))), stand(at(crew, "0"), 5));
}

TEST(Receipts, an_odd_argument_is_refused) {
  ReceiptsWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  auto& bob = w.connect("bob");
  const auto cid = base::to_text(crew.cid);
  std::string many = at(crew, "1");
  for (std::size_t i = 0; i < base::limits::cursors_max; ++i)
    many += "," + at(crew, "1");
  for (const std::string& args : {std::string{"null"},
                                  std::string{"{}"},
                                  cursors(""),
                                  cursors(many),
                                  cursors("7"),
                                  cursors("{}"),
                                  cursors(R"({"cid":7,"seq":1})"),
                                  cursors(R"({"cid":")" + cid + R"("})"),
                                  cursors(at(crew, "null")),
                                  cursors(at(crew, "-1")),
                                  cursors(at(crew, "1.5")),
                                  cursors(at(crew, "\"1\"")),
                                  cursors(at(crew, "9007199254740992")),
                                  cursors(at(crew, "1e300")),
                                  std::string{R"({"cursors":{"cid":1}})"}})
    for (const std::string_view command : {"receipt.read", "receipt.delivered"})
      EXPECT_EQ(w.ask_now(bob, command, args), "!validation_failed") << args;
}

TEST(Receipts, over_rest_one_reads_for_all_devices_and_receives_for_none) {
  ReceiptsWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  w.write(crew, "ann", 2);
  auto& phone = w.connect("bob", "phone");
  Person rest;
  rest.user = phone.user;
  EXPECT_EQ(w.ask_now(rest, "receipt.read", cursors(at(crew, "1"))), stand(at(crew, "1"), 1));
  w.pass(moment);
  EXPECT_EQ(self(phone), (Lines{told(crew, 1, 1, 1)}));
  EXPECT_EQ(w.ask_now(rest, "receipt.delivered", cursors(at(crew, "1"))), "!validation_failed");
  rest.user.user = {};
  EXPECT_EQ(w.ask_now(rest, "receipt.read", cursors(at(crew, "1"))), "!validation_failed");
}

TEST(Receipts, a_slow_device_is_not_told) {
  ReceiptsWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  w.write(crew, "ann", 2);
  auto& phone = w.connect("bob", "phone");
  auto& slow = w.connect("bob", "slow");
  slow.queued = base::limits::outbox_high_bytes + 1;
  w.ask_now(phone, "receipt.read", cursors(at(crew, "1")));
  w.pass(moment);
  EXPECT_EQ(slow.take(), (Lines{}));
}

TEST(Receipts, when_the_store_refuses_the_caller_is_told) {
  ReceiptsWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  w.write(crew, "ann", 2);
  auto& bob = w.connect("bob", "phone");
  w.store.lane_full = true;
  EXPECT_EQ(w.ask_now(bob, "receipt.read", cursors(at(crew, "1"))), "!overloaded");
  w.store.lane_full = false;
  w.store.fail_read = [] { return base::Fault{base::Errc::unavailable, "later"}; };
  EXPECT_EQ(w.ask_now(bob, "receipt.read", cursors(at(crew, "2"))), "!unavailable");
  EXPECT_EQ(w.ask_now(bob, "receipt.delivered", cursors(at(crew, "2"))), "!unavailable");
  auto& early = w.begin_connect("ann", "phone");
  EXPECT_EQ(w.begin(early, "receipt.delivered", cursors(at(crew, "2")))->times, 0);
  w.settle();
  w.store.fail_read = nullptr;
}

TEST(Receipts, a_connection_that_ends_before_the_answer_harms_nobody) {
  ReceiptsWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  w.write(crew, "ann", 2);
  auto& phone = w.connect("bob", "phone");
  auto& laptop = w.connect("bob", "laptop");
  const auto asked = w.begin(phone, "receipt.read", cursors(at(crew, "1")));
  phone.session.reset();
  w.settle();
  EXPECT_EQ(asked->times, 1);
  w.pass(moment);
  EXPECT_EQ(self(laptop), (Lines{told(crew, 1, 1, 1)}));
}

TEST(Receipts, who_is_out_of_a_conversation_is_told_what_is_left_unread_on_each_device) {
  ReceiptsWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  const auto team = w.make_group(2, {"ann", "bob"});
  w.write(crew, "ann", 5);
  w.write(team, "ann", 2);
  auto& ann = w.connect("ann");
  auto& phone = w.connect("bob", "phone");
  auto& laptop = w.connect("bob", "laptop");
  w.remove(crew, "ann", "bob");
  const auto left = R"(2["unread.updated",{"cid":")" + base::to_text(crew.cid) +
                    R"(","unread":0,"total_unread":2}])";
  for (auto* device : {&phone, &laptop})
    EXPECT_EQ(only(*device, "unread.updated"), (Lines{left}));
  EXPECT_EQ(only(ann, "unread.updated"), (Lines{}));
}

}  // namespace
}  // namespace kith::features::receipts
