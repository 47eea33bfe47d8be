#pragma once

#include "base/limits.hpp"
#include "ports/lane_queue.hpp"
#include "ports/memory/database.hpp"

#include <functional>
#include <optional>

// A store without threads, for tests and the simulation: nothing moves until it is told to. A
// transaction runs step by step; a read has two moments, when it looks and when its answer leaves.
namespace kith::ports {

// What becomes of a commit. All but the first leave the lane without an answer.
enum class CommitFate : std::uint8_t {
  answered,
  lost_committed,
  lost_rolled_back,
  lost_open,  // its locks stay until MemoryDatabase::resolve() says which of the two
};

class MemoryStore : public Store {
 public:
  // Several stores may have the same database, as nodes over one server.
  explicit MemoryStore(
      std::shared_ptr<MemoryDatabase> database = std::make_shared<MemoryDatabase>());

  // What is open is rolled back, unless its commit was lost.
  ~MemoryStore() override;

  MemoryDatabase& database() noexcept { return *database_; }

  // Asked before each step, once however long it waits; an answer stands for the step's own.
  std::function<std::optional<StepFailed>(const Step&)> fail_step;
  // Asked at each commit.
  std::function<CommitFate()> commit_fate;
  // Asked when a read looks; a fault stands for its answer.
  std::function<std::optional<base::Fault>()> fail_read;
  // Asked where nothing stands at a key: whether that is known from memory. None: never.
  std::function<bool()> knows_unsent;
  bool lane_full = false;  // submit refuses

  // --- the lane
  std::size_t entries_waiting() const noexcept { return queue_.size(); }

  bool batch_under_way() const noexcept { return machine_ != nullptr; }

  // Begins a batch with all that waits (at most `entries_max`), or takes its next step. False:
  // nothing to do, or nothing can be done until another transaction has ended.
  bool step_lane(std::size_t entries_max = base::limits::batch_entries_max);

  // Whether the next step was tried and waits for another transaction.
  bool lane_waits() const noexcept { return waits_; }

  // The one that is open, and the last one whose commit was not answered.
  std::optional<TransactionId> transaction() const noexcept { return transaction_; }

  std::optional<TransactionId> lost_transaction() const noexcept { return lost_; }

  // As if a lock timeout ended that wait: the step fails when it is tried again.
  void time_out() { timed_out_ = waits_; }

  // As if the node died here: the lane stands still from now on, and an open transaction stays
  // until MemoryDatabase::resolve(), in doubt if the next step is its commit.
  void abandon();

  void run_lane();

  // --- reads
  std::size_t reads_waiting() const noexcept { return reads_.size(); }

  std::size_t answers_waiting() const noexcept { return answers_.size(); }

  // The read at `index` of those that wait looks at what is committed now.
  void look(std::size_t index = 0);

  void answer(std::size_t index = 0);

  // Everything that can move does, the lane first; false if nothing did.
  bool run();

  // --- the port
  const StoreMeta& meta() const noexcept override { return meta_; }

  void set_epoch(std::string epoch) { meta_.epoch = std::move(epoch); }

  void start(BatchMachineFactory& factory) override { factory_ = &factory; }

  std::size_t lanes() const noexcept override { return 1; }

  base::Result<void> submit(std::size_t lane, std::unique_ptr<LaneEntry>& entry) override;

  std::vector<std::unique_ptr<LaneEntry>> withdraw(std::size_t lane, base::Instant limit) override;

  void drain() override;

  void load(Reactor& asker,
            ConversationKey key,
            Done<std::optional<LoadedConversation>> done) override;

  void page(Reactor& asker, PageQuery query, Done<std::vector<LogEvent>> done) override;

  void history(Reactor& asker,
               HistoryQuery query,
               std::shared_ptr<MessageSink> sink,
               Done<bool> done) override;

  void heads(Reactor& asker,
             std::vector<ConversationKey> keys,
             Done<std::vector<Seq>> done) override;

  bool never_sent(const ConversationKey& conversation,
                  const UserId& sender,
                  const domain::ClientId& client_id) const noexcept override;

  void find_send(Reactor& asker, SendKey key, Done<std::optional<StoredSend>> done) override;

  void find_for(Reactor& asker,
                ConversationKey key,
                UserId user,
                Done<std::optional<ListedConversation>> done) override;

  void memberships(Reactor& asker,
                   UserKey user,
                   domain::DeviceId device,
                   Done<std::vector<Membership>> done) override;

  void memberships_of(Reactor& asker,
                      UserKey user,
                      domain::DeviceId device,
                      std::vector<domain::Cid> cids,
                      Done<std::vector<Membership>> done) override;

  void list(Reactor& asker, ListQuery query, Done<std::vector<ListedConversation>> done) override;

  void members(Reactor& asker, MembersQuery query, Done<std::vector<Member>> done) override;

  void find_external(Reactor& asker,
                     ExternalKey key,
                     Done<std::optional<domain::Cid>> done) override;

  void unread_total(Reactor& asker, UserKey user, Done<std::uint64_t> done) override;

  void users(Reactor& asker,
             UserKey asking,
             std::vector<UserId> users,
             Done<std::vector<UserRow>> done) override;

  base::Result<Directory> directory() override;

  base::Result<AppRow> create_app(std::string name) override;

  base::Result<void> add_key(AppKeyRow key) override;

  base::Result<void> retire_key(domain::AppId app, std::string kid) override;

 protected:
  struct Answer {
    Reactor* asker = nullptr;
    base::Task task;
  };

  using Read = base::MoveOnlyFunction<Answer()>;

  virtual void begin(Read read);

  virtual std::optional<StepResult> execute(const Step& step);

  BatchMachineFactory* factory_ = nullptr;
  bool draining_ = false;
  LaneQueue queue_;

 private:
  template <class T, class Look>
  void ask(Reactor& asker, Done<T> done, Look look);

  AppKeyRow* find_key(domain::AppId app, const std::string& kid);

  std::optional<StepFailed> failure(const Step& step);

  std::optional<StepResult> recall() const;

  StepResult lose(CommitFate fate);

  void forget_lost();

  std::shared_ptr<MemoryDatabase> database_;
  StoreMeta meta_;
  std::unique_ptr<BatchMachine> machine_;
  Step next_ = Finished{};
  std::optional<TransactionId> transaction_;
  std::optional<TransactionId> lost_;  // the last one whose commit was not answered
  bool waits_ = false;
  bool timed_out_ = false;
  bool abandoned_ = false;
  std::vector<Read> reads_;
  std::vector<Answer> answers_;
};

}  // namespace kith::ports
