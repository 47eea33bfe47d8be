#include "delivery/world_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

// Random worlds of two or three reactors, and an observer that judges only from what clients
// received and what is stored.
namespace kith::delivery {
namespace {

using conversations::ClientId;
using domain::EventKind;

constexpr int users_count = 4;
constexpr int groups_count = 3;

std::string name_of(std::uint64_t n) {
  return std::string(1, static_cast<char>('a' + n % users_count));
}

struct Conditions {
  std::size_t reactors = 1;
  bool faults = false;
  std::size_t loaded_max = 50;              // conversations that stay in memory, at each home
  std::size_t catchup_events_max = 10'000;  // less than what is missed: gaps are told

  bool gaps() const { return catchup_events_max < 1'000; }
};

class RandomWorld {
 public:
  RandomWorld(std::uint64_t seed, const Conditions& conditions)
      : random_(seed),
        world_(conditions.reactors,
               {.catchup_events_max = conditions.catchup_events_max},
               {conditions.loaded_max, 1'000}),
        faults_(conditions.faults),
        gaps_(conditions.gaps()) {
    for (std::uint8_t n = 0; n < groups_count; ++n)
      world_.make_group(DeliveryWorld::group(n), {"a", "b", "c"});
    if (faults_) inject();
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i)
      act();
    end();
  }

 private:
  // Everything that one device received, over all its connections.
  struct Device {
    std::string user;
    std::string device;
    ClientPtr client;
    std::map<Cid, std::set<Seq>> has;  // messages, events and answers
    std::map<Cid, Seq> first;  // event: answers come at once and say nothing about lower ones
  };

  std::uint64_t pick(std::uint64_t below) { return random_.next_u64() % below; }

  void inject() {
    world_.store.fail_step = [this](const ports::Step& step) -> std::optional<ports::StepFailed> {
      if (std::holds_alternative<ports::RollbackStep>(step) || calm_ || pick(25) != 0)
        return std::nullopt;
      return ports::StepFailed{pick(2) == 0, {base::Errc::unavailable, "bad luck: try again"}};
    };
    world_.store.fail_read = [this]() -> std::optional<base::Fault> {
      if (calm_ || pick(30) != 0) return std::nullopt;
      return base::Fault{base::Errc::overloaded, "bad luck: try again"};
    };
  }

  ConversationKey some_key() {
    const auto n = pick(groups_count + 2);
    if (n < groups_count) return DeliveryWorld::group(static_cast<std::uint8_t>(n));
    return n == groups_count ? world_.direct("a", "b") : world_.direct("c", "d");
  }

  void act() {
    switch (pick(24)) {
      case 0:
        return connect();
      case 1:
        if (pick(3) == 0) disconnect(pick(devices_.size() + 1));
        return;
      case 2:
      case 3:
      case 4:
        return send();
      case 5:
        return world_.submit(world_.remove_entry(group(), name_of(pick(users_count))));
      case 6:
        return world_.submit(world_.add_entry(group(), {name_of(pick(users_count))}));
      case 7:
        if (faults_) world_.reactors[pick(world_.reactors.size())]->mailbox_full = pick(3) == 0;
        return;
      case 8:
        if (pick(10) == 0) pass_time();
        return;
      case 9:
      case 10:
        return read();
      default:
        return move();
    }
  }

  ConversationKey group() {
    return DeliveryWorld::group(static_cast<std::uint8_t>(pick(groups_count)));
  }

  void connect() {
    const auto name = name_of(pick(users_count));
    const auto device = pick(2) == 0 ? "phone" : "desk";
    auto it = std::find_if(devices_.begin(), devices_.end(), [&](const auto& known) {
      return known.user == name && known.device == device;
    });
    if (it == devices_.end()) it = devices_.insert(it, {name, device, nullptr, {}, {}});
    if (it->client) return;
    DeliveryWorld::Connect how{.reactor = pick(world_.reactors.size()), .device = device};
    if (pick(2) == 0)  // else the server remembers how far he is
      for (const auto& [cid, has] : it->has)
        if (it->first.contains(cid)) how.cursors.emplace_back(cid, gapless(has, it->first.at(cid)));
    it->client = world_.begin_connect(name, how);
  }

  // The highest number up to which nothing is missing.
  static Seq gapless(const std::set<Seq>& has, Seq first) {
    while (has.contains(first + 1))
      ++first;
    return first;
  }

  void disconnect(std::size_t index) {
    if (index >= devices_.size() || !devices_[index].client) return;
    auto& device = devices_[index];
    judge_session(device);
    world_.disconnect(device.client);
    device.client = nullptr;
  }

  void send() {
    if (devices_.empty()) return;
    auto& device = devices_[pick(devices_.size())];
    if (!device.client || device.client->closed || !device.client->session->may_send()) return;
    const auto key = some_key();
    const auto id = "m" + std::to_string(pick(10) == 0 ? pick(next_id_ + 1) : ++next_id_);
    std::string to;
    if (key == world_.direct("a", "b"))
      to = device.user == "a" ? "b" : device.user == "b" ? "a" : "";
    if (key == world_.direct("c", "d"))
      to = device.user == "c" ? "d" : device.user == "d" ? "c" : "";
    const std::string text(pick(12) == 0 ? 14'000 : 3, 'x');
    world_.begin_send(device.client, key, id, to, text);
  }

  void read() {
    if (devices_.empty()) return;
    auto& client = devices_[pick(devices_.size())].client;
    if (!client) return;
    if (pick(3) == 0) client->probe();
    client->read(pick(2) == 0 ? 1 : 40);
  }

  void pass_time() { world_.pass(std::chrono::milliseconds{pick(1'500)}); }

  void move() {
    auto& store = world_.store;
    switch (pick(5)) {
      case 0:
        store.step_lane(1 + pick(12));
        return;
      case 1:
        if (store.reads_waiting() > 0) store.look(pick(store.reads_waiting()));
        return;
      case 2:
        if (store.answers_waiting() > 0) store.answer(pick(store.answers_waiting()));
        return;
      default: {
        auto& reactor = *world_.reactors[pick(world_.reactors.size())];
        if (reactor.waiting_tasks() > 0) reactor.run_one_task();
      }
    }
  }

  // Peace: no faults, everybody is there, reads everything and waits.
  void end() {
    calm_ = true;
    for (auto& reactor : world_.reactors)
      reactor->mailbox_full = false;
    quiet();
    for (std::size_t i = 0; i < devices_.size(); ++i) {
      if (devices_[i].client && devices_[i].client->closed) disconnect(i);
      if (!devices_[i].client)
        devices_[i].client = world_.begin_connect(
            devices_[i].user,
            {.reactor = pick(world_.reactors.size()), .device = devices_[i].device});
    }
    quiet();
    judge_store();
    for (auto& device : devices_) {
      EXPECT_FALSE(device.client->closed.has_value());
      judge_session(device);
      judge_device(device);
    }
  }

  void quiet() {
    for (int round = 0; round < 8; ++round) {
      world_.read_all();
      world_.pass(std::chrono::milliseconds{200});
    }
    world_.read_all();
  }

  // --- the observer

  // Where in the log the user may see: from his joining to his removal, both included.
  bool may_see(const ConversationKey& key, const std::string& name, Seq seq) {
    if (key == world_.own_log(name)) return true;
    const auto& row = *world_.row(key);
    bool inside = row.conversation.kind == domain::Kind::direct
                      ? row.members.contains(user(name))
                      : std::string{"abc"}.find(name) != std::string::npos;
    for (const auto& [at, event] : row.log) {
      const bool about = event->subject == user(name);
      if (about && event->kind == EventKind::member_added) inside = true;
      if (at == seq) return inside;
      if (about && event->kind == EventKind::member_removed) inside = false;
    }
    return false;
  }

  // What a device received of a conversation on this connection, for the one who looks into it.
  static std::string told(const Device& device, const Cid& cid) {
    std::string out = device.user + "/" + device.device;
    for (const auto& seen : device.client->received)
      if (seen.cid == cid)
        out += ", " + seen.name + " " + std::to_string(seen.seq) + " " + seen.subject;
    return out;
  }

  void judge_session(Device& device) {
    std::map<Cid, Seq> last;
    std::map<Cid, std::set<Seq>> once;
    for (const auto& seen : device.client->received) {
      if (seen.name == "refused") continue;
      ASSERT_NE(seen.name, "session.reset");
      if (seen.name == "conversation.gap") {
        ASSERT_TRUE(gaps_);
        ASSERT_GT(seen.seq, last[seen.cid])
            << "a gap of what was shown: " << told(device, seen.cid);
        ASSERT_GE(seen.to, seen.seq);
        last[seen.cid] = seen.to;
        for (Seq seq = seen.seq; seq <= seen.to; ++seq)
          device.has[seen.cid].insert(seq);
        device.first.emplace(seen.cid, seen.seq);
        continue;
      }
      const ConversationKey key{app, seen.cid};
      if (seen.name == "message.delivered") continue;
      if (seen.name == "ack") {
        ASSERT_EQ(world_.row(key)->log.at(seen.seq)->client_id.str(), seen.client_id);
        if (!seen.duplicate) {
          ASSERT_TRUE(once[seen.cid].insert(seen.seq).second) << "own message, shown and answered";
        }
        device.has[seen.cid].insert(seen.seq);
        continue;
      }
      ASSERT_GT(seen.seq, last[seen.cid]) << "out of order, or twice: " << told(device, seen.cid);
      last[seen.cid] = seen.seq;
      ASSERT_TRUE(once[seen.cid].insert(seen.seq).second) << "own message, answered and shown";
      ASSERT_TRUE(may_see(key, device.user, seen.seq)) << "seen after removal";
      device.has[seen.cid].insert(seen.seq);
      device.first.emplace(seen.cid, seen.seq);
    }
  }

  // Whatever the user may see in what he is in now, some connection of his device has received.
  void judge_device(Device& device) {
    for (const auto& [key, row] : world_.store.database().committed().conversations) {
      const auto member = row->members.find(user(device.user));
      if (member == row->members.end() || !member->second.active()) continue;
      const auto& has = device.has[key.cid];
      for (const auto& [seq, event] : row->log) {
        if (seq < member->second.from_seq) continue;
        ASSERT_TRUE(has.contains(seq)) << device.user << "/" << device.device << " lost " << seq
                                       << " of " << base::to_text(key.cid);
      }
    }
  }

  void judge_store() {
    for (const auto& [key, row] : world_.store.database().committed().conversations) {
      Seq expected = 0;
      for (const auto& [seq, event] : row->log)
        ASSERT_EQ(seq, ++expected);
    }
  }

  base::SeededRandom random_;
  DeliveryWorld world_;
  bool faults_;
  bool gaps_;
  bool calm_ = false;
  std::vector<Device> devices_;
  std::uint64_t next_id_ = 0;
};

void run_worlds(std::uint64_t first, std::uint64_t last, const Conditions& conditions) {
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomWorld{seed, conditions}.run(900);
    if (::testing::Test::HasFatalFailure() || ::testing::Test::HasNonfatalFailure()) return;
  }
}

TEST(DeliveryProperties, nothing_is_lost_or_shown_twice_or_after_removal_on_one_reactor) {
  run_worlds(1, 25, {.reactors = 1});
}

TEST(DeliveryProperties, nothing_is_lost_or_shown_twice_or_after_removal_on_two_reactors) {
  run_worlds(100, 125, {.reactors = 2});
}

TEST(DeliveryProperties, nothing_is_lost_or_shown_twice_or_after_removal_on_three_reactors) {
  run_worlds(200, 225, {.reactors = 3});
}

TEST(DeliveryProperties, the_same_with_full_mailboxes_and_a_store_that_fails) {
  run_worlds(300, 340, {.reactors = 3, .faults = true});
}

TEST(DeliveryProperties, the_same_when_hardly_a_conversation_stays_in_memory) {
  run_worlds(400, 415, {.reactors = 2, .faults = true, .loaded_max = 1});
}

TEST(DeliveryProperties, what_is_beyond_the_budget_of_a_connect_is_told_as_a_gap) {
  run_worlds(500, 515, {.reactors = 2, .catchup_events_max = 3});
}

// The order of answers needs no luck with reads: everybody is live and reads at once.
TEST(DeliveryProperties, while_live_an_answer_comes_behind_every_event_below_it) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    base::SeededRandom random{seed};
    DeliveryWorld world{3};
    std::vector<ClientPtr> clients;
    const auto key = DeliveryWorld::group(static_cast<std::uint8_t>(seed));
    world.make_group(key, {"a", "b", "c", "d"});
    for (std::uint64_t n = 0; n < 4; ++n)
      clients.push_back(world.connect(name_of(n), {.reactor = n % 3}));
    for (int i = 0; i < 300; ++i) {
      if (random.next_u64() % 3 == 0)
        world.begin_send(clients[random.next_u64() % 4], key, "m" + std::to_string(i));
      if (random.next_u64() % 2 == 0) world.store.step_lane(1 + random.next_u64() % 5);
      auto& reactor = *world.reactors[random.next_u64() % 3];
      if (reactor.waiting_tasks() > 0) reactor.run_one_task();
      world.store.run();
    }
    world.settle();
    for (const auto& client : clients) {
      client->read_all();
      std::set<Seq> own;
      for (const auto& seen : client->received)
        if (seen.name == "ack") own.insert(seen.seq);
      std::set<Seq> got;
      for (const auto& seen : client->received) {
        if (seen.cid != key.cid) continue;
        for (Seq below = 1; seen.name == "ack" && below < seen.seq; ++below) {
          ASSERT_TRUE(got.contains(below) || own.contains(below)) << "seed " << seed;
        }
        ASSERT_TRUE(got.insert(seen.seq).second) << "seed " << seed;
      }
      ASSERT_EQ(got.size(), world.head(key)) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace kith::delivery
