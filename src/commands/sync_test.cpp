#include "commands/world_test.hpp"
#include "wire/json/writer.hpp"

#include <map>

namespace kith::commands {
namespace {

namespace limits = base::limits;

struct Item {
  std::string status;
  std::vector<Seq> seqs;
  std::vector<std::string> events;
  std::optional<Seq> next;

  friend bool operator==(const Item&, const Item&) = default;
};

using Items = std::map<std::string, Item>;
using Cursors = std::map<std::string, Seq>;

std::vector<Seq> range(Seq from, Seq to) {
  std::vector<Seq> seqs;
  for (Seq seq = from; seq <= to; ++seq)
    seqs.push_back(seq);
  return seqs;
}

class SyncTest : public CommandTest {
 protected:
  static std::string args(const Cursors& cursors, std::string_view more = "") {
    std::string out = R"({"cursors":[)";
    for (const auto& [cid, seq] : cursors)
      out += (out.back() == '[' ? R"({"cid":")" : R"(,{"cid":")") + cid + R"(","seq":)" +
             std::to_string(seq) + '}';
    out += ']';
    if (!more.empty()) out.append(",").append(more);
    return out + '}';
  }

  Items sync(std::string_view who, const Cursors& cursors, std::string_view more = "") {
    auto& given = run("sync", who, args(cursors, more));
    EXPECT_TRUE(given.ok());
    answer_ = &given;
    Items items;
    order_.clear();
    for (const auto one : given.json().find("conversations").value_or(Value{}).items()) {
      Item item{.status = std::string{*one.find("status")->as_string()}};
      if (const auto next = one.find("next")) item.next = next->as_uint();
      for (const auto event : one.find("events")->items()) {
        item.events.emplace_back(*event.find("event")->as_string());
        item.seqs.push_back(*event.find("data")->find("seq")->as_uint());
      }
      order_.emplace_back(*one.find("cid")->as_string());
      EXPECT_TRUE(items.emplace(order_.back(), std::move(item)).second);
    }
    return items;
  }

  void write(const std::string& cid, int count, std::size_t bytes = 1) {
    for (int i = 0; i < count; ++i)
      EXPECT_TRUE(send("ann", cid, std::string(bytes, 'x')).ok());
  }

  std::string own_log(std::string_view who) const { return base::to_text(world_.own_log(who).cid); }

