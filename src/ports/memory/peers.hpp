#pragma once

#include "base/time.hpp"
#include "ports/peers.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kith::ports {

// The table that the nodes of a test share.
class MemoryPeerTable {
 public:
  static constexpr base::Duration remembered = std::chrono::minutes{1};
  static constexpr std::size_t peers_max = 1'024;  // within that time

  explicit MemoryPeerTable(const base::Clock& clock) : clock_(clock) {}

  std::size_t size() const noexcept { return rows_.size(); }

  // Writes it, forgets who was not seen for a minute, and tells the others.
  Announced announce(const std::string& id, const std::string& broker);

  void raise_epoch(const std::string& old);

  const std::string& epoch() const noexcept { return epoch_; }

 private:
  struct Row {
    std::string broker;
    base::Instant seen;
  };

  const base::Clock& clock_;
  std::string epoch_ = "e1";  // as MemoryStore's
  std::size_t raised_ = 1;
  std::map<std::string, Row> rows_;
};

// One node's way to it. Nothing moves until it is told to; an announcement has two moments, when it
// is written and when its answer leaves.
class MemoryPeers final : public Peers {
 public:
  static constexpr std::size_t asked_max = 1'024;

  explicit MemoryPeers(std::shared_ptr<MemoryPeerTable> table) : table_(std::move(table)) {}

  void announce(Reactor& asker,
                std::string id,
                std::string broker,
                base::MoveOnlyFunction<void(base::Result<Announced>)> done) override;

  void raise_epoch(std::string old) override { table_->raise_epoch(old); }

  // Asked when an announcement is written; with a fault nothing is, and that is the answer.
  std::function<std::optional<base::Fault>()> fail;

  std::size_t announcements_waiting() const noexcept { return asked_.size(); }

  std::size_t answers_waiting() const noexcept { return answers_.size(); }

  void write(std::size_t index = 0);

  void answer(std::size_t index = 0);

  // Everything that can move does; false if nothing did.
  bool run();

 private:
  struct Asked {
    Reactor* asker = nullptr;
    std::string id;
    std::string broker;
    base::MoveOnlyFunction<void(base::Result<Announced>)> done;
  };

  struct Answer {
    Reactor* asker = nullptr;
    base::Task task;
  };

  std::shared_ptr<MemoryPeerTable> table_;
  std::vector<Asked> asked_;
  std::vector<Answer> answers_;
};

}  // namespace kith::ports
