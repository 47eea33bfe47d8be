#pragma once

#include "ports/store.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

// A database of maps, for tests and the simulation: steps of one transaction at a time, reads of
// what is committed. Slow and simple on purpose; it keeps the contract of ports/store.hpp.
namespace kith::ports {

class MemoryDatabase {
 public:
  struct Row {
    Conversation conversation;
    std::map<Seq, std::shared_ptr<const LogEvent>> log;
    std::map<std::pair<UserId, domain::ClientId>, Seq> sends;  // ids that clients gave
    std::map<UserId, Member> members;

    Conversation at(Seq seq) const {
      Conversation row = conversation;
      const auto next = log.upper_bound(seq);
      const LogEvent* last = next == log.begin() ? nullptr : std::prev(next)->second.get();
      row.last_seq = last == nullptr ? 0 : last->seq;
      row.last_no = last == nullptr ? 0 : last->no;
      return row;
    }

    Conversation now() const { return at(base::seq_wire_max); }

    domain::WallTime active_at(Seq seq) const {
      const auto next = log.upper_bound(seq);
      return next == log.begin() ? conversation.created_at : std::prev(next)->second->ts;
    }
  };

  using CursorKey = std::tuple<ConversationKey, UserId, domain::DeviceId>;

  // What is committed; copied by a transaction, row by row as it changes them.
  struct Tables {
    std::map<ConversationKey, std::shared_ptr<const Row>> conversations;
    std::map<std::pair<domain::AppId, std::string>, domain::Cid> externals;
    std::map<CursorKey, Seq> cursors;
    std::map<UserKey, UserRow> users;

    const Row* find(const ConversationKey& key) const {
      const auto it = conversations.find(key);
      return it == conversations.end() ? nullptr : it->second.get();
    }
  };

  Directory directory;

  const Tables& committed() const noexcept { return committed_; }

  bool in_transaction() const noexcept { return open_; }

  // --- steps
  StepResult execute(const Step& step);

  // --- reads
  std::optional<LoadedConversation> load(const ConversationKey& key) const;

  std::vector<LogEvent> page(const PageQuery& query) const;

  std::vector<Seq> heads(const std::vector<ConversationKey>& keys) const;

  std::optional<StoredSend> find_send(const SendKey& key) const;

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
  StepResult run(const LockStep& step);
  StepResult run(const RecallStep& step) const;
  StepResult run(const LookStep& step) const;
  StepResult run(const MembersStep& step) const;
  StepResult run(const CountStep& step) const;
  StepResult run(const ExternalStep& step) const;
  StepResult run(const SuccessorStep& step) const;
  StepResult run(const WriteStep& step);
  StepResult run(const CommitStep& /*step*/);
  StepResult run(const RollbackStep& /*step*/);
  StepResult run(const Finished& /*step*/) const;
  base::Result<void> apply(const WriteStep& step);

  base::Result<void> add(const ConversationKey& key, const Conversation& conversation);

  base::Result<void> add(const NewEvent& added);

  // The row as the transaction's own, to be changed.
  base::Result<Row*> change(const ConversationKey& key);

  UserRow& know(const UserKey& key);

  static base::Fault broken_rule();

  static std::optional<StoredSend> find_send(const Tables& tables, const SendKey& key);

  static std::optional<domain::Cid> find_external(const Tables& tables, const ExternalKey& key);

  std::optional<Seq> cursor(const CursorKey& key) const;

  bool acquainted(const UserKey& a, const UserId& b) const;

  Tables committed_;
  Tables work_;
  std::map<ConversationKey, std::shared_ptr<Row>> own_;  // rows that the transaction has copied
  bool open_ = false;
};

}  // namespace kith::ports
