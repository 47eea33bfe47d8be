#include "ports/memory/peers.hpp"

#include "base/assert.hpp"

#include <utility>

namespace kith::ports {

Announced MemoryPeerTable::announce(const std::string& id, const std::string& broker) {
  const base::Instant now = clock_.now();
  rows_.insert_or_assign(id, Row{broker, now});
  std::erase_if(rows_, [now](const auto& row) { return now - row.second.seen > remembered; });
  KITH_ASSERT(rows_.size() <= peers_max);
  Announced announced{{}, epoch_};
  auto& others = announced.peers;
  for (const auto& [name, row] : rows_)
    if (name != id)
      others.push_back(
          {name,
           row.broker,
           std::chrono::duration_cast<std::chrono::milliseconds>(now - row.seen).count()});
  return announced;
}

void MemoryPeerTable::raise_epoch(const std::string& old) {
  if (epoch_ == old) epoch_ = "e" + std::to_string(++raised_);
}

void MemoryPeers::announce(Reactor& asker,
                           std::string id,
                           std::string broker,
                           base::MoveOnlyFunction<void(base::Result<Announced>)> done) {
  KITH_ASSERT(asked_.size() < asked_max);
  asked_.push_back({&asker, std::move(id), std::move(broker), std::move(done)});
}

void MemoryPeers::write(std::size_t index) {
  Asked asked = std::move(asked_.at(index));
  asked_.erase(asked_.begin() + static_cast<std::ptrdiff_t>(index));
  base::Result<Announced> result = base::Fault{};
  if (auto fault = fail ? fail() : std::nullopt)
    result = *fault;
  else
    result = table_->announce(asked.id, asked.broker);
  answers_.push_back(
      {asked.asker, [done = std::move(asked.done), result = std::move(result)]() mutable {
         done(std::move(result));
       }});
}

void MemoryPeers::answer(std::size_t index) {
  Answer answer = std::move(answers_.at(index));
  answers_.erase(answers_.begin() + static_cast<std::ptrdiff_t>(index));
  answer.asker->post(std::move(answer.task));
}

bool MemoryPeers::run() {
  bool moved = false;
  for (; !asked_.empty(); moved = true)
    write();
  for (; !answers_.empty(); moved = true)
    answer();
  return moved;
}

}  // namespace kith::ports
