#pragma once

#include "base/crypto.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "base/time.hpp"
#include "domain/types.hpp"
#include "ports/reactor.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// The database as the node sees it. Contract tests: ports/store_contract_test.hpp, run on every
// adapter.
//
// Writing is done in batches. Entries queue at a lane; when the last transaction has ended, the
// lane takes all that waits (at most batch_entries_max and batch_bytes_max), lets a BatchMachine
// say the steps of one transaction, and executes them one by one, in order, on the lane's own
// context. The machine holds the rules; the adapter only executes. Reading is done elsewhere, at
// the same time, each read in one snapshot.
namespace kith::ports {

using domain::Conversation;
using domain::ConversationKey;
using domain::LogEvent;
using domain::Member;
using domain::No;
using domain::Seq;
using domain::UserId;
using domain::UserKey;

// ----------------------------------------------------------------------------------------------
// steps of a transaction

// A place for a sender's retry: unique, except where the server made the client id.
struct SendKey {
  ConversationKey conversation;
  UserId sender;
  domain::ClientId client_id;
};

// What stands at a SendKey.
struct StoredSend {
  Seq seq = 0;
  No no = 0;
  domain::WallTime ts;
  std::string body;
};

struct MemberKey {
  ConversationKey conversation;
  UserId user;
};

struct ExternalKey {
  domain::AppId app{};
  std::string external_id;
};

// BEGIN, then the rows of these conversations, distinct and in ascending order, locked until the
// end.
struct LockStep {
  std::vector<ConversationKey> conversations;
};

// Whether the transaction stands whose commit was not answered (StepFailed::unknown): the last one
// this lane tried before. Asked under the locks of the next, which waited for it to end.
struct RecallStep {};

struct LookStep {
  std::vector<SendKey> keys;
};

struct MembersStep {
  std::vector<MemberKey> keys;
};

// The `no` of the last event at or below `seq` of a conversation; 0 below the first.
struct CountStep {
  std::vector<std::pair<ConversationKey, Seq>> places;
};

struct ExternalStep {
  std::vector<ExternalKey> keys;
};

// Who becomes owner when `leaving` goes: the oldest admin, else the oldest member, by joined_at
// then from_seq.
struct SuccessorStep {
  ConversationKey conversation;
  UserId leaving;
};

struct NewEvent {
  ConversationKey conversation;
  LogEvent event;
  bool server_made_key = false;  // the client_id stays out of the unique index
};

struct MemberWrite {
  ConversationKey conversation;
  Member member;  // the whole row, put in place of what is there
};

// What a conversation is called, and what its application keeps with it.
struct Naming {
  std::string title;
  std::string custom;
};

struct ConversationUpdate {
  ConversationKey conversation;
  std::uint64_t access_rev = 0;
  std::uint32_t members = 0;
  std::optional<Naming> naming = std::nullopt;  // nothing: stays
};

// Reading marks of an active member. Both stored values only rise.
struct ReadWrite {
  ConversationKey conversation;
  UserId user;
  Seq read_seq = 0;
  No read_no = 0;
};

// How far a device has received. The stored value only rises.
struct CursorWrite {
  ConversationKey conversation;
  UserId user;
  domain::DeviceId device;  // empty: the user's default cursor
  Seq seq = 0;
};

struct UserWrite {
  UserKey key;
  std::string name;            // empty: leaves what is stored
  std::string avatar;          // empty: leaves what is stored
  domain::WallTime last_seen;  // the stored value only rises
};

// Everything the transaction changes. Applied in this order: conversations, events, updates,
// members, reads, cursors, users.
struct WriteStep {
  std::vector<std::pair<ConversationKey, Conversation>> conversations;  // new ones
  std::vector<NewEvent> events;             // ascending seq within a conversation
  std::vector<ConversationUpdate> updates;  // of those that existed before
  std::vector<MemberWrite> members;
  std::vector<ReadWrite> reads;
  std::vector<CursorWrite> cursors;
  std::vector<UserWrite> users;
};

struct CommitStep {};

struct RollbackStep {};

struct Finished {};  // the transaction has ended and its results were handed out

using Step = std::variant<LockStep,
                          RecallStep,
                          LookStep,
                          MembersStep,
                          CountStep,
                          ExternalStep,
                          SuccessorStep,
                          WriteStep,
                          CommitStep,
                          RollbackStep,
                          Finished>;

// --- results; `found` is parallel to what was asked
struct Locked {
  std::vector<std::optional<Conversation>>
      found;  // with last_seq, last_no and access_rev as of the lock
};

struct Recalled {
  bool committed = false;
};

struct Looked {
  std::vector<std::optional<StoredSend>> found;
};

struct MembersFound {
  std::vector<std::optional<Member>> found;  // former members too
};

struct Counted {
  std::vector<No> found;
};

struct ExternalFound {
  std::vector<std::optional<domain::Cid>> found;
};

struct SuccessorFound {
  std::optional<Member> found;
};

struct Written {};

struct Committed {};

struct RolledBack {};

// A step failed; nothing of the transaction stands after the RollbackStep that follows. `again`:
// the same batch may succeed (busy, deadlock). Otherwise the database refuses something in it, now:
// disk full, a broken rule. `unknown`, of a commit only: it may stand or not, and a RecallStep will
// tell. Where nobody could tell, the adapter ends the process.
struct StepFailed {
  bool again = false;
  base::Fault fault;
  bool unknown = false;
};

using StepResult = std::variant<Locked,
                                Recalled,
                                Looked,
                                MembersFound,
                                Counted,
                                ExternalFound,
                                SuccessorFound,
                                Written,
                                Committed,
                                RolledBack,
                                StepFailed>;

// What waits at a lane. Its meaning is known to the machine only.
class LaneEntry {
 public:
  LaneEntry() = default;
  LaneEntry(const LaneEntry&) = delete;
  LaneEntry& operator=(const LaneEntry&) = delete;
  virtual ~LaneEntry() = default;
  virtual std::size_t bytes() const noexcept = 0;  // about what it holds in memory

