#include "base/assert.hpp"
#include "ports/memory/broker.hpp"

#include <utility>

namespace kith::ports {

void MemoryLink::start(BrokerListener& listener) {
  KITH_ASSERT(listener_ == nullptr);
  listener_ = &listener;
  broker_.want_up(id_);
}

void MemoryLink::subscribe(std::vector<std::string> channels) {
  if (up_) broker_.send(id_, MemoryBroker::Subscription{std::move(channels), true});
}

void MemoryLink::unsubscribe(std::vector<std::string> channels) {
  if (up_) broker_.send(id_, MemoryBroker::Subscription{std::move(channels), false});
}

void MemoryLink::publish(std::string channel, std::string payload, Count receivers) {
  if (up_)
    broker_.send(
        id_, MemoryBroker::Publish{std::move(channel), std::move(payload), std::move(receivers)});
}

void MemoryLink::count(std::vector<std::string> channels, Counts counts) {
  if (up_) broker_.send(id_, MemoryBroker::Ask{std::move(channels), std::move(counts)});
}

void MemoryLink::reconnect() {
  if (up_) broker_.notice(id_);
}

// --- what the broker calls

void MemoryLink::come_up(std::string server) {
  connection_ = std::make_shared<const bool>(true);
  post([this, server = std::move(server)]() mutable {
    up_ = true;
    server_ = std::move(server);
    listener_->on_up();
  });
}

void MemoryLink::go_down() {
  connection_.reset();
  reactor_.post([this, link = std::weak_ptr<const bool>{alive_}] {
    if (link.expired()) return;
    broker_.want_up(id_);
    server_.clear();
    if (std::exchange(up_, false)) listener_->on_down();
  });
}

void MemoryLink::hear(MemoryBroker::Message message) {
  post([this, message = std::move(message)] {
    if (message.confirmation)
      listener_->on_subscribed(message.channel);
    else
      listener_->on_message(message.channel, message.payload);
  });
}

void MemoryLink::post(base::Task task) {
  reactor_.post(
      [task = std::move(task), connection = std::weak_ptr<const bool>{connection_}]() mutable {
        if (!connection.expired()) task();
      });
}

}  // namespace kith::ports
