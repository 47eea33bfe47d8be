#pragma once

#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/overlay.hpp"
#include "adapters/sqlite/read_sql.hpp"
#include "adapters/sqlite/tails.hpp"
#include "base/limits.hpp"
#include "ports/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kith::adapters::sqlite {

// The reads of the port, on one connection that can not write, and what the tails add. Each sees
// one snapshot of both. One thread at a time.
class Reader {
 public:
  // The tails of the same file; they outlive the reader.
  static Outcome<Reader> open(const std::string& path, Tails& tails);

  // While it lives, the reads that begin see one snapshot: for those that were asked before it. One
  // that finds it too old begins anew, as the ones after it do.
  class Span {
   public:
    explicit Span(Reader& reader);
    Span(const Span&) = delete;
    Span& operator=(const Span&) = delete;
    ~Span();

   private:
    Reader& reader_;
  };

  // Between reads, when none came for a while: gives back what its page cache holds.
  void rest() noexcept { connection_.release_memory(); }

  Outcome<std::optional<ports::LoadedConversation>> load(const base::ConversationKey& key);
  Outcome<std::vector<domain::LogEvent>> page(const ports::PageQuery& query);
  Outcome<bool> history(const ports::HistoryQuery& query, ports::MessageSink& sink);
  Outcome<std::vector<base::Seq>> heads(const std::vector<base::ConversationKey>& keys);
  Outcome<std::optional<ports::StoredSend>> find_send(const ports::SendKey& key);
  Outcome<std::optional<ports::ListedConversation>> find_for(const base::ConversationKey& key,
                                                             const base::UserId& user);
  Outcome<std::vector<ports::Membership>> memberships(const base::UserKey& user,
                                                      const base::DeviceId& device);
  Outcome<std::vector<ports::Membership>> memberships_of(const base::UserKey& user,
                                                         const base::DeviceId& device,
                                                         std::vector<base::Cid> cids);
  Outcome<std::vector<ports::ListedConversation>> list(const ports::ListQuery& query);
  Outcome<std::vector<domain::Member>> members(const ports::MembersQuery& query);
  Outcome<std::optional<base::Cid>> find_external(const ports::ExternalKey& key);
  Outcome<std::uint64_t> unread_total(const base::UserKey& user);
  Outcome<std::vector<ports::UserRow>> users(const base::UserKey& asking,
                                             const std::vector<base::UserId>& users);

 private:
  template <class... Args>
  Query run(Ask what, const Args&... args) {
    return statements_[static_cast<std::size_t>(what)].run(args...);
  }

  // What `read` sees is one state of the database, whatever is written meanwhile.
  template <class Read>
  auto in_snapshot(Read read) -> decltype(read());
  template <class Read>
  auto in_one_snapshot(Read read) -> decltype(read());
  Outcome<void> begin_snapshot();
  Outcome<void> end_snapshot();
  Outcome<Version> version();
  Outcome<Overlay> overlay_of(std::int64_t conversation);

  Outcome<std::optional<std::int64_t>> row_id(Ask what, base::AppId app, std::string_view name);
  Outcome<std::optional<std::int64_t>> conversation_id(const base::ConversationKey& key);
  Outcome<std::optional<std::int64_t>> user_id(const base::UserKey& key);

  // Events of a page, until it is full.
  struct Page {
    std::size_t limit = 0;
    std::size_t bytes_max = 0;
    std::vector<domain::LogEvent> events = {};
    std::size_t bytes = 0;  // of their bodies

    bool full() const noexcept { return events.size() >= limit || bytes >= bytes_max; }

    void add(domain::LogEvent event) {
      bytes += event.body.size();
      events.push_back(std::move(event));
    }
  };

  Outcome<void> add_rows(const ports::PageQuery& query, std::int64_t conversation, Page& page);
  Outcome<domain::LogEvent> event_at(const Query& row, std::int64_t conversation);
  // Nothing of nobody, row 0. Valid until the next call.
  Outcome<std::string_view> name_of(std::int64_t user);

  // What a user may see of a conversation, and its tail within that.
  struct Seen {
    std::int64_t conversation = 0;
    base::Seq first = 0;
    base::Seq last = 0;
    Overlay overlay;
  };

  Outcome<std::optional<Seen>> seen_by(const base::ConversationKey& key, const base::UserId& user);
  // False: the sink wants no more. A row that is missing is corruption.
  Outcome<bool> add_rows(const ports::PageQuery& query, const Seen& seen, ports::MessageSink& sink);
  Outcome<std::vector<domain::Member>> members_of(std::int64_t conversation, Query rows);
  Outcome<ports::Membership> membership_at(const Query& row);

  // Nothing: the event is no message.
  Outcome<std::optional<ports::MessageView>> message_at(const Query& row,
                                                        std::int64_t conversation);

  // The newest event; seq 0: there is none.
  struct Head {
    base::Seq seq = 0;
    base::No no = 0;
    base::WallTime ts;
  };

  // Of a list: a conversation and when something last happened in it.
  struct Activity {
    std::int64_t conversation = 0;
    base::Cid cid;
    base::WallTime at;
    Head head;
  };

  struct Asking {
    const base::UserId& user;
    std::int64_t row = 0;
  };

  // The newest event up to and with `until` (0: all), where `overlay` ends too. `known`: the one
  // that is a row; null: it is looked for, if need be.
  Outcome<Head> head_of(std::int64_t conversation,
                        base::Seq until,
                        const Overlay& overlay,
                        const Head* known);
  Outcome<std::vector<Activity>> activities(std::int64_t user);
  // `known`: the head, of one who is a member.
  Outcome<std::optional<ports::ListedConversation>> listed(std::int64_t conversation,
                                                           const Asking& asking,
                                                           const Head* known);
  Outcome<std::optional<domain::LogEvent>> last_message(std::int64_t conversation,
                                                        const domain::Member& member);

  Tails* tails_ = nullptr;
  std::unique_ptr<TailSnapshot> snapshot_;  // while a read runs, or a span
  Connection connection_;
  Statement begin_;
  Statement commit_;
  std::array<Statement, ask_count> statements_;
  // Of those who wrote what was read lately: names never change.
  boost::unordered_flat_map<std::int64_t, std::string> names_;
};

template <class Read>
auto Reader::in_snapshot(Read read) -> decltype(read()) {
  if (snapshot_) {
    auto result = read();
    if (result.has_value() || !is_busy(result.error())) return result;
    KITH_CHECK(end_snapshot());
  }
  for (std::size_t attempt = 1;; ++attempt) {
    auto result = in_one_snapshot(read);
    if (result.has_value() || !is_busy(result.error())) return result;
    if (attempt == base::limits::snapshot_attempts_max) return result;
  }
}

template <class Read>
auto Reader::in_one_snapshot(Read read) -> decltype(read()) {
  KITH_CHECK(begin_snapshot());
  auto result = read();
  const auto ended = end_snapshot();
  if (result.has_value() && ended.has_error()) return ended.error();
  return result;
}

}  // namespace kith::adapters::sqlite
