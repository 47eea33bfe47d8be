#pragma once

#include "client/drive.hpp"

namespace kith::bench {

// `catchup`: devices that were away come one after the other and are given everything, while others
// talk.
class Catchup final : public Scenario {
 public:
  Catchup(Run& run, unsigned thread);

  std::string prepare() override;
  void run() override;
  std::string progress() const override;
  void on_event(Connection& connection, const Packet& packet, std::int64_t now) override;
  void on_ack(Connection& connection, const Packet& packet, std::int64_t now) override;

 private:
  // Of one conversation: a server may send a gap to whom more than 1,000 events of one are missing.
  static constexpr std::uint32_t messages_each = 900;
  static constexpr std::uint32_t writer_window = 64;

  std::uint32_t device(std::uint32_t i) const noexcept { return writer_ + 1 + i; }

  std::string group_of(std::uint32_t i) const {
    return options().tag + "c" + std::to_string(thread_) + "-" + std::to_string(i);
  }

  void write();
  void send_next();
  void give_to_next();

  Talk talk_;
  Drive drive_;
  Share pairs_;
  Share devices_;
  std::uint32_t writer_ = 0;
  std::vector<std::uint32_t> streams_;  // of what the devices read
  std::uint64_t to_send_ = 0;
  std::uint32_t next_ = 0;   // device
  std::uint64_t given_ = 0;  // to the present one
  std::int64_t began_ns_ = 0;
};

}  // namespace kith::bench