  // Rows it writes that nobody waits for; 0: somebody waits for its answer.
  virtual std::size_t background_rows() const noexcept { return 0; }

  base::Instant submitted_at;  // by whom it has to be decided in time
};

// One transaction, sans I/O. `next` is called with the result of the step it last returned, until
// it returns Finished.
class BatchMachine {
 public:
  BatchMachine() = default;
  BatchMachine(const BatchMachine&) = delete;
  BatchMachine& operator=(const BatchMachine&) = delete;
  virtual ~BatchMachine() = default;
  virtual Step first() = 0;
  virtual Step next(StepResult result) = 0;
};

class BatchMachineFactory {
 public:
  BatchMachineFactory() = default;
  BatchMachineFactory(const BatchMachineFactory&) = delete;
  BatchMachineFactory& operator=(const BatchMachineFactory&) = delete;
  virtual ~BatchMachineFactory() = default;
  virtual std::unique_ptr<BatchMachine> make(std::vector<std::unique_ptr<LaneEntry>> entries) = 0;
};

// -------------------------------------------------------------------------------------------------------------
// reads

// A conversation with its members, all of one snapshot. Former members are left out.
struct LoadedConversation {
  Conversation conversation;
  std::vector<Member> members;
};

struct PageQuery {
  ConversationKey conversation;
  Seq after = 0;  // events with after < seq <= to
  Seq to = 0;
  std::size_t limit = 0;
  bool newest =
      false;  // the last `limit` of the range instead of the first; ascending all the same
  bool messages_only = false;
  // The page ends with the event whose body brings all of them to this.
  std::size_t bytes_max = std::numeric_limits<std::size_t>::max();
};

// A stored message, in bytes that the adapter holds: valid while it is looked at.
struct MessageView {
  Seq seq = 0;
  No no = 0;
  domain::WallTime ts;
  std::string_view sender;
  std::string_view client_id;
  std::string_view body;
};

inline MessageView view_of(const LogEvent& message) {
  return {.seq = message.seq,
          .no = message.no,
          .ts = message.ts,
          .sender = message.actor.str(),
          .client_id = message.client_id.str(),
          .body = message.body};
}

// Takes what a read of messages finds, on the thread that reads. Nobody else touches it until the
// read is done.
class MessageSink {
 public:
  MessageSink() = default;
  MessageSink(const MessageSink&) = delete;
  MessageSink& operator=(const MessageSink&) = delete;
  virtual ~MessageSink() = default;
  // The user may see [first, last]. Called again where a read was disturbed: what was added before
  // does not count.
  virtual void begin(Seq first, Seq last) = 0;
  // False: no more is wanted.
  virtual bool add(const MessageView& message) = 0;
};

// Messages with after < seq <= to that the user may see.
struct HistoryQuery {
  ConversationKey conversation;
  UserId user;
  Seq after = 0;
  Seq to = 0;
  bool newest = false;  // in descending order instead of ascending
};

// One conversation of one user, as the node needs it when he connects.
struct Membership {
  domain::Cid cid;
  domain::Kind kind{};
  Seq from_seq = 1;
  Seq head = 0;                       // last_seq
  domain::WallTime active_at;         // of the last event, else created_at
  std::optional<Seq> device_cursor;   // stored for the device asked for
  std::optional<Seq> default_cursor;  // stored for no device
};

// One row of `conversation.list`.
struct ListedConversation {
  Conversation conversation;
  Member member;                         // the asking user's row
  std::optional<LogEvent> last_message;  // the newest message the member may see
  std::vector<UserId> users;             // of a direct conversation: both, in byte order
  domain::WallTime active_at;            // of the last event, else created_at: what `list` sorts by
};

struct ListQuery {
  UserKey user;
  std::size_t limit = 0;
  // Continue below this place (active_at, then cid): what the last row of the page before had.
  std::optional<std::pair<domain::WallTime, domain::Cid>> before;
};

struct UserRow {
  UserId user;
  std::string name;
  std::string avatar;
  domain::WallTime last_seen;  // 0: never
};

struct MembersQuery {
  ConversationKey conversation;
  std::size_t limit = 0;
  std::string after;  // user id; members come in byte order of their ids
};

// Called once, on the reactor that asked. A read that could not begin (queue full) fails with
// `overloaded`.
template <class T>
using Done = base::MoveOnlyFunction<void(base::Result<T>)>;

// ---------------------------------------------------------------------------------------------
// applications and keys

enum class KeyKind : std::uint8_t { signing = 1, server = 2 };

struct AppRow {
  domain::AppId id{};
  std::string name;
  domain::WallTime created_at;
};

struct AppKeyRow {
  domain::AppId app{};
  std::string kid;
  KeyKind kind{};
  std::string secret;  // signing: the HMAC key; server: SHA-256 of the secret
  domain::WallTime created_at;
  domain::WallTime retired_at;  // ms 0: in use
};

struct Directory {
  std::vector<AppRow> apps;
  std::vector<AppKeyRow> keys;
};

struct StoreMeta {
  std::string epoch;     // opaque; another one means another history
  base::Key16 id_key{};  // makes ids; never rotates
};

// ------------------------------------------------------------------------------------------------------------
// the port

class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;  // ends the threads; what waits is not written

