#include "conversations/outcome.hpp"

#include "conversations/entry_kinds.hpp"

#include <type_traits>

namespace kith::conversations {

void Outcome::hand_out() {
  for (std::size_t i = 0; i < by_reactor_.size(); ++i) {
    auto items = std::exchange(by_reactor_[i], {});
    if (items.empty()) continue;
    for (auto& item : items)
      std::visit(
          [](auto& it) {
            if constexpr (!std::is_same_v<std::decay_t<decltype(it)>, Committed>)
              it.done = std::move(*it.source);
          },
          item);
    homes_.reactors[i]->post([homes = &homes_, here = i, items = std::move(items)]() mutable {
      deliver(*homes, here, items);
    });
  }
}

void Outcome::deliver(const Homes& homes, std::size_t here, std::vector<Item>& items) {
  std::vector<std::vector<SendAnswer>> elsewhere(homes.reactors.size());
  for (auto& item : items) {
    if (const auto* committed = std::get_if<Committed>(&item)) {
      homes.sinks[here]->on_committed(*committed);
      continue;
    }
    if (auto* sent = std::get_if<SendAnswer>(&item)) {
      homes.sinks[here]->on_answered(sent->number, sent->result);
      if (sent->asker != here) {
        if (sent->done) elsewhere[sent->asker].push_back(std::move(*sent));
        continue;
      }
    }
    std::visit(
        [](auto& it) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(it)>, Committed>)
            if (it.done) it.done(std::move(it.result));
        },
        item);
  }
  for (std::size_t asker = 0; asker < elsewhere.size(); ++asker) {
    if (elsewhere[asker].empty()) continue;
    homes.reactors[asker]->post([answers = std::move(elsewhere[asker])]() mutable {
      for (auto& answer : answers)
        answer.done(std::move(answer.result));
    });
  }
}

void refuse_all(const Homes& homes,
                std::span<const std::unique_ptr<ports::LaneEntry>> entries,
                const base::Fault& fault) {
  Outcome outcome{homes};
  for (const auto& entry : entries)
    visit_entry(*entry, [&](auto& it) {
      if constexpr (requires { it.done; }) outcome.refuse(it, fault);
    });
  outcome.hand_out();
}

}  // namespace kith::conversations
