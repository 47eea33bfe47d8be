#include "base/names.hpp"
#include "commands/activity_place.hpp"
#include "commands/all.hpp"
#include "commands/arguments.hpp"
#include "commands/open_syncs.hpp"
#include "conversations/objects.hpp"
#include "wire/json/writer.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <functional>
#include <memory>

// What is pushed after a connect, for those who ask instead: pages of logs, from where they are.
namespace kith::commands {
namespace {

namespace limits = base::limits;

constexpr std::uint32_t retry_after_ms = 100;
static_assert(limits::syncs_per_connection_max == 2, "a text below says so");

// What one conversation has to be answered with.
struct Part {
  Cid cid;
  Seq after = 0;       // the client has what lies up to here
  Seq end = 0;         // the last event he may see
  bool reset = false;  // what the client has of it is of no use
};

// One answer under way, conversation by conversation.
struct Syncing {
  Context* context;
  UserKey user;
  Reply reply;
  std::vector<std::pair<Cid, Seq>> cursors;  // left to be looked at
  bool epoch_matches = true;
  std::size_t limit = 0;  // of events of each conversation
  std::optional<Place> below;
  std::vector<Part> parts;
  std::vector<Cid> unknown;  // named, and not among his conversations
  std::optional<Place> next;
  std::size_t at = 0;  // in parts, or before that in unknown
  std::string text;    // of the conversations
};

using SyncingPtr = std::shared_ptr<Syncing>;

// A cursor beyond the end, or of another history, tells nothing.
Part part_of(const Syncing& syncing, const Cid& cid, Seq from, Seq end, std::optional<Seq> cursor) {
  const Seq before = from == 0 ? 0 : from - 1;
  Part part{.cid = cid, .after = before, .end = end};
  if (!cursor) return part;
  part.reset = !syncing.epoch_matches || *cursor > end;
  if (!part.reset) part.after = std::max(before, *cursor);
  return part;
}

void finish(Syncing& syncing) {
  Answer answer;
  answer.data.reserve(syncing.text.size() + 128);
  wire::json::Writer json{answer.data};
  json.begin_object().field("epoch", syncing.context->epoch());
  json.key("conversations").begin_array().raw(syncing.text).end_array();
  if (syncing.next) json.field("next", to_token(*syncing.next));
  json.end_object();
  syncing.reply(std::move(answer));
}

// `next`: where the conversation goes on; nothing: it is told to its end.
void write_part(Syncing& syncing,
                const Part& part,
                const std::vector<domain::LogEvent>& events,
                std::optional<Seq> next) {
  if (!syncing.text.empty()) syncing.text += ',';
  wire::json::Writer json{syncing.text};
  conversations::put(json.begin_object().key("cid"), part.cid);
  json.field("status", part.reset ? "reset" : next ? "more" : "complete");
  json.key("events").begin_array();
  for (const auto& event : events) {
    json.begin_object().field("event", domain::to_text(event.kind)).key("data");
    conversations::append_event(
        json, syncing.context->store.meta().id_key, {syncing.user.app, part.cid}, event);
    json.end_object();
  }
  json.end_array();
  if (next) json.field("next", *next);
  json.end_object();
}

void go_on(const SyncingPtr& syncing);

// Nothing is missing in it, and it lies where it was asked for.
bool is_whole(const std::vector<domain::LogEvent>& page, const Part& part, bool far) {
  const auto first = far ? part.end - page.size() + 1 : part.after + 1;
  return domain::dense_from(first, page);
}

void on_page(const SyncingPtr& syncing, const base::Result<std::vector<domain::LogEvent>>& page) {
  if (page.has_error()) return syncing->reply(page.error());
  auto part = syncing->parts[syncing->at++];
  const bool far = part.end - part.after > limits::behind_events_max;
  if (!is_whole(*page, part, far)) {
    syncing->context->logger.log(base::LogLevel::error,
                                 "log_has_a_hole",
                                 {{"app", static_cast<std::uint32_t>(syncing->user.app)},
                                  {"after", part.after},
                                  {"to", part.end}});
    return syncing->reply(
        Fault{Errc::internal, "a conversation's log has a hole: see the server's log"});
  }
  part.reset = part.reset || far;
  const auto last = page->back().seq;
  write_part(*syncing, part, *page, last < part.end ? std::optional{last} : std::nullopt);
  go_on(syncing);
}

// Who is too far behind gets the newest page: the rest is for message.history.
void read_page(const SyncingPtr& syncing, const Part& part, std::size_t bytes_left) {
  auto& context = *syncing->context;
  context.store.page(context.reactor,
                     {.conversation = {syncing->user.app, part.cid},
                      .after = part.after,
                      .to = part.end,
                      .limit = syncing->limit,
                      .newest = part.end - part.after > limits::behind_events_max,
                      .bytes_max = bytes_left},
                     [syncing](auto page) { on_page(syncing, page); });
}

void go_on(const SyncingPtr& syncing) {
  for (; syncing->at < syncing->parts.size(); ++syncing->at) {
    const auto& part = syncing->parts[syncing->at];
    const bool has_more = part.after < part.end;
    const auto written = syncing->text.size();
    if (has_more && written < limits::history_page_bytes_max)
      return read_page(syncing, part, limits::history_page_bytes_max - written);
    write_part(*syncing, part, {}, has_more ? std::optional{part.after} : std::nullopt);
  }
  finish(*syncing);
}

// What he was in and is not any more is told to his end; what he never was in he is to forget.
void look_for_unknown(const SyncingPtr& syncing) {
  if (syncing->at == syncing->unknown.size()) {
    syncing->at = 0;
    return go_on(syncing);
  }
  auto& context = *syncing->context;
  const auto cid = syncing->unknown[syncing->at];
  context.store.find_for(
      context.reactor,
      {syncing->user.app, cid},
      syncing->user.user,
      [syncing, cid](base::Result<std::optional<ports::ListedConversation>> found) {
        if (found.has_error()) return syncing->reply(found.error());
        const auto cursor = syncing->cursors[syncing->at++].second;
        if (const auto& listed = *found) {
          const auto& me = listed->member;
          const auto end = me.active() ? listed->conversation.last_seq : me.until_seq;
          syncing->parts.push_back(part_of(*syncing, cid, me.from_seq, end, cursor));
        } else {
          syncing->parts.push_back({.cid = cid, .reset = true});
        }
        look_for_unknown(syncing);
      });
}

// Those he did not name, the latest activity first, as many as one answer tells of.
void add_changed(Syncing& syncing, std::vector<ports::Membership> others) {
  const auto place = [](const ports::Membership& one) { return Place{one.active_at, one.cid}; };
  std::erase_if(others, [&](const ports::Membership& one) {
    return one.head < one.from_seq || (syncing.below && place(one) >= *syncing.below);
  });
  std::sort(others.begin(), others.end(), [&](const auto& a, const auto& b) {
    return place(a) > place(b);
  });
  if (others.size() > limits::sync_changed_max) {
    others.resize(limits::sync_changed_max);
    syncing.next = place(others.back());
  }
  for (const auto& one : others)
    syncing.parts.push_back(part_of(syncing, one.cid, one.from_seq, one.head, std::nullopt));
}

void on_memberships(const SyncingPtr& syncing, base::Result<std::vector<ports::Membership>> found) {
  if (found.has_error()) return syncing->reply(found.error());
  boost::unordered_flat_map<Cid, Seq, base::KeyHash> named;
  for (const auto& [cid, seq] : syncing->cursors)
    named.emplace(cid, seq);
  std::vector<ports::Membership> others;
  for (auto& one : *found) {
    const auto cursor = named.find(one.cid);
    if (cursor == named.end()) {
      others.push_back(one);
      continue;
    }
    syncing->parts.push_back(part_of(*syncing, one.cid, one.from_seq, one.head, cursor->second));
    named.erase(cursor);
  }
  add_changed(*syncing, std::move(others));
  std::erase_if(syncing->cursors, [&](const auto& one) { return !named.contains(one.first); });
  for (const auto& [cid, seq] : syncing->cursors)
    syncing->unknown.push_back(cid);
  look_for_unknown(syncing);
}

Result<void> parse(Syncing& syncing, Value args) {
  KITH_TRY(cursors, cursors_of(args, Unreadable::passed_over));
  KITH_TRY(
      epoch,
      optional_text(
          args, "epoch", limits::client_id_bytes_max, "`epoch` is what `hello` gave with them"));
  KITH_TRY(limit, limit_of(args, limits::history_page_max / 2, limits::history_page_max));
  KITH_TRY(below, place_of(args));
  syncing.cursors = std::move(cursors);
  syncing.epoch_matches = !epoch || epoch->empty() || *epoch == syncing.context->epoch();
  syncing.limit = limit;
  syncing.below = below;
  return {};
}

void start(const SyncingPtr& syncing) {
  auto& context = *syncing->context;
  context.store.memberships(
      context.reactor, syncing->user, domain::DeviceId{}, [syncing](auto found) {
        on_memberships(syncing, std::move(found));
      });
}

void sync(const std::shared_ptr<OpenSyncs>& open,
          Context& context,
          const Caller& caller,
          const Input& input,
          Reply reply) {
  auto user = user_of(caller);
  if (user.has_error()) return reply(user.error());
  auto syncing = std::make_shared<Syncing>();
  syncing->context = &context;
  if (const auto parsed = parse(*syncing, input.args); parsed.has_error())
    return reply(parsed.error());
  syncing->user = {caller.app, std::move(*user)};
  const auto connection = caller.origin.session;
  if (!open->count(connection))
    return reply(Fault{Errc::overloaded,
                       "two syncs of this connection are under way: wait for their answers",
                       retry_after_ms});
  // Weak: what waits to begin is held by those it waits for.
  syncing->reply = [open = std::weak_ptr{open}, connection, reply = std::move(reply)](
                       Result<Answer> result) mutable {
    reply(std::move(result));
    if (const auto still = open.lock()) still->end(connection);
  };
  open->begin([syncing] { start(syncing); });
}

}  // namespace

// sync {cursors?: [{cid, seq}], epoch?, limit?, next?}
//   -> {epoch, conversations: [{cid, status: complete | more | reset, events: [{event, data}],
//   next?}], next?}
//   Every conversation that is named, and those of the caller that are not and have something to
//   tell. A conversation's `next` is the cursor to go on from; the answer's, what to pass as `next`
//   for the conversations it does not tell of. Refused, `overloaded`: a third at a time.
Run make_sync() {
  return [open = std::make_shared<OpenSyncs>()](
             auto& context, const auto& caller, const auto& input, Reply reply) {
    sync(open, context, caller, input, std::move(reply));
  };
}

}  // namespace kith::commands
