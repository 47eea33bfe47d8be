#pragma once

#include "conversations/entries.hpp"
#include "conversations/homes.hpp"
#include "conversations/outcome.hpp"
#include "ports/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kith::conversations {

struct BatchContext {
  const Homes* homes = nullptr;
  base::Key16 id_key{};
};

// The decisions of one transaction: what has to be read for its entries, and, once it was, what is
// to be written and what is to be answered. Owns nothing of the entries and forgets everything when
// a transaction is tried again.
class Plan {
 public:
  using Segment = std::span<std::unique_ptr<ports::LaneEntry>>;
  Plan(const BatchContext& context, Segment segment);

  // --- what has to be read, in this order; each asks with what the earlier answers told
  ports::LockStep lock() const;
  ports::LookStep look();
  ports::MembersStep members();
  ports::CountStep count();
  ports::ExternalStep external();
  std::optional<ports::SuccessorStep> successor();  // at most one a segment (Batch cuts so)

  void take(const ports::LockStep& asked, ports::Locked found);
  void take(ports::Looked found);
  void take(const ports::MembersStep& asked, ports::MembersFound found);
  void take(const ports::CountStep& asked, ports::Counted found);
  void take(const ports::ExternalStep& asked, ports::ExternalFound found);

  void take(ports::SuccessorFound found) { successor_ = std::move(found.found); }

  // Decides every entry in order. Call once.
  void decide();
  ports::WriteStep take_writes();

  bool writes_nothing() const noexcept { return nothing_to_write_; }

  Outcome& outcome() noexcept { return outcome_; }

 private:
  // A conversation as this transaction leaves it so far.
  struct Work {
    bool exists = false;
    bool is_new = false;
    bool updated = false;
    Seq stored_seq = 0;    // last_seq as of the lock
    bool renamed = false;  // its title or custom data changed
    domain::Conversation row;
  };

  struct MemberKeyLess {
    bool operator()(const ports::MemberKey& a, const ports::MemberKey& b) const {
      return std::tie(a.conversation, a.user) < std::tie(b.conversation, b.user);
    }
  };

  // A SendKey, and what stands there, in words of the entries and of what was found.
  struct SendPlace {
    ConversationKey conversation;
    std::string_view sender;
    std::string_view client_id;

    friend bool operator==(const SendPlace&, const SendPlace&) = default;
  };

  struct SendPlaceHash {
    using is_avalanching = void;

    std::size_t operator()(const SendPlace& place) const noexcept {
      // Who sends it would part only ids that two senders share.
      return base::hash_bytes(place.client_id, base::KeyHash{}(place.conversation));
    }
  };

  struct KnownSend {
    Seq seq = 0;
    No no = 0;
    WallTime ts;
    std::string_view body;
  };

  static SendPlace place_of(const SendEntry& entry) noexcept {
    return {entry.key, entry.sender.str(), entry.client_id.str()};
  }

  struct RoleGiven {
    domain::Member member;
    Role role;
    UserId by;
  };

  using CountKey = std::pair<ConversationKey, Seq>;

  void decide(SendEntry& entry);
  void decide(CreateEntry& entry);
  void decide(AddEntry& entry);
  void decide(RemoveEntry& entry);
  void decide(RoleEntry& entry);
  void decide(UpdateEntry& entry);
  void decide(ReadEntry& entry);
  void decide(const CursorEntry& entry);
  void decide(const UserEntry& entry);

  base::Result<SendResult> send(SendEntry& entry);
  base::Result<void> may_send(const SendEntry& entry, const Work& work) const;
  base::Result<AddResult> add(AddEntry& entry);
  base::Result<ChangeResult> remove(RemoveEntry& entry);
  base::Result<ChangeResult> set_role(const RoleEntry& entry);
  base::Result<ChangeResult> update(const UpdateEntry& entry);
  Seq give_role(Work& work, const Entry& entry, const ConversationKey& key, RoleGiven given);
  base::Result<std::vector<ReadMark>> read(const ReadEntry& entry);

  Work& work(const ConversationKey& key);
  const std::optional<domain::Member>& member(const ConversationKey& key, const UserId& user) const;
  ConversationKey own_log(domain::AppId app, const UserId& user) const;
  void make_conversation(Work& work, const ConversationKey& key, domain::Kind kind, WallTime ts);
  void make_direct(const SendEntry& entry, Work& work);

  // Gives the event the next number of its log and puts it among what is written and published.
  // The reference is good until the next call.
  LogEvent& append(Work& work, const ConversationKey& key, LogEvent event) {
    return append(work, key, std::move(event), Sent{});
  }

  struct Sent {
    Origin origin;
    std::optional<MessageId> id;
    bool server_made_key = false;
  };

  LogEvent& append(Work& work, const ConversationKey& key, LogEvent event, const Sent& sent);
  void append_to_own_log(const ConversationKey& about,
                         const UserId& user,
                         domain::EventKind kind,
                         WallTime ts,
                         std::string body);
  void put_member(const ConversationKey& key, domain::Member member);
  // The member's reading marks as this transaction leaves them so far.
  ports::ReadWrite marks_of(const ConversationKey& key, const domain::Member& member) const;
  void put_read(const ConversationKey& key, const UserId& user, Seq seq, No no);
  bool asks_member(const SendEntry& entry) const;

  const BatchContext& context_;
  Segment segment_;
  std::map<ConversationKey, Work> works_;
  std::vector<const SendEntry*> looked_for_;
  ports::Looked looked_;
  boost::unordered_flat_map<SendPlace, KnownSend, SendPlaceHash> sends_;
  std::map<ports::MemberKey, std::optional<domain::Member>, MemberKeyLess> members_;
  std::map<CountKey, No> counts_;
  std::map<std::pair<domain::AppId, std::string>, Cid> externals_;
  std::optional<domain::Member> successor_;
  std::map<ports::MemberKey, ports::ReadWrite, MemberKeyLess> reads_;
  ports::WriteStep writes_;
  bool nothing_to_write_ = true;
  Outcome outcome_;
};

}  // namespace kith::conversations
