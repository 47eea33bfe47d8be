#include "gateway/connect_replies.hpp"

#include "base/limits.hpp"

#include <chrono>
#include <utility>

namespace kith::gateway {

namespace {

constexpr std::chrono::milliseconds longest{base::limits::connect_reply_wait_ms};

}  // namespace

ConnectReplies::ConnectReplies(ports::Reactor& reactor,
                               base::MoveOnlyFunction<void(std::uint64_t)> overdue)
    : reactor_(reactor), overdue_(std::move(overdue)) {}

void ConnectReplies::hold(std::uint64_t client, Messages reply) {
  held_[client] = std::move(reply);
  due_.push_back({reactor_.clock().now() + longest, client});
  watch();
}

ConnectReplies::Messages ConnectReplies::take(std::uint64_t client) {
  const auto found = held_.find(client);
  if (found == held_.end()) return {};
  auto reply = std::move(found->second);
  held_.erase(found);
  return reply;
}

void ConnectReplies::watch() {
  if (due_.empty() || alarm_.armed()) return;
  reactor_.arm(alarm_, due_.front().at - reactor_.clock().now());
}

void ConnectReplies::on_alarm() {
  const auto now = reactor_.clock().now();
  while (!due_.empty() && due_.front().at <= now) {
    const auto client = due_.front().client;
    due_.pop_front();
    if (held_.contains(client)) overdue_(client);
  }
  watch();
}

}  // namespace kith::gateway
