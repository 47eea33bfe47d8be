#pragma once

#include "client/layers.hpp"
#include "client/talk.hpp"

namespace kith::bench {

// `storm`: connects as fast as the server takes them; then, several times, all are cut off and come
// back.
class Storm final : public Scenario {
 public:
  Storm(Run& run, unsigned thread);

  std::string prepare() override;
  void run() override;
  std::string progress() const override;
  void on_event(Connection& connection, const Packet& packet, std::int64_t now) override;
  void on_ack(Connection& connection, const Packet& packet, std::int64_t now) override;

 private:
  static constexpr double settle_s = 1.5;  // what was received is known to the server by then
  static constexpr double linger_s = 0.3;  // work of a connect that comes after `hello`
  static constexpr std::uint32_t writer_window = 64;

  void connect_first();
  void come_back();
  void write_missed();
  void send_next();

  Share share_;
  Crowd crowd_;
  Talk talk_;
  std::vector<std::uint32_t> streams_;
  std::uint64_t to_send_ = 0;  // messages of this round
};

}  // namespace kith::bench
