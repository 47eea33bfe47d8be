#pragma once

#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/scratch_test.hpp"
#include "ports/store_fixture_test.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kith::adapters::sqlite {

// A store and what is asked of it, one thing after the other.
class DrivenStore {
 public:
  explicit DrivenStore(std::string path, const TailLimits& limits = {}) : path_(std::move(path)) {
    auto options = world_.options(path_);
    options.tails = limits;
    auto opened = open_sqlite(options);
    EXPECT_TRUE(opened.has_value());
    store_ = std::move(opened).value();
    store_->start(factory_);
  }

  // The file as a process killed now would leave it.
  std::string left_by_a_kill() const { return left_by_a_kill_as(path_ + ".killed"); }

  std::string left_by_a_kill_as(std::string copy) const {
    for (const char* end : {"", "-wal"}) {
      std::filesystem::remove(copy + end);
      if (std::filesystem::exists(path_ + end)) std::filesystem::copy_file(path_ + end, copy + end);
    }
    return copy;
  }

  ports::Store& store() { return *store_; }

  std::vector<ports::StepResult> run(std::vector<ports::Step> steps) {
    auto outcome = std::make_shared<ports::contract::Outcome>();
    ports::contract::Script script;
    for (ports::Step& step : steps)
      script.emplace_back([step = std::move(step)] { return step; });
    std::unique_ptr<ports::LaneEntry> entry =
        std::make_unique<ports::contract::ScriptEntry>(std::move(script), outcome);
    EXPECT_TRUE(store_->submit(0, entry).has_value());
    EXPECT_TRUE(outcome->finished.wait());
    return outcome->results;
  }

  bool write(ports::WriteStep step) {
    const auto results = run({ports::LockStep{}, std::move(step), ports::CommitStep{}});
    return std::holds_alternative<ports::Committed>(results.back());
  }

  // Sends of `sender` from `first` to `last`, each with his reading mark, as the rules write them.
  bool send(ports::ConversationKey to, std::string_view sender, ports::Seq first, ports::Seq last) {
    ports::WriteStep step;
    for (ports::Seq seq = first; seq <= last; ++seq)
      step.events.push_back(
          {to, ports::contract::message(seq, seq, sender, "m" + std::to_string(seq))});
    step.reads = {{to, ports::contract::user(sender), last, last}};
    return write(std::move(step));
  }

  bool make_group(ports::ConversationKey key, std::vector<std::string_view> names) {
    ports::WriteStep step;
    step.conversations = {{key, ports::contract::group(key.cid.bytes[0])}};
    for (const auto name : names)
      step.members.push_back({key, ports::contract::member(name)});
    return write(std::move(step));
  }

  template <class T, class Ask>
  base::Result<T> answer(Ask ask) {
    ports::contract::PretendReactor reactor;
    base::Result<T> result = base::Fault{base::Errc::internal, "no answer came"};
    ask(reactor, ports::Done<T>{[&result](base::Result<T> r) { result = std::move(r); }});
    EXPECT_TRUE(reactor.run_one());
    return result;
  }

  std::vector<ports::LogEvent> page(ports::PageQuery query) {
    return answer<std::vector<ports::LogEvent>>(
               [&](auto& reactor, auto done) { store_->page(reactor, query, std::move(done)); })
        .value();
  }

  std::vector<ports::Seq> seqs(ports::ConversationKey key) {
    std::vector<ports::Seq> found;
    for (const auto& event : page({key, 0, base::seq_max, 1'000'000}))
      found.push_back(event.seq);
    return found;
  }

  std::vector<ports::Seq> heads(std::vector<ports::ConversationKey> keys) {
    return answer<std::vector<ports::Seq>>(
               [&](auto& reactor, auto done) { store_->heads(reactor, keys, std::move(done)); })
        .value();
  }

  std::optional<ports::StoredSend> find_send(const ports::SendKey& key) {
    return answer<std::optional<ports::StoredSend>>(
               [&](auto& reactor, auto done) { store_->find_send(reactor, key, std::move(done)); })
        .value();
  }

  std::optional<ports::ListedConversation> find_for(ports::ConversationKey key,
                                                    std::string_view who) {
    return answer<std::optional<ports::ListedConversation>>([&](auto& reactor, auto done) {
             store_->find_for(reactor, key, ports::contract::user(who), std::move(done));
           })
        .value();
  }

  // What SQL alone sees.
  std::int64_t number(const std::string& sql) const { return number_in(path_, sql); }

  static std::int64_t number_in(const std::string& path, const std::string& sql) {
    auto connection = Connection::open(path, Access::write).value();
    auto statement = connection.prepare(sql).value();
    Query row = statement.run();
    EXPECT_TRUE(row.next().value());
    return row.integer(0);
  }

 private:
  std::string path_;
  Surroundings world_;
  ports::contract::ScriptFactory factory_;
  std::unique_ptr<ports::Store> store_;
};

inline std::vector<ports::Seq> up_to(ports::Seq last) {
  std::vector<ports::Seq> seqs;
  for (ports::Seq seq = 1; seq <= last; ++seq)
    seqs.push_back(seq);
  return seqs;
}

}  // namespace kith::adapters::sqlite
