#include "node.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kith::simulation {

void SimLogger::log(base::LogLevel level,
                    std::string_view event,
                    std::initializer_list<base::LogField> fields) {
  world_.tell(
      [&] { return fmt::format("{} log {}", node_, base::format_log_line(level, event, fields)); });
  if (level == base::LogLevel::error)
    world_.violation("an error in the log", base::format_log_line(level, event, fields));
}

SimNode::SimNode(Ground ground)
    : ground_(std::move(ground)),
      logger_(ground_.world, ground_.name),
      store_(std::make_unique<SimStore>(ground_.database)),
      peers_(ground_.world, ground_.broker.peers()),
      self_(std::make_shared<SimNode*>(this)) {
  std::vector<server::ReactorSeat> seats;
  for (std::size_t i = 0; i < ground_.reactors; ++i) {
    reactors_.push_back(std::make_unique<SimReactor>(ground_.world, i, ground_.reactors));
    streams_.push_back(std::make_unique<SimStreams>(*reactors_.back()));
    links_.push_back(ground_.broker.connect(*reactors_.back()));
    seats.push_back({.reactor = *reactors_.back(),
                     .streams = *streams_.back(),
                     .streams_open = [streams = streams_.back().get()] { return streams->open(); },
                     .link = links_.back().get(),
                     .peers = &peers_});
  }
  wiring_ = std::make_unique<server::Wiring>(
      server::Wiring::Ground{
          .config = ground_.config, .store = *store_, .logger = logger_, .connections_max = 10'000},
      seats);
  wiring_->set_credentials(ground_.credentials);
}

SimNode::~SimNode() {
  *self_ = nullptr;
  wiring_.reset();
  store_.reset();
  links_.clear();
}

WirePtr SimNode::connect(WireOptions options) {
  auto wire = std::make_shared<Wire>(ground_.world, options, name());
  std::erase_if(wires_, [](const auto& old) { return old.expired(); });
  wires_.push_back(wire);
  const auto at = next_++ % reactors_.size();
  reactors_[at]->post(
      [http = &(*wiring_)[at].http(), wire] { http->accept(std::make_unique<SimReleased>(wire)); });
  return wire;
}

void SimNode::die(bool told) {
  for (const auto& wire : wires_)
    if (const auto open = wire.lock()) open->server_died(told);
  store_->die();
}

void SimNode::stall(Duration duration) {
  for (const auto& reactor : reactors_)
    reactor->stall(duration);
}

void SimNode::drain(Duration over, base::Task done) {
  draining_ = true;
  wiring_->begin_drain();
  for (std::size_t i = 0; i < reactors_.size(); ++i)
    reactors_[i]->post([parts = &(*wiring_)[i], over] {
      parts->gateway().move_all(std::chrono::duration_cast<std::chrono::milliseconds>(over));
    });
  ground_.world.at(over, [self = self_, done = std::move(done)]() mutable {
    if (*self == nullptr) return;
    auto& me = **self;
    for (std::size_t i = 0; i < me.reactors_.size(); ++i)
      me.reactors_[i]->post([parts = &(*me.wiring_)[i]] { parts->hub().flush_cursors(); });
    me.ground_.world.at(5ms, [self, done = std::move(done)]() mutable {
      if (*self == nullptr) return;
      (*self)->store_->begin_drain();
      (*self)->when_lane_is_idle(std::move(done));
    });
  });
}

void SimNode::when_lane_is_idle(base::Task done) {
  if (store_->lane_idle()) return end_drain(std::move(done));
  ground_.world.at(10ms, [self = self_, done = std::move(done)]() mutable {
    if (*self != nullptr) (*self)->when_lane_is_idle(std::move(done));
  });
}

void SimNode::end_drain(base::Task done) {
  for (std::size_t i = 0; i < reactors_.size(); ++i)
    reactors_[i]->post(
        [parts = &(*wiring_)[i]] { parts->gateway().close_all(delivery::CloseCode::draining); });
  ground_.world.at(2s, std::move(done));
}

std::string SimNode::left_over() {
  std::string left;
  const auto count = [&](std::string_view what, std::size_t number) {
    if (number > 0) left += fmt::format(" {}: {} {}", ground_.name, number, what);
  };
  for (std::size_t i = 0; i < reactors_.size(); ++i) {
    auto& parts = (*wiring_)[i];
    count("sessions", parts.hub().sessions());
    count("channels", parts.hub().channels());
    count("clients", parts.gateway().clients());
    count("engine sessions", parts.engine().sessions());
    count("connections", parts.http().connections());
    count("topics", parts.relay()->topics());
    count("open skips", parts.relay()->open_skips());
    count("unpublished heads", parts.relay()->unpublished());
    count("streams", streams_[i]->open());
    count("tasks", reactors_[i]->tasks_waiting());
  }
  count("entries at the lane", store_->entries_waiting());
  count("reads", store_->reads_waiting() + store_->answers_waiting());
  return left;
}

}  // namespace kith::simulation
