#pragma once

#include "conversations/entries.hpp"
#include "conversations/homes.hpp"

#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace kith::conversations {

// What a transaction brought about, held until it is committed, then handed to the reactors
// concerned: one post each, in the order of the entries. Or, when the transaction can not be,
// forgotten: the callbacks stay with their entries until then.
//
// The answer to a send goes through the home of its conversation: there the events below it are
// posted to the reactor of the asker, and the answer after them, through the same queue.
class Outcome {
 public:
  // `expected`: about how many items.
  explicit Outcome(const Homes& homes, std::size_t expected = 0)
      : homes_(homes), by_reactor_(homes.reactors.size()) {
    for (auto& items : by_reactor_)
      items.reserve(expected / by_reactor_.size());
  }

  void add(Committed committed) {
    by_reactor_[homes_.index_of(committed.key)].emplace_back(std::move(committed));
  }

  template <class EntryType, class T>
  void answer(EntryType& entry, base::Result<T> result) {
    if constexpr (std::is_same_v<T, SendResult>) {
      by_reactor_[homes_.index_of(entry.key)].emplace_back(
          SendAnswer{&entry.done, {}, std::move(result), entry.asker, entry.number});
    } else if (entry.done) {  // somebody waits
      by_reactor_[entry.asker].emplace_back(
          Answer<T>{&entry.done, {}, std::move(result), entry.asker});
    }
  }

  template <class EntryType>
  void refuse(EntryType& entry, const base::Fault& fault) {
    refuse_as(entry, entry.done, fault);
  }

  void hand_out();

 private:
  template <class EntryType, class T>
  void refuse_as(EntryType& entry, const Done<T>& /*done*/, const base::Fault& fault) {
    answer(entry, base::Result<T>{fault});
  }

  template <class T>
  struct Answer {
    Done<T>* source = nullptr;  // in its entry, until it is handed out
    Done<T> done;
    base::Result<T> result;
    std::size_t asker = 0;
    std::uint64_t number = 0;  // of a send
  };

  using SendAnswer = Answer<SendResult>;
  using Item = std::variant<Committed,
                            SendAnswer,
                            Answer<CreateResult>,
                            Answer<AddResult>,
                            Answer<ChangeResult>,
                            Answer<std::vector<ReadMark>>>;

  // On the reactor `here`.
  static void deliver(const Homes& homes, std::size_t here, std::vector<Item>& items);

  const Homes& homes_;
  std::vector<std::vector<Item>> by_reactor_;
};

// Answers all of these with `fault`: they were not written.
void refuse_all(const Homes& homes,
                std::span<const std::unique_ptr<ports::LaneEntry>> entries,
                const base::Fault& fault);

}  // namespace kith::conversations
