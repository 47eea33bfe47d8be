#pragma once

#include <cstddef>
#include <cstdint>

// Every bound of the server that is not a setting, in one list. Bytes, counts and milliseconds as
// the names say.
namespace kith::base::limits {

// HTTP
inline constexpr std::size_t http_line_bytes_max = 8 * 1024;   // request line and each header line
inline constexpr std::size_t http_head_bytes_max = 16 * 1024;  // request line and all headers
inline constexpr std::size_t http_headers_max = 100;
inline constexpr std::size_t http_pipeline_max = 16;  // requests of one connection not yet answered
inline constexpr std::size_t http_query_pairs_max = 100;
inline constexpr std::size_t http_method_bytes_max = 32;
inline constexpr std::size_t http_body_reserve_bytes_max = 16 * 1024;  // on a mere Content-Length
inline constexpr std::size_t http_chunk_overhead_bytes_max =
    16 * 1024;  // sizes, extensions and trailers of one body
inline constexpr std::size_t http_body_bytes_max =
    1024 * 1024;  // where a handler does not say otherwise
inline constexpr std::size_t http_unread_bytes_max =
    64 * 1024;  // behind a request that must be answered first
inline constexpr std::size_t http_unsent_bytes_max =
    256 * 1024;  // of answers the peer has not taken: above, its next request waits
inline constexpr std::uint32_t http_head_timeout_ms = 10'000;  // first byte to end of headers
inline constexpr std::uint32_t http_body_timeout_ms = 30'000;
inline constexpr std::uint32_t http_idle_timeout_ms = 75'000;  // keep-alive between requests

// Who connects from where
inline constexpr std::size_t forwarded_hops_max = 16;       // of X-Forwarded-For, from the right
inline constexpr std::size_t address_rows = 4;              // of counters for addresses, per node
inline constexpr std::size_t address_counters = 16 * 1024;  // in each row
inline constexpr std::size_t proxy_header_bytes_max =
    1024;  // of the PROXY protocol, with what version 2 adds
inline constexpr std::uint32_t proxy_header_timeout_ms = 5'000;
inline constexpr std::size_t proxy_waiting_max = 1'024;  // for their headers, per reactor

// WebSocket
inline constexpr std::size_t websocket_fragments_max = 1024;  // of one message
inline constexpr std::uint32_t websocket_close_timeout_ms = 5'000;

// Engine.IO and Socket.IO
inline constexpr std::size_t incoming_bytes_max =
    64 * 1024 * 1024;  // of messages and POSTs that come in parts, per reactor: above, those of
                       // more than the next are refused; above twice that, all but the smallest
inline constexpr std::size_t incoming_fair_bytes = 64 * 1024;
inline constexpr std::size_t incoming_small_bytes = 4 * 1024;
inline constexpr std::size_t payload_packets_max = 1000;  // of one POST
inline constexpr std::size_t attachments_max = 10;        // of one event, in and out
inline constexpr std::uint32_t attachments_timeout_ms = 30'000;
inline constexpr std::size_t namespace_bytes_max = 256;
inline constexpr std::size_t connect_attempts_max = 32;  // CONNECT packets of one connection
inline constexpr std::uint32_t connect_reply_wait_ms =
    20;  // for the first events, which leave with it
inline constexpr std::size_t json_depth_max = 32;
inline constexpr std::size_t pending_acks_max =
    64;  // asked of one namespace socket, not yet answered
inline constexpr std::uint32_t polling_close_wait_ms =
    30'000;  // a closed session waits for its last poll

// Chat
inline constexpr std::size_t user_chars_max = 64;
inline constexpr std::size_t client_id_bytes_max = 64;
inline constexpr std::size_t device_bytes_max = 64;
inline constexpr std::size_t external_id_bytes_max = 128;
inline constexpr std::size_t text_bytes_max = 16 * 1024;
inline constexpr std::size_t custom_bytes_max = 8 * 1024;
inline constexpr std::size_t type_bytes_max = 32;
inline constexpr std::size_t title_chars_max = 256;
inline constexpr std::size_t name_chars_max = 128;
inline constexpr std::size_t avatar_bytes_max = 2048;
inline constexpr std::size_t mentions_max = 50;
inline constexpr std::size_t mime_bytes_max = 128;
inline constexpr std::size_t name_bytes_max = 512;
inline constexpr std::size_t external_ids_known_max = 50'000;  // remembered, per reactor
inline constexpr std::size_t message_attachments_max = 10;
inline constexpr std::size_t url_bytes_max = 2048;
inline constexpr std::size_t members_max = 10'000;  // of one group
inline constexpr std::size_t members_per_request_max = 1'000;
inline constexpr std::size_t members_slice = 256;     // added in one transaction
inline constexpr std::size_t cursors_max = 1'000;     // of one CONNECT, receipt or sync
inline constexpr std::size_t sync_changed_max = 200;  // conversations told by one sync unasked
inline constexpr std::size_t syncs_per_connection_max = 2;  // not yet answered
inline constexpr std::size_t syncs_at_once_max = 4;         // of one reactor; the others wait
inline constexpr std::size_t users_per_request_max = 200;
inline constexpr std::size_t history_page_max = 100;
inline constexpr std::size_t history_page_bytes_max = 256 * 1024;
inline constexpr std::size_t list_page_max = 1'000;
inline constexpr std::size_t list_page_bytes_max = 256 * 1024;
inline constexpr std::size_t token_bytes_max = 8 * 1024;
inline constexpr std::size_t jwks_bytes_max = 256 * 1024;  // of a file of public keys
inline constexpr std::size_t jwks_keys_max = 100;
inline constexpr std::int64_t token_clock_skew_ms =
    5'000;  // `nbf` and `iat` may be that far ahead of our clock
inline constexpr std::uint32_t token_warning_ms = 60'000;  // auth.expiring, before a token does
inline constexpr std::size_t revoked_users_max =
    100'000;  // remembered, of each application: beyond, tokens older than the oldest are refused
inline constexpr std::size_t in_flight_commands_max = 256;  // of one connection, not yet answered

inline constexpr std::size_t recovery_events_max =
    256;  // of one connection, sent and told apart: a client that lost more begins anew
inline constexpr std::size_t pid_bytes_max = 64;
inline constexpr std::size_t metered_users_max =
    1'000'000;  // whose commands are counted, per reactor: others are not beyond one connection
inline constexpr std::uint32_t refusals_max =
    1'000;  // commands above a rate that one connection may try at once: beyond, it is closed
inline constexpr std::uint32_t refusals_per_s = 100;  // likewise, in the long run

// REST
inline constexpr std::size_t rest_body_bytes_max =
    1024 * 1024;  // of one request; max_payload_bytes may be less
inline constexpr std::size_t rest_bodies_bytes_max =
    32 * 1024 * 1024;                                     // announced and being read, per reactor
inline constexpr std::size_t rest_in_flight_max = 1'024;  // commands not yet answered, per reactor
inline constexpr std::uint32_t rest_retry_after_ms = 1'000;  // beyond the two above
inline constexpr std::size_t idempotency_keys_max =
    10'000;  // whose answers are remembered, per reactor: beyond, the oldest are forgotten
inline constexpr std::size_t idempotency_bytes_max = 16 * 1024 * 1024;  // of those answers
inline constexpr std::uint32_t idempotency_kept_s = 86'400;
inline constexpr std::uint32_t token_ttl_s_max = 10 * 365 * 86'400;
inline constexpr std::uint32_t token_ttl_s_default = 86'400;

// Delivery
inline constexpr std::size_t outbox_high_bytes = 256 * 1024;  // above: the session is behind
inline constexpr std::size_t outbox_low_bytes = 64 * 1024;    // below: pages are read again
inline constexpr std::size_t page_events_max = 200;
inline constexpr std::size_t page_bytes_max =
    outbox_high_bytes;                             // of one page; the last event may exceed it
inline constexpr std::size_t page_reads_max = 32;  // at a time, per node
inline constexpr std::size_t membership_reads_max = 32;  // likewise
inline constexpr std::size_t behind_events_max =
    1'000;                                           // more: the newest page and conversation.gap
inline constexpr std::size_t ring_events_max = 128;  // of one conversation, in memory
inline constexpr std::size_t ring_bytes_max = 64 * 1024;
inline constexpr std::size_t ring_total_bytes_max = 32 * 1024 * 1024;  // of all, per reactor
inline constexpr std::size_t early_max = 256;  // of one session, shown and not yet settled
inline constexpr std::uint32_t early_deliveries_per_s = 40'000;  // per reactor
inline constexpr std::size_t early_message_cost = 5;             // of one, besides its deliveries
inline constexpr std::uint32_t early_look_after_ms = 10'000;     // without news: is it stored?
inline constexpr std::size_t early_looks_max = 32;  // before one is shown, at a time, per node
inline constexpr std::size_t early_remembered_max = 65'536;  // to be looked for, per reactor
inline constexpr std::size_t ticks_members_max =
    256;  // of a conversation: above, no ticks are sent
inline constexpr std::size_t ticks_noted_max = 65'536;     // members, not yet told of, per reactor
inline constexpr std::uint32_t ticks_interval_ms = 1'000;  // each member tells once in it
inline constexpr std::size_t self_receipts_noted_max = 65'536;  // not yet told of, per reactor
inline constexpr std::uint32_t cursor_write_interval_ms = 1'000;
inline constexpr std::uint32_t probe_interval_ms = 1'000;  // a session is asked once in it
inline constexpr std::size_t cursor_slice = 256;

// Writers and reactors
inline constexpr std::size_t batch_entries_max = 4'096;
inline constexpr std::size_t batch_bytes_max = 4 * 1024 * 1024;
inline constexpr std::size_t lane_queue_entries_max = 65'536;
inline constexpr std::size_t lane_queue_bytes_max = 64 * 1024 * 1024;
inline constexpr std::uint32_t lane_linger_us_max = 1'000;
inline constexpr std::size_t lane_linger_entries_max = 64;  // with so many it does not wait
inline constexpr std::uint32_t lane_wait_ms_max = 10'000;   // older sends are refused
inline constexpr std::size_t writer_conversations_max =
    65'536;  // rows and counters remembered by a writer
inline constexpr std::size_t writer_conversations_bytes_max = 32 * 1024 * 1024;
inline constexpr std::size_t writer_users_max = 131'072;  // row numbers remembered by a writer
inline constexpr std::size_t writer_users_bytes_max = 16 * 1024 * 1024;
// What the SQLite store has committed to its log and not yet moved to the rows of conversations.
inline constexpr std::size_t tail_events_max = 128;  // of one conversation: reached, they move
inline constexpr std::size_t tail_bytes_max = 64 * 1024;
inline constexpr std::size_t log_events_max = 200'000;  // of all: beyond, the oldest move
inline constexpr std::size_t log_bytes_max =
    56 * 1024 * 1024;  // likewise; what is in memory shares the rows of the log
inline constexpr std::size_t tails_bytes_max = 64 * 1024 * 1024;  // with what finds them
inline constexpr std::size_t tails_retired_bytes_max =
    16 * 1024 * 1024;  // moved, and kept for reads of older states: beyond, those reads begin anew
inline constexpr std::size_t wal_gathered_bytes_max = 256 * 1024;  // written at once
inline constexpr std::uint32_t store_quiet_ms = 1'000;   // without work: then its threads tidy up
inline constexpr std::uint32_t lane_tidy_pause_ms = 10;  // between its steps
inline constexpr std::size_t tails_quiet_bytes_max = 32 * 1024;  // held when that is done
inline constexpr std::size_t tidy_events = 1'024;                // moved in one step of it
inline constexpr std::size_t short_run_events = 32;      // fewer rows in one place move with it
inline constexpr std::size_t reader_names_max = 1'024;   // of users, remembered by each reader
inline constexpr std::size_t snapshot_attempts_max = 4;  // of such a read
inline constexpr std::size_t sent_filter_bytes_max = 32 * 1024 * 1024;  // of used client ids
inline constexpr std::size_t sent_filter_unsaved_max = 65'536;          // ids in the log alone
inline constexpr std::size_t read_queue_max = 16'384;  // reads asked of the database, not begun
// A reading thread takes its share of what waits, no less and no more than:
inline constexpr std::size_t reads_at_once_least = 8;
inline constexpr std::size_t reads_at_once_max = 16;
inline constexpr std::uint32_t answers_gathered_us_max = 500;  // then those that are there leave
inline constexpr std::size_t mailbox_tasks_max = 65'536;       // of one reactor
inline constexpr std::uint32_t slow_turn_ms = 20;  // a longer turn of a reactor is logged
inline constexpr std::size_t events_per_turn_max =
    512;                                           // of sockets, fetched by one wait of a reactor
inline constexpr std::size_t hook_rounds_max = 4;  // hooks asked for by hooks, in one turn
inline constexpr std::size_t conversations_idle_max = 20'000;  // loaded and unused, per reactor
inline constexpr std::size_t loaded_members_max = 1'000'000;   // of those conversations, in all

// Sockets
inline constexpr std::size_t read_bytes_max =
    64 * 1024;  // of one socket in one turn; one buffer per reactor
inline constexpr std::size_t accepts_per_turn_max = 64;
inline constexpr std::uint32_t accept_pause_ms = 100;  // after an error that only time heals
inline constexpr int listen_backlog_max =
    4'096;  // connections not yet accepted (the kernel may lower it)
inline constexpr int unsent_in_kernel_bytes = 64 * 1024;      // of one socket
inline constexpr std::size_t write_pieces_max = 64;           // of one writev
inline constexpr std::size_t spare_write_queues_max = 1'024;  // kept for the next tick, per reactor
inline constexpr std::size_t lingering_max =
    16'384;  // sockets closing in the background, per reactor

inline constexpr std::size_t tls_handshakes_max =
    1'000;  // not finished, per reactor: above, the oldest is dropped
inline constexpr std::uint32_t tls_handshake_timeout_ms = 10'000;
inline constexpr std::uint32_t tls_handshake_messages_max =
    32;  // of one connection behind its handshake, and one more for each MiB: above, it is closed

// Other nodes
inline constexpr std::uint32_t relay_interval_ms = 1'000;  // questions, announcements
inline constexpr std::size_t relay_channels_per_question = 500;
inline constexpr std::size_t relay_unpublished_max = 65'536;  // heads kept while the broker is away
inline constexpr std::size_t relay_unanswered_max = 262'144;  // more: the link is given up
inline constexpr std::size_t relay_frame_bytes_max = 256 * 1024;  // larger: the head alone
inline constexpr std::size_t compared_heads_per_s = 10'000;       // per reactor
inline constexpr std::size_t compared_heads_slice = 500;          // by one read
inline constexpr std::uint32_t compare_interval_ms = 60'000;
inline constexpr std::uint32_t peer_silent_ms = 5'000;         // then it is dead
inline constexpr std::size_t heard_while_loading_max = 1'024;  // events, of one conversation

// Sessions
inline constexpr std::size_t attachments_pending_bytes_max =
    64 * 1024 * 1024;  // of all connections: above, those that hold more than the next are closed
inline constexpr std::size_t attachments_fair_bytes = 1024 * 1024;
inline constexpr std::size_t users_noted_max = 50'000;  // names known to be stored, per reactor

// Typing
inline constexpr std::uint32_t typing_expires_ms = 6'000;  // after its last typing.start
inline constexpr std::uint32_t typing_repeat_ms =
    3'000;  // typing.start of one who types is told again after that
inline constexpr std::uint32_t typing_pause_ms =
    1'000;  // from a stop to the next start, in one place
inline constexpr std::size_t typing_per_session_max = 16;  // conversations at a time
inline constexpr std::size_t typing_members_max = 256;     // above: nobody is told

// Presence
inline constexpr std::uint32_t presence_grace_ms = 5'000;     // gone for so long: offline
inline constexpr std::uint32_t presence_interval_ms = 1'000;  // a user's changes, at most one in it
inline constexpr std::size_t presence_watched_max = 1'000;    // users, by one connection
inline constexpr std::uint32_t presence_deliveries_per_s = 20'000;  // per reactor; more come later
inline constexpr std::uint32_t presence_users_per_s = 5'000;  // per reactor; others come later
inline constexpr std::uint32_t presence_slice_ms = 50;        // both are used up together so often
inline constexpr std::size_t presence_reads_max = 8;          // of questions, at a time, per node

// Rooms
inline constexpr std::size_t room_bytes_max = 128;  // of the name
inline constexpr std::size_t rooms_per_session_max = 100;
inline constexpr std::size_t room_members_max = 10'000;
inline constexpr std::size_t room_roster_max = 1'000;  // users named by the answer to a join
inline constexpr std::uint32_t room_gather_us_max = 5'000;
inline constexpr std::size_t room_waiting_max = 64;  // messages that leave a room together
inline constexpr std::size_t room_waiting_bytes_max = 64 * 1024;  // likewise, about

}  // namespace kith::base::limits
