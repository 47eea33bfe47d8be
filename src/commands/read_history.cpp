#include "commands/all.hpp"
#include "commands/arguments.hpp"
#include "commands/resolver.hpp"
#include "conversations/objects.hpp"
#include "domain/rights.hpp"
#include "wire/json/writer.hpp"

#include <algorithm>
#include <memory>

namespace kith::commands {
namespace {

namespace limits = base::limits;

enum class Anchor : std::uint8_t { newest, before, after, around };

// One reading of a log, step by step.
struct Reading {
  Context* context;
  Caller caller;
  ConversationKey key;
  Anchor anchor = Anchor::newest;
  Seq place = 0;
  std::size_t limit = 0;
  Seq first = 0;  // the range the user may see
  Seq last = 0;
  Seq head = 0;
  std::vector<domain::LogEvent> events;
  bool more_before = false;
  bool more_after = false;
  Reply reply;
};

using ReadingPtr = std::shared_ptr<Reading>;

std::size_t size_of(const domain::LogEvent& event) {
  return event.body.size() + 200;
}

// Cuts a page to its bytes, from the end that is farther from what was asked for.
void cut(Reading& reading,
         bool keep_newest,
         std::size_t bytes_max = limits::history_page_bytes_max) {
  std::size_t bytes = 0;
  std::size_t kept = 0;
  const auto count = reading.events.size();
  while (kept < count) {
    const auto& event = keep_newest ? reading.events[count - 1 - kept] : reading.events[kept];
    bytes += size_of(event);
    if (kept > 0 && bytes > bytes_max) break;
    ++kept;
  }
  if (kept == count) return;
  if (keep_newest) {
    reading.events.erase(reading.events.begin(),
                         reading.events.end() - static_cast<std::ptrdiff_t>(kept));
    reading.more_before = true;
  } else {
    reading.events.resize(kept);
    reading.more_after = true;
  }
}

void finish(const ReadingPtr& reading) {
  Answer answer;
  wire::json::Writer json{answer.data};
  json.begin_object().key("messages").begin_array();
  for (const auto& event : reading->events)
    conversations::append_message(json, reading->context->store.meta().id_key, reading->key, event);
  json.end_array();
  if (!reading->events.empty()) {
    if (reading->more_after) json.field("next", reading->events.back().seq);
    if (reading->more_before) json.field("prev", reading->events.front().seq);
  }
  json.field("head", reading->head).end_object();
  reading->reply(std::move(answer));
}

// The database does not answer: what is in memory is better than nothing, and says what it is.
void fail(const ReadingPtr& reading, const Fault& fault) {
  auto* recent = reading->context->recent;
  const bool away = fault.code == Errc::unavailable || fault.code == Errc::overloaded;
  const bool newest = reading->anchor == Anchor::newest || reading->anchor == Anchor::before;
  if (recent == nullptr || !away || !newest) return reading->reply(fault);
  const auto before = reading->anchor == Anchor::before ? reading->place : base::seq_wire_max;
  const auto page = recent->find(reading->caller, reading->key, before, reading->limit);
  if (!page || page->messages.empty()) return reading->reply(fault);
  Answer answer;
  wire::json::Writer json{answer.data};
  json.begin_object().key("messages").begin_array();
  for (const auto& message : page->messages)
    json.raw(message);
  json.end_array().field("head", page->head).field("stale", true).end_object();
  reading->reply(std::move(answer));
}

// The messages of (after, to], at most `limit` of them, from one end.
struct Part {
  Seq after;
  Seq to;
  std::size_t limit;
  bool newest;
};

// One more is read to know whether there are more.
template <class Then>
void read_part(const ReadingPtr& reading, Part part, Then then) {
  if (part.after >= part.to || part.limit == 0) return then(std::vector<domain::LogEvent>{}, false);
  auto& context = *reading->context;
  context.store.page(context.reactor,
                     {.conversation = reading->key,
                      .after = part.after,
                      .to = part.to,
                      .limit = part.limit + 1,
                      .newest = part.newest,
                      .messages_only = true,
                      .bytes_max = limits::history_read_bytes_max},
                     [reading, part, then = std::move(then)](auto page) mutable {
                       if (page.has_error()) return fail(reading, page.error());
                       const bool more = page->size() > part.limit;
                       if (more && part.newest) page->erase(page->begin());
                       if (more && !part.newest) page->pop_back();
                       then(std::move(*page), more);
                     });
}

void read_before(const ReadingPtr& reading, Seq to) {
  read_part(reading,
            {reading->first - 1, to, reading->limit, true},
            [reading, to](auto events, bool more) {
              reading->events = std::move(events);
              reading->more_before = more;
              reading->more_after = to < reading->last;
              cut(*reading, true);
              finish(reading);
            });
}

void read_after(const ReadingPtr& reading, Seq after) {
  read_part(reading,
            {std::max(after, reading->first - 1), reading->last, reading->limit, false},
            [reading](auto events, bool more) {
              reading->events = std::move(events);
              reading->more_after = more;
              reading->more_before =
                  !reading->events.empty() && reading->events.front().seq > reading->first;
              cut(*reading, false);
              finish(reading);
            });
}

void read_upper_half(const ReadingPtr& reading, Seq middle, std::size_t half) {
  read_part(reading,
            {middle, reading->last, half, false},
            [reading, half, middle](auto after, bool more_after) {
              auto lower = std::exchange(reading->events, std::move(after));
              // With no room for later ones nobody looked whether there are some.
              reading->more_after = more_after || (half == 0 && middle < reading->last);
              cut(*reading, false, limits::history_page_bytes_max / 2);
              reading->events.insert(reading->events.begin(),
                                     std::make_move_iterator(lower.begin()),
                                     std::make_move_iterator(lower.end()));
              finish(reading);
            });
}

void read_around(const ReadingPtr& reading) {
  const auto half = reading->limit / 2;
  const auto middle = std::clamp(reading->place, reading->first - 1, reading->last);
  read_part(reading,
            {reading->first - 1, middle, reading->limit - half, true},
            [reading, half, middle](auto before, bool more) {
              reading->events = std::move(before);
              reading->more_before = more;
              cut(*reading, true, limits::history_page_bytes_max / 2);
              read_upper_half(reading, middle, half);
            });
}

void begin(const ReadingPtr& reading, const ports::ListedConversation& listed) {
  reading->head = listed.conversation.last_seq;
  reading->first = listed.member.from_seq;
  reading->last = listed.conversation.last_seq;
  switch (reading->anchor) {
    case Anchor::newest:
      return read_before(reading, reading->last);
    case Anchor::before:
      return read_before(reading,
                         std::min(reading->place == 0 ? 0 : reading->place - 1, reading->last));
    case Anchor::after:
      return read_after(reading, reading->place);
    case Anchor::around:
      return read_around(reading);
  }
}

Result<void> parse(Reading& reading, Value args) {
  KITH_TRY(before, optional_seq(args, "before", "`before` is the seq of a message, below 2^53"));
  KITH_TRY(after, optional_seq(args, "after", "`after` is the seq of a message, below 2^53"));
  KITH_TRY(around, optional_seq(args, "around", "`around` is the seq of a message, below 2^53"));
  if ((before ? 1 : 0) + (after ? 1 : 0) + (around ? 1 : 0) > 1)
    return Fault{Errc::validation_failed, "give one of `before`, `after` and `around`"};
  KITH_TRY(limit, limit_of(args, limits::history_page_max / 2, limits::history_page_max));
  reading.limit = limit;
  if (before) reading.anchor = Anchor::before;
  if (after) reading.anchor = Anchor::after;
  if (around) reading.anchor = Anchor::around;
  reading.place = before.value_or(after.value_or(around.value_or(0)));
  return {};
}

}  // namespace

// message.history {cid | external_id | to, before? | after? | around?, limit?} -> {messages, next?,
// prev?, head}
//   and `stale: true` where it comes from memory, because the database does not answer
//   ascending by seq; `next` is the `after` of the page that follows, `prev` the `before` of the
//   one ahead
void read_history(Context& context, const Caller& caller, const Input& input, Reply reply) {
  auto reading = std::make_shared<Reading>();
  if (const auto parsed = parse(*reading, input.args); parsed.has_error())
    return reply(parsed.error());
  if (const auto user = user_of(caller); user.has_error()) return reply(user.error());
  reading->context = &context;
  reading->caller = caller;
  reading->reply = std::move(reply);
  context.resolver.resolve(caller, input.args, [reading](Result<Target> target) {
    if (target.has_error()) return reading->reply(target.error());
    reading->key = target->key;
    auto& at = *reading->context;
    at.store.find_for(at.reactor, reading->key, reading->caller.user, [reading](auto found) {
      if (found.has_error()) return fail(reading, found.error());
      if (!*found) return reading->reply(domain::no_conversation());
      begin(reading, **found);
    });
  });
}

}  // namespace kith::commands
