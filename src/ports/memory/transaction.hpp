#pragma once

#include "ports/memory/row_locks.hpp"
#include "ports/memory/tables.hpp"

#include <map>
#include <memory>
#include <optional>

namespace kith::ports {

// What one transaction wants changed, on top of what is committed now (READ COMMITTED). A row is
// copied when it is first changed, under its lock; so at the commit it replaces the one it was
// copied from, and nobody else's work.
class MemoryTransaction {
 public:
  MemoryTransaction(TransactionId id, const MemoryTables& committed, RowLocks& locks)
      : id_(id), committed_(committed), locks_(locks) {}

  // In order, one after the other. Nothing: one of them is another's, and this one waits in line;
  // ask again.
  std::optional<StepResult> lock(const LockStep& step);

  StepResult look(const LookStep& step) const;
  StepResult members(const MembersStep& step) const;
  StepResult count(const CountStep& step) const;
  StepResult external(const ExternalStep& step) const;
  StepResult successor(const SuccessorStep& step) const;
  StepResult write(const WriteStep& step);

  // Names of conversations it has written.
  bool took(const MemoryTables::ExternalName& name) const { return externals_.contains(name); }

  void apply_to(MemoryTables& tables) const;

 private:
  const MemoryRow* find(const ConversationKey& key) const;
  // The row as the transaction's own, to be changed.
  base::Result<MemoryRow*> change(const ConversationKey& key);
  base::Result<void> apply(const WriteStep& step);
  base::Result<void> apply_members(const WriteStep& step);
  base::Result<void> apply_people(const WriteStep& step);
  base::Result<void> add(const ConversationKey& key, const Conversation& conversation);
  base::Result<void> add(const NewEvent& added);
  std::optional<StepFailed> refuse(const WriteStep& step);

  TransactionId id_;
  const MemoryTables& committed_;
  RowLocks& locks_;
  std::size_t locked_ = 0;  // of the lock step's rows
  std::map<ConversationKey, std::shared_ptr<MemoryRow>> rows_;
  std::map<MemoryTables::ExternalName, domain::Cid> externals_;
  MemoryTables people_;  // cursors and users alone, to be merged
};

}  // namespace kith::ports