  virtual const StoreMeta& meta() const noexcept = 0;

  // --- writing. Before the first `submit`; the factory outlives the store.
  virtual void start(BatchMachineFactory& factory) = 0;
  virtual std::size_t lanes() const noexcept = 0;
  // From any thread; entries of one thread keep their order, those in the background among
  // themselves. Refuses with `overloaded` when
  // lane_queue_entries_max or lane_queue_bytes_max is reached (the entry is left untouched), with
  // `draining` after drain() began.
  virtual base::Result<void> submit(std::size_t lane, std::unique_ptr<LaneEntry>& entry) = 0;
  // Takes back what was submitted before `limit` and somebody waits for, unless a transaction has
  // it already. In the order it came. From any thread.
  virtual std::vector<std::unique_ptr<LaneEntry>> withdraw(std::size_t lane,
                                                           base::Instant limit) = 0;
  // Refuses new entries, ends what waits, returns when all of it is committed. Not from a reactor.
  virtual void drain() = 0;

  // --- reading. `done` is posted to `asker`.
  // Nothing: there is no such conversation.
  virtual void load(Reactor& asker,
                    ConversationKey key,
                    Done<std::optional<LoadedConversation>> done) = 0;
  virtual void page(Reactor& asker, PageQuery query, Done<std::vector<LogEvent>> done) = 0;
  // False: there is no such conversation, or he never was in it; then `sink` hears nothing.
  virtual void history(Reactor& asker,
                       HistoryQuery query,
                       std::shared_ptr<MessageSink> sink,
                       Done<bool> done) = 0;
  // The last number of each, parallel to `keys`; 0 where there is nothing.
  virtual void heads(Reactor& asker,
                     std::vector<ConversationKey> keys,
                     Done<std::vector<Seq>> done) = 0;
  // Certain, at once and from memory: nothing was ever stored at this key. False says nothing. Any
  // thread. Nobody else may write what it is answered from; a store that can not know says false.
  virtual bool never_sent(const ConversationKey& conversation,
                          const UserId& sender,
                          const domain::ClientId& client_id) const noexcept = 0;
  // What stands at the key of a send, if it was stored.
  virtual void find_send(Reactor& asker, SendKey key, Done<std::optional<StoredSend>> done) = 0;
  // The conversation and the user's own row; nothing if there is no such conversation or he never
  // was in it.
  virtual void find_for(Reactor& asker,
                        ConversationKey key,
                        UserId user,
                        Done<std::optional<ListedConversation>> done) = 0;
  // Active memberships, the user's own log among them: what his log tells after this snapshot is
  // not in it. Newest activity first. One query.
  virtual void memberships(Reactor& asker,
                           UserKey user,
                           domain::DeviceId device,
                           Done<std::vector<Membership>> done) = 0;
  // As above, for these conversations only; those he is not an active member of are left out.
  virtual void memberships_of(Reactor& asker,
                              UserKey user,
                              domain::DeviceId device,
                              std::vector<domain::Cid> cids,
                              Done<std::vector<Membership>> done) = 0;
  virtual void list(Reactor& asker,
                    ListQuery query,
                    Done<std::vector<ListedConversation>> done) = 0;
  virtual void members(Reactor& asker, MembersQuery query, Done<std::vector<Member>> done) = 0;
  virtual void find_external(Reactor& asker,
                             ExternalKey key,
                             Done<std::optional<domain::Cid>> done) = 0;
  virtual void unread_total(Reactor& asker, UserKey user, Done<std::uint64_t> done) = 0;
  // Of `users`, those who share an active conversation with `asking` (or are he). Unknown ones are
  // left out.
  virtual void users(Reactor& asker,
                     UserKey asking,
                     std::vector<UserId> users,
                     Done<std::vector<UserRow>> done) = 0;

  // --- applications. Blocking, rare, any thread but a reactor's.
  virtual base::Result<Directory> directory() = 0;
  virtual base::Result<AppRow> create_app(std::string name) = 0;  // `conflict` if the name is taken
  virtual base::Result<void> add_key(AppKeyRow key) = 0;  // kid unique within the application
  virtual base::Result<void> retire_key(domain::AppId app, std::string kid) = 0;  // `not_found`
};

}  // namespace kith::ports
