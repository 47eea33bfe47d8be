#pragma once

#include "adapters/sqlite/connection.hpp"
#include "ports/store.hpp"

#include <cstdint>

// From columns to records. Every statement names its columns in the order given here.
namespace kith::adapters::sqlite {

inline constexpr std::int64_t seq_mask = 0xffff'ffff;
inline constexpr std::int64_t conversations_max = std::int64_t{1} << 31;  // the rest of a key

// The place of an event among all: those of a conversation are one range.
constexpr std::int64_t entry_id(std::int64_t conversation, base::Seq seq) noexcept {
  return (conversation << 32) | static_cast<std::int64_t>(seq);
}

constexpr base::Seq seq_of(std::int64_t entry) noexcept {
  return static_cast<base::Seq>(entry & seq_mask);
}

// app, cid
base::ConversationKey read_key(const Query& query, int column);

// cid, kind, title, custom, external_id, created_at, access_rev, members, id and no of the last
// event
inline constexpr int conversation_columns = 10;
domain::Conversation read_conversation(const Query& query, int column);

// user, role, from_seq, until_seq, read_seq, read_no, joined_at
inline constexpr int member_columns = 7;
domain::Member read_member(const Query& query, int column);

// Of a read of events: SQLITE_CORRUPT, if the row's last column is not the conversation asked for.
Outcome<void> expect_own(const Query& query, int column, std::int64_t conversation);

// seq, no, kind, actor, client_id, ts, subject, role, target, body: all but the two users, whose
// columns hold their rows.
domain::LogEvent read_event(const Query& query);

// Of Ask::send.
ports::StoredSend read_stored_send(const Query& query);

}  // namespace kith::adapters::sqlite
