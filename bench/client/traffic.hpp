#pragma once

#include "client/drive.hpp"

namespace kith::bench {

// `pairs` and `group`: senders write without pause, or at a rate; everybody reads.
class Traffic final : public Scenario {
 public:
  Traffic(Run& run, unsigned thread);

  std::string prepare() override;
  void run() override;
  std::string progress() const override;
  void on_event(Connection& connection, const Packet& packet, std::int64_t now) override;
  void on_ack(Connection& connection, const Packet& packet, std::int64_t now) override;

 private:
  void plan_pairs();
  void plan_groups();

  Talk talk_;
  Drive drive_;
  Share share_;  // of pairs or groups
};

}  // namespace kith::bench
