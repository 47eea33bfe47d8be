#include "conversations/outcome.hpp"

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
    homes_.reactors[i]->post([sink = homes_.sinks[i], items = std::move(items)]() mutable {
      for (auto& item : items)
        std::visit(
            [sink](auto& it) {
              if constexpr (std::is_same_v<std::decay_t<decltype(it)>, Committed>)
                sink->on_committed(it);
              else if (it.done)
                it.done(std::move(it.result));
            },
            item);
    });
  }
}

}  // namespace kith::conversations
