#pragma once

#include "adapters/sqlite/backlog.hpp"
#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/filter_table.hpp"
#include "adapters/sqlite/known_rows.hpp"
#include "adapters/sqlite/sent_filter.hpp"
#include "adapters/sqlite/tails.hpp"
#include "adapters/sqlite/write_statements.hpp"
#include "base/log.hpp"
#include "ports/store.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace kith::adapters::sqlite {

// Executes the steps of transactions on the one connection that writes. One thread.
class Writer {
 public:
  // The schema is there already. Reads the log into `tails`, which outlive the writer.
  static Outcome<std::unique_ptr<Writer>> open(const std::string& path,
                                               Tails& tails,
                                               base::Logger& logger);

  // Every step but Finished. An I/O error at COMMIT ends the process: what a failed fsync has
  // written can not be asked.
  ports::StepResult execute(const ports::Step& step);

  // From a LockStep to the CommitStep that succeeds or the RollbackStep.
  bool in_transaction() const noexcept { return open_; }

  // As long as the writer is here; `maybe` may be asked by any thread.
  const SentFilter& sent_filter() const noexcept { return filter_; }

  // At the end: all events become rows, the log is emptied, what stands in the WAL is written into
  // the file. Best effort: what is not done, the next start finds in the log.
  void settle();
  // Between transactions: what costs time and nobody waits for.
  void rest();
  // While nobody writes, step by step: what is in memory only because it came last leaves it.
  // False: no further step is due.
  bool tidy();

 private:
  Writer(Tails& tails, base::Logger& logger);

  Outcome<void> prepare(const std::string& path);
  ports::StepResult lock(const ports::LockStep& step);
  ports::StepResult look(const ports::LookStep& step);
  ports::StepResult find_members(const ports::MembersStep& step);
  ports::StepResult count(const ports::CountStep& step);
  ports::StepResult find_external(const ports::ExternalStep& step);
  ports::StepResult find_successor(const ports::SuccessorStep& step);
  ports::StepResult write(const ports::WriteStep& step);
  ports::StepResult commit();
  ports::StepResult roll_back();

  Outcome<void> begin();
  // Nothing: it does not exist.
  Outcome<std::optional<ports::StoredSend>> find_send(const ports::SendKey& key);
  Outcome<std::optional<domain::Member>> find_member(const ports::MemberKey& key);
  Outcome<base::No> count_at(const base::ConversationKey& key, base::Seq seq);
  Outcome<void> write_all(const ports::WriteStep& step);
  Outcome<void> write_event(const ports::NewEvent& event);
  Outcome<void> write_update(const ports::ConversationUpdate& update);
  Outcome<void> fold_before(const ports::MemberWrite& write);
  Outcome<void> write_member(const ports::MemberWrite& write);
  Outcome<void> write_read(const ports::ReadWrite& write);
  Outcome<void> write_cursor(const ports::CursorWrite& write);
  Outcome<void> write_user(const ports::UserWrite& write);
  Outcome<std::int64_t> actor_of(base::AppId app, const base::UserId& user);
  template <class Work>
  bool in_own_transaction(Work work);
  ports::StepFailed failed(Failure failure, const char* during);
  [[noreturn]] void end_process(Failure failure, const char* during);

  base::Logger& logger_;
  Tails& tails_;
  bool open_ = false;
  int wal_pages_ = 0;  // as of the last commit
  Connection connection_;
  WriteStatements statements_;
  SentFilter filter_;
  FilterTable filter_table_;
  Backlog backlog_;
  KnownRows rows_;
};

}  // namespace kith::adapters::sqlite