  std::string group_ = make_group("ann", R"("members":["bob"])");
  Given* answer_ = nullptr;         // the last
  std::vector<std::string> order_;  // its conversations
};

TEST_F(SyncTest, what_lies_above_a_cursor_comes_in_order_with_its_name) {
  write(group_, 2);
  run("member.add", "ann", in(group_, R"("users":["dora"])"));
  write(group_, 1);
  const auto items = sync("bob", {{group_, 1}, {own_log("bob"), 1}});
  EXPECT_EQ(items.at(group_),
            (Item{"complete", {2, 3, 4}, {"message.new", "member.added", "message.new"}, {}}));
  EXPECT_EQ(items.at(own_log("bob")), (Item{"complete", {}, {}, {}}));
  EXPECT_EQ(items.size(), 2U);
  EXPECT_EQ(answer_->text("epoch"), world_.store.meta().epoch);
  EXPECT_EQ(answer_->text("next"), "(absent)");
}

TEST_F(SyncTest, an_event_is_what_is_pushed) {
  write(group_, 1);
  sync("bob", {{group_, 0}});
  const auto first = *answer_->json().find("conversations")->items().begin();
  const auto event = *first.find("events")->items().begin();
  const auto message = event.find("data")->find("text");
  EXPECT_EQ(message->as_string(), "x");
  EXPECT_EQ(event.find("data")->find("cid")->as_string(), group_);
}

TEST_F(SyncTest,
       conversations_that_are_not_named_come_from_their_beginning_if_they_tell_something) {
  make_group("ann", R"("members":["bob"],"title":"quiet")");
  world_.clock.advance(std::chrono::seconds{1});
  write(group_, 2);
  const auto items = sync("bob", {});
  EXPECT_EQ(items.at(group_).seqs, range(1, 2));
  EXPECT_EQ(items.at(own_log("bob")).events,
            (std::vector<std::string>{"conversation.added", "conversation.added"}));
  EXPECT_EQ(items.size(), 2U);
  EXPECT_EQ(order_.front(), group_);  // the latest activity first
}

TEST_F(SyncTest, more_leads_to_the_end) {
  write(group_, 7);
  std::vector<Seq> all;
  Cursors cursors{{group_, 0}};
  std::vector<std::string> states;
  do {
    const auto item = sync("bob", cursors, R"("limit":3)").at(group_);
    all.insert(all.end(), item.seqs.begin(), item.seqs.end());
    states.push_back(item.status);
    cursors[group_] = item.next.value_or(99);
  } while (states.size() < 9 && cursors[group_] != 99);
  EXPECT_EQ(all, range(1, 7));
  EXPECT_EQ(states, (std::vector<std::string>{"more", "more", "complete"}));
}

TEST_F(SyncTest, a_cursor_beyond_the_end_is_reset_to_the_beginning) {
  write(group_, 3);
  EXPECT_EQ(sync("bob", {{group_, 4}}, R"("limit":2)").at(group_),
            (Item{"reset", {1, 2}, {"message.new", "message.new"}, 2}));
  EXPECT_EQ(sync("bob", {{group_, 3}}).at(group_), (Item{"complete", {}, {}, {}}));
}

TEST_F(SyncTest, cursors_of_another_epoch_are_reset) {
  write(group_, 2);
  EXPECT_EQ(sync("bob", {{group_, 1}}, R"("epoch":"another")").at(group_).status, "reset");
  EXPECT_EQ(sync("bob", {{group_, 1}}, R"("epoch":"another")").at(group_).seqs, range(1, 2));
  const auto same = R"("epoch":")" + world_.store.meta().epoch + '"';
  EXPECT_EQ(sync("bob", {{group_, 1}}, same).at(group_).seqs, range(2, 2));
  const std::string later = "later";
  context_.current_epoch = &later;
  EXPECT_EQ(sync("bob", {{group_, 1}}, same).at(group_).status, "reset");
  EXPECT_EQ(answer_->text("epoch"), "later");
}

TEST_F(SyncTest, who_is_too_far_behind_gets_the_newest_page) {
  write(group_, static_cast<int>(limits::behind_events_max) + 1);
  const auto head = limits::behind_events_max + 1;
  const auto far = sync("bob", {{group_, 0}}, R"("limit":5)").at(group_);
  EXPECT_EQ(far.status, "reset");
  EXPECT_EQ(far.seqs, range(head - 4, head));
  EXPECT_FALSE(far.next.has_value());
  const auto near = sync("bob", {{group_, 1}}, R"("limit":5)").at(group_);
  EXPECT_EQ(near.status, "more");
  EXPECT_EQ(near.seqs, range(2, 6));
}

TEST_F(SyncTest, who_was_added_begins_there_and_who_was_removed_ends_there) {
  write(group_, 2);
  run("member.add", "ann", in(group_, R"("users":["dora"])"));
  write(group_, 1);
  EXPECT_EQ(sync("dora", {{group_, 0}}).at(group_).seqs, range(3, 4));
  EXPECT_EQ(sync("dora", {{group_, 1}}).at(group_).seqs, range(3, 4));
  run("member.remove", "ann", in(group_, R"("user":"dora")"));
  write(group_, 3);
  const auto gone = sync("dora", {{group_, 3}}).at(group_);
  EXPECT_EQ(gone.seqs, range(4, 5));
  EXPECT_EQ(gone.events.back(), "member.removed");
  EXPECT_EQ(gone.status, "complete");
  EXPECT_EQ(sync("dora", {{group_, 6}}).at(group_).seqs, range(3, 5));  // he never saw that much
  EXPECT_FALSE(sync("dora", {}).contains(group_));
}

TEST_F(SyncTest, what_one_never_was_in_can_not_be_told_from_what_is_not_there) {
  write(group_, 3);
  const std::string nowhere = "c_AAAAAAAAAAAAAAAAAAAAAA";
  const auto items = sync("eve", {{group_, 1}, {nowhere, 1}, {own_log("bob"), 0}});
  EXPECT_EQ(items.size(), 3U);
  for (const auto& [cid, item] : items)
    EXPECT_EQ(item, (Item{"reset", {}, {}, {}}));
  auto other = caller("bob");
  other.app = static_cast<base::AppId>(2);
  auto& foreign = run_as(other, "sync", args({{group_, 1}}));
  EXPECT_EQ(foreign.data.find("message.new"), std::string::npos);
}

TEST_F(SyncTest, what_can_be_no_conversation_is_passed_over_and_the_others_are_told) {
  write(group_, 3);
  const auto items = sync("bob", {{"rubbish", 1}, {"c_short", 0}, {group_, 1}});
  EXPECT_TRUE(items.contains(group_));
  EXPECT_FALSE(items.contains("rubbish"));
}

TEST_F(SyncTest, an_answer_is_bounded_in_bytes_and_says_where_to_go_on) {
  const auto second = make_group("ann", R"("members":["bob"])");
  write(group_, 20, 15'000);
  write(second, 20, 15'000);
  Cursors cursors{{group_, 1}, {second, 1}, {own_log("bob"), 2}};
  std::map<std::string, std::vector<Seq>> all;
  for (int asked = 0; asked < 10; ++asked) {
    const auto items = sync("bob", cursors);
    EXPECT_LE(answer_->data.size(), limits::history_page_bytes_max + 20'000);
    bool more = false;
    for (const auto& [cid, item] : items) {
      EXPECT_EQ(item.status, item.next ? "more" : "complete");
      all[cid].insert(all[cid].end(), item.seqs.begin(), item.seqs.end());
      if (!item.seqs.empty()) cursors[cid] = item.seqs.back();
      if (item.next) {
        EXPECT_EQ(item.next, cursors[cid]);
      }
      more = more || item.next.has_value();
    }
    if (!more) break;
  }
  EXPECT_EQ(all[group_], range(2, 20));
  EXPECT_EQ(all[second], range(2, 20));
}

TEST_F(SyncTest, what_is_reset_without_room_for_events_goes_on_from_the_beginning) {
  const auto second = make_group("ann", R"("members":["bob"])");
  write(group_, 20, 15'000);
  write(second, 20, 15'000);
  const auto items = sync("bob", {{group_, 99}, {second, 99}});
  const auto& left = items.at(group_).seqs.empty() ? items.at(group_) : items.at(second);
  EXPECT_EQ(left, (Item{"reset", {}, {}, 0}));
}

TEST_F(SyncTest, more_conversations_than_one_answer_holds_are_asked_for_with_next) {
  std::vector<std::string> groups;
  for (std::size_t i = 0; i < limits::sync_changed_max + 7; ++i) {
    if (i % 3 == 0) world_.clock.advance(std::chrono::seconds{1});
    groups.push_back(make_group("ann", R"("members":["bob"])"));
    write(groups.back(), 1);
  }
  auto found = sync("bob", {{groups.front(), 1}});
  EXPECT_EQ(found.size(), limits::sync_changed_max + 1);
  EXPECT_EQ(found.at(groups.front()).seqs, std::vector<Seq>{});
  const auto next = answer_->text("next");
  auto rest = sync("bob", {{groups.front(), 1}}, R"("next":")" + next + '"');
  EXPECT_EQ(answer_->text("next"), "(absent)");
  EXPECT_EQ(rest.erase(groups.front()), 1U);  // named: answered again
  for (const auto& [cid, item] : rest)
    EXPECT_TRUE(found.emplace(cid, item).second) << "told twice";
  EXPECT_EQ(found.size(), groups.size() + 1);  // and his own log
}

TEST_F(SyncTest, a_hole_in_a_log_is_never_passed_over_and_the_servers_log_says_where) {
  write(group_, 1);
  const auto key = key_of(group_);
  domain::LogEvent event;
  const auto head = world_.head(key);
  event.seq = head + 2;
  event.no = 2;
  event.actor = UserId{"ann"};
  event.client_id = domain::ClientId{"c"};
  auto& database = world_.store.database();
  database.execute(ports::LockStep{{key}});
  ports::WriteStep step;
  step.events.push_back({key, event});
  database.execute(step);
  database.execute(ports::CommitStep{});
  EXPECT_TRUE(run("sync", "ann", args({{group_, head}})).refused(Errc::internal));
  ASSERT_EQ(log_.lines.size(), 1U);
  EXPECT_EQ(log_.lines[0],
            "level=error event=log_has_a_hole app=1 after=" + std::to_string(head) +
                " to=" + std::to_string(head + 2));
}

TEST_F(SyncTest, what_is_asked_wrongly_is_refused) {
  for (const char* bad : {R"({"cursors":{}})",
                          R"({"cursors":[7]})",
                          R"({"cursors":[{"cid":7,"seq":1}]})",
                          R"({"cursors":[{"cid":"c_AAAAAAAAAAAAAAAAAAAAAA"}]})",
                          R"({"cursors":[{"cid":"c_AAAAAAAAAAAAAAAAAAAAAA","seq":-1}]})",
                          R"({"epoch":7})",
                          R"({"limit":0})",
                          R"({"next":"nonsense"})"})
    EXPECT_TRUE(run("sync", "bob", bad).refused(Errc::validation_failed)) << bad;
  Cursors many;
  for (std::size_t i = 0; i <= limits::cursors_max; ++i) {
    Cid cid;
    cid.bytes = {static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
    many.emplace(base::to_text(cid), 1);
  }
  EXPECT_TRUE(run("sync", "bob", args(many)).refused(Errc::validation_failed));
  many.erase(many.begin());
  EXPECT_TRUE(run("sync", "bob", args(many)).ok());
  EXPECT_TRUE(run("sync", "", "{}").refused(Errc::validation_failed));
  EXPECT_TRUE(run("sync", "bob", R"({"cursors":null,"epoch":null})").ok());
}

TEST_F(SyncTest, of_several_cursors_in_one_conversation_the_highest_counts) {
  write(group_, 5);
  const auto twice =
      R"({"cursors":[{"cid":")" + group_ + R"(","seq":2},{"cid":")" + group_ + R"(","seq":4}]})";
  auto& given = run("sync", "bob", twice);
  EXPECT_EQ(given.data.find(R"("seq":4,)"), std::string::npos);
  EXPECT_NE(given.data.find(R"("seq":5,)"), std::string::npos);
}

class Crowd : public SyncTest {
 protected:
  Given& ask(std::uint64_t connection) {
    auto who = caller("bob");
    who.origin.session = connection;
    wire::json::Parser parser;
    const auto parsed = parser.parse("{}");
    given_.push_back(std::make_unique<Given>());
    (*table_.find("sync"))(context_, who, Input{*parsed, {}}, given_.back()->into());
    return *given_.back();
  }
};

TEST_F(Crowd, many_who_ask_at_once_read_some_at_a_time_and_are_all_answered) {
  std::vector<Given*> asked;
  for (std::uint64_t connection = 1; connection <= 50; ++connection)
    asked.push_back(&ask(connection));
  EXPECT_EQ(world_.store.reads_waiting(), limits::syncs_at_once_max);
  world_.settle();
  for (const auto* one : asked)
    EXPECT_TRUE(one->ok());
}

TEST_F(Crowd, one_connection_waits_for_its_answers_before_it_asks_more) {
  const auto& first = ask(7);
  const auto& second = ask(7);
  EXPECT_TRUE(ask(7).refused(Errc::overloaded));
  const auto& other = ask(8);
  world_.settle();
  for (const auto* one : {&first, &second, &other})
    EXPECT_TRUE(one->ok());
  const auto& again = ask(7);
  world_.store.fail_read = [] { return Fault{Errc::unavailable, "later"}; };
  world_.settle();
  world_.store.fail_read = nullptr;
  EXPECT_TRUE(again.ok() || again.refused(Errc::unavailable));
  const auto& last = ask(7);
  world_.settle();
  EXPECT_TRUE(last.ok());
}

TEST_F(Crowd, those_over_rest_are_not_one_connection) {
  std::vector<Given*> asked;
  for (int i = 0; i < 9; ++i)
    asked.push_back(&ask(0));
  world_.settle();
  for (const auto* one : asked)
    EXPECT_TRUE(one->ok());
}

}  // namespace
}  // namespace kith::commands
