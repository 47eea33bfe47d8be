#pragma once

#include "ports/memory/row_locks.hpp"
#include "ports/memory/tables.hpp"
#include "ports/memory/transaction.hpp"

#include <map>
#include <optional>
#include <vector>

// A database of maps, for tests and the simulation. Transactions of several nodes run at the same
// time, as on a server: rows are locked, what one reads is what is committed then, and what it
// writes stands at once when it commits. Slow and simple on purpose; it keeps the contract of
// ports/store.hpp.
namespace kith::ports {

class MemoryDatabase {
 public:
  using Row = MemoryRow;
  using CursorKey = MemoryTables::CursorKey;

  // Open at a time, and lost ones whose outcome is kept.
  static constexpr std::size_t transactions_max = 1'024;

  struct OpenTransaction {
    TransactionId id{};
    bool in_doubt = false;  // it may commit: its COMMIT has been sent, or may have been
    bool waits = false;     // for a row, or a name
  };

  Directory directory;

  const MemoryTables& committed() const noexcept { return committed_; }

  // --- transactions
  TransactionId begin();

  // Nothing: the transaction waits for another one to end; ask again with the same step.
  std::optional<StepResult> execute(TransactionId id, const Step& step);

  // As a test that writes by itself, in a transaction of its own which may not have to wait.
  StepResult execute(const Step& step);

  // From now on nobody but `resolve` says whether it commits.
  void doubt(TransactionId id);

  // Ends what its node does not end any more. Only one in doubt can be committed.
  void resolve(TransactionId id, bool commit);

  // What became of one in doubt; nothing while it is open. Kept until it is forgotten.
  std::optional<bool> outcome(TransactionId id) const;

  // Nobody will ask for its outcome.
  void forget(TransactionId id);

  std::vector<OpenTransaction> open_transactions() const;

  // --- reads
  std::optional<LoadedConversation> load(const ConversationKey& key) const;

  std::vector<LogEvent> page(const PageQuery& query) const;

  std::vector<Seq> heads(const std::vector<ConversationKey>& keys) const;

  std::optional<StoredSend> find_send(const SendKey& key) const;

  bool history(const HistoryQuery& query, MessageSink& sink) const;
  std::optional<ListedConversation> find_for(const ConversationKey& key, const UserId& user) const;

  // Those of `cids`, or all; newest activity first.
  std::vector<Membership> memberships(const UserKey& user,
                                      const domain::DeviceId& device,
                                      const std::vector<domain::Cid>* cids) const;

  std::vector<ListedConversation> list(const ListQuery& query) const;

  std::vector<Member> members(const MembersQuery& query) const;

  std::optional<domain::Cid> find_external(const ExternalKey& key) const;

  std::uint64_t unread_total(const UserKey& user) const;

  std::vector<UserRow> users(const UserKey& asking, const std::vector<UserId>& users) const;

 private:
  struct Open {
    MemoryTransaction work;
    bool waits = false;
    bool in_doubt = false;
    bool forgotten = false;
  };

  std::optional<StepResult> run(Open& open, const Step& step) const;

  // Whether another transaction that is still open gives one of these names.
  bool names_are_taken(const Open& asking, const WriteStep& step) const;

  void end(TransactionId id, bool commit);

  std::optional<Seq> cursor(const CursorKey& key) const;

  bool acquainted(const UserKey& a, const UserId& b) const;

  MemoryTables committed_;
  RowLocks locks_;
  std::map<TransactionId, Open> open_;
  std::map<TransactionId, bool> outcomes_;  // of those that were in doubt: committed
  std::uint64_t begun_ = 0;
  std::optional<TransactionId> own_;
};

}  // namespace kith::ports
