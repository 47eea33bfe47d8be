#pragma once

#include "base/random.hpp"
#include "client/schedule.hpp"
#include "client/talk.hpp"

namespace kith::bench {

// `history`: one conversation is filled; then pages at random places of it are read.
class History final : public Scenario {
 public:
  History(Run& run, unsigned thread);

  std::string prepare() override;
  void run() override;
  std::string progress() const override;
  void on_event(Connection&, const Packet& packet, std::int64_t) override;
  void on_ack(Connection& connection, const Packet& packet, std::int64_t now) override;

 private:
  static constexpr std::uint32_t fill_window = 200;
  static constexpr std::int64_t fill_s_max = 36'000;

  bool fills() const noexcept { return options().conversation.empty(); }

  void fill();
  bool ask_head();
  void ask_page(Connection& connection, std::int64_t due_ns);
  std::int64_t ask_due();
  void on_page(const Asked& asked, const Packet& packet, std::int64_t now);

  Share share_;
  std::string name_;  // external id
  Talk talk_;
  std::uint32_t writer_ = 0;  // its connection, of thread 0 only
  std::uint64_t to_send_ = 0;
  std::int64_t head_ = -1;
  base::SeededRandom random_;
  Schedule schedule_;
  std::string scratch_;
  std::uint64_t pages_ = 0;
  bool reading_ = false;
};

// `limit` messages, each `"seq"` higher than the one before and than `after`.
bool is_history_page(std::string_view answer, std::int64_t after, std::uint32_t limit);

}  // namespace kith::bench
