#pragma once

#include "base/random.hpp"
#include "client/schedule.hpp"
#include "client/talk.hpp"

#include <map>

namespace kith::bench {

// `mixed`: a day in small. Messages at a rate, most of them one to one; typing before them,
// receipts after them, presence, and people who go away and come back.
class Mixed final : public Scenario {
 public:
  Mixed(Run& run, unsigned thread);

  std::string prepare() override;
  void run() override;
  std::string progress() const override;
  void on_ready(Connection& connection, std::int64_t now) override;
  void on_event(Connection& connection, const Packet& packet, std::int64_t now) override;
  void on_ack(Connection& connection, const Packet& packet, std::int64_t now) override;
  void on_closed(Connection& connection, std::string_view reason) override;

 private:
  static constexpr std::uint32_t direct_percent = 70;
  static constexpr std::uint32_t typing_percent = 50;   // of messages
  static constexpr std::uint32_t receipt_percent = 20;  // of deliveries
  static constexpr std::uint32_t groups_each = 3;       // about so many, of a user
  static constexpr std::uint32_t in_flight_max = 50;    // of a user
  static constexpr std::int64_t away_ns = 200'000'000;

  struct Circle {
    std::vector<std::uint32_t> members;
    std::uint32_t conversation = 0;
  };

  std::uint32_t roll(std::uint32_t sides) {
    return static_cast<std::uint32_t>(random_.next_u64() % sides);
  }

  std::string circle_name(std::size_t circle) const {
    return options().tag + "m" + std::to_string(thread_) + "-" + std::to_string(circle);
  }

  void plan_circles();
  std::int64_t turn();
  void say_something(std::int64_t due_ns);
  std::uint32_t direct_stream(std::uint32_t user);
  std::uint32_t circle_stream(std::uint32_t& user);
  void go_away();
  void note_away(std::uint32_t user);
  void ask(Connection& connection, std::string_view event, std::string_view body);
  void receipt(Connection& connection, std::string_view message);

  Share share_;
  Talk talk_;
  base::SeededRandom random_;
  std::vector<Circle> circles_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t>
      direct_;  // two users: conversation
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> streams_;  // conversation, user
  Schedule messages_;
  Schedule departures_;
  std::string scratch_;
  std::vector<bool> is_away_;  // by user: was connected and is not now
  std::uint32_t away_ = 0;
};

}  // namespace kith::bench
