#pragma once

#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/recent_map.hpp"
#include "adapters/sqlite/write_statements.hpp"
#include "base/log.hpp"
#include "ports/store.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace kith::adapters::sqlite {

// Executes the steps of transactions on the one connection that writes. Keeps what it lately wrote
// or locked of conversations in memory, counters included: nobody else writes them. One thread.
class Writer {
 public:
  // The schema is there already.
  static Outcome<std::unique_ptr<Writer>> open(const std::string& path, base::Logger& logger);

  // Every step but Finished. An I/O error at COMMIT ends the process: what a failed fsync has
  // written can not be asked.
  ports::StepResult execute(const ports::Step& step);

  // From a LockStep to the CommitStep that succeeds or the RollbackStep.
  bool in_transaction() const noexcept { return open_; }

  Outcome<void> checkpoint() noexcept { return connection_.checkpoint(); }

 private:
  struct Stored {
    std::int64_t id = 0;
    domain::Conversation row;
  };

  explicit Writer(base::Logger& logger);

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
  Outcome<void> write_conversation(const base::ConversationKey& key,
                                   const domain::Conversation& row);
  Outcome<void> write_event(const ports::NewEvent& event);
  Outcome<void> write_update(const ports::ConversationUpdate& update);
  Outcome<void> write_member(const ports::MemberWrite& write);
  Outcome<void> write_read(const ports::ReadWrite& write);
  Outcome<void> write_cursor(const ports::CursorWrite& write);
  Outcome<void> write_user(const ports::UserWrite& write);

  Stored* remember(const base::ConversationKey& key, std::unique_ptr<Stored> stored);
  std::int64_t remember(const base::UserKey& key, std::int64_t id);
  // Null: there is none. Valid until the next call.
  Outcome<Stored*> find_conversation(const base::ConversationKey& key);
  // For a write, that needs one: a Failure if there is none.
  Outcome<Stored*> conversation_to_change(const base::ConversationKey& key);
  Outcome<std::optional<std::int64_t>> find_user(const base::UserKey& key);
  Outcome<std::int64_t> find_or_add_user(base::AppId app, const base::UserId& user);
  Outcome<std::optional<std::int64_t>> actor_of(base::AppId app, const base::UserId& user);
  ports::StepFailed failed(Failure failure, const char* during);
  [[noreturn]] void end_process(Failure failure, const char* during);

  base::Logger& logger_;
  bool open_ = false;
  Connection connection_;
  WriteStatements statements_;
  RecentMap<base::ConversationKey, std::unique_ptr<Stored>> conversations_;
  RecentMap<base::UserKey, std::int64_t> users_;
  // What this transaction changed in memory, to be forgotten if it is rolled back.
  std::vector<base::ConversationKey> changed_conversations_;
  std::vector<base::UserKey> added_users_;
};

}  // namespace kith::adapters::sqlite
