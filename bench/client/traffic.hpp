#pragma once

#include "client/schedule.hpp"
#include "client/talk.hpp"

#include <deque>

namespace kith::bench {

// `pairs` and `group`: senders write without pause, or at a rate; everybody reads.
class Traffic final : public Scenario {
 public:
  static constexpr std::uint32_t open_loop_window = 200;  // of one sender: the next ones wait
  static constexpr std::size_t waiting_max = 1'000'000;   // due and not sent, of all senders

  Traffic(Run& run, unsigned thread);

  std::string prepare() override;
  void run() override;
  std::string progress() const override;
  void on_event(Connection& connection, const Packet& packet, std::int64_t now) override;
  void on_ack(Connection& connection, const Packet& packet, std::int64_t now) override;

 private:
  void plan_pairs();
  void plan_groups();

  bool closed_loop() const noexcept { return options().rate <= 0; }

  void add_sender(std::uint32_t conversation, std::uint32_t user, std::string_view target);
  void fill(std::uint32_t stream);  // closed loop: as many as the window allows
  std::int64_t send_due();          // open loop: how long until the next is due
  void send_waiting(std::uint32_t stream);

  Talk talk_;
  Share share_;  // of pairs or groups
  std::uint32_t streams_ = 0;
  std::vector<std::deque<std::int64_t>> waiting_;  // by stream: due and not yet sent
  std::size_t waiting_count_ = 0;
  Schedule schedule_;
  bool sending_ = false;
};

}  // namespace kith::bench
