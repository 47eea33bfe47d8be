#include "commands/all.hpp"
#include "commands/arguments.hpp"
#include "commands/resolver.hpp"
#include "conversations/objects.hpp"
#include "domain/identity.hpp"
#include "domain/rights.hpp"
#include "wire/json/writer.hpp"

#include <algorithm>
#include <memory>

namespace kith::commands {
namespace {

namespace limits = base::limits;

enum class Anchor : std::uint8_t { newest, before, after, around };

std::size_t size_of(const ports::MessageView& message) {
  return message.body.size() + 200;
}

// Messages from one end of what the user may see, made to JSON where they are read: their bytes are
// copied once, from the page of the database into the answer.
class Page final : public ports::MessageSink {
 public:
  struct Bounds {
    std::size_t messages = 0;
    std::size_t bytes = limits::history_page_bytes_max;  // the first message may exceed it
    bool newest = false;
  };

  Page(const base::Key16& id_key, const ConversationKey& key, const Bounds& bounds)
      : id_key_(id_key), key_(key), bounds_(bounds) {}

  void begin(Seq first, Seq last) override {
    first_ = first;
    last_ = last;
    bytes_ = 0;
    more_ = false;
    ends_.clear();
    text_.clear();
  }

  bool add(const ports::MessageView& message) override {
    bytes_ += size_of(message);
    more_ = ends_.size() == bounds_.messages || (!ends_.empty() && bytes_ > bounds_.bytes);
    if (more_) return false;
    if (ends_.empty()) oldest_ = newest_ = message.seq;
    oldest_ = std::min(oldest_, message.seq);
    newest_ = std::max(newest_, message.seq);
    wire::json::Writer json{text_};
    const auto id = domain::message_id(id_key_, key_, message.sender, message.client_id);
    conversations::append_message(json, id, key_, message);
    ends_.push_back(text_.size());
    return true;
  }

  // The range he may see.
  Seq first() const noexcept { return first_; }

  Seq last() const noexcept { return last_; }

  bool empty() const noexcept { return ends_.empty(); }

  // There is another one beyond the bounds.
  bool more() const noexcept { return more_; }

  Seq oldest() const noexcept { return oldest_; }

  Seq newest() const noexcept { return newest_; }

  std::size_t text_bytes() const noexcept { return text_.size(); }

  void append_to(wire::json::Writer& json) const {
    for (std::size_t i = 0; i < ends_.size(); ++i) {
      const std::size_t at = bounds_.newest ? ends_.size() - 1 - i : i;
      const std::size_t start = at == 0 ? 0 : ends_[at - 1];
      json.raw(std::string_view{text_}.substr(start, ends_[at] - start));
    }
  }

 private:
  const base::Key16 id_key_;
  const ConversationKey key_;
  const Bounds bounds_;
  Seq first_ = 0;
  Seq last_ = 0;
  std::size_t bytes_ = 0;
  bool more_ = false;
  Seq oldest_ = 0;
  Seq newest_ = 0;
  std::vector<std::size_t> ends_;  // of the messages in the text, as they came
  std::string text_;
};

using PagePtr = std::shared_ptr<Page>;

// One reading of a log, step by step.
struct Reading {
  Context* context;
  Caller caller;
  ConversationKey key;
  Anchor anchor = Anchor::newest;
  Seq place = 0;
  std::size_t limit = 0;
  PagePtr lower;  // what was read, in the order of the log; either may be absent
  PagePtr upper;
  bool more_before = false;
  bool more_after = false;
  Reply reply;
};

using ReadingPtr = std::shared_ptr<Reading>;

void finish(const ReadingPtr& reading) {
  const Page* pages[2] = {};
  std::size_t count = 0;
  for (const auto& page : {reading->lower, reading->upper})
    if (page && !page->empty()) pages[count++] = page.get();
  Answer answer;
  std::size_t bytes = 100;
  for (std::size_t i = 0; i < count; ++i)
    bytes += pages[i]->text_bytes() + limits::history_page_max;
  answer.data.reserve(bytes);
  wire::json::Writer json{answer.data};
  json.begin_object().key("messages").begin_array();
  for (std::size_t i = 0; i < count; ++i)
    pages[i]->append_to(json);
  json.end_array();
  if (count != 0) {
    if (reading->more_after) json.field("next", pages[count - 1]->newest());
    if (reading->more_before) json.field("prev", pages[0]->oldest());
  }
  const Page& any = reading->lower ? *reading->lower : *reading->upper;
  json.field("head", any.last()).end_object();
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

// The messages of (after, to], from one end.
struct Part {
  Seq after;
  Seq to;
  Page::Bounds bounds;
};

template <class Then>
void read_part(const ReadingPtr& reading, const Part& part, Then then) {
  auto& context = *reading->context;
  auto page = std::make_shared<Page>(context.store.meta().id_key, reading->key, part.bounds);
  context.store.history(context.reactor,
                        {.conversation = reading->key,
                         .user = reading->caller.user,
                         .after = part.after,
                         .to = part.to,
                         .newest = part.bounds.newest},
                        page,
                        [reading, page, then = std::move(then)](auto seen) mutable {
                          if (seen.has_error()) return fail(reading, seen.error());
                          if (!*seen) return reading->reply(domain::no_conversation());
                          then(std::move(page));
                        });
}

void read_before(const ReadingPtr& reading, Seq to) {
  read_part(
      reading, {0, to, {.messages = reading->limit, .newest = true}}, [reading, to](PagePtr page) {
        reading->more_before = page->more();
        reading->more_after = to < page->last();
        reading->lower = std::move(page);
        finish(reading);
      });
}

void read_after(const ReadingPtr& reading, Seq after) {
  read_part(
      reading, {after, base::seq_wire_max, {.messages = reading->limit}}, [reading](PagePtr page) {
        reading->more_after = page->more();
        reading->more_before = !page->empty() && page->oldest() > page->first();
        reading->upper = std::move(page);
        finish(reading);
      });
}

void read_upper_half(const ReadingPtr& reading, std::size_t half) {
  read_part(reading,
            {reading->place,
             base::seq_wire_max,
             {.messages = half, .bytes = limits::history_page_bytes_max / 2}},
            [reading](PagePtr page) {
              reading->more_after = page->more();
              reading->upper = std::move(page);
              finish(reading);
            });
}

void read_around(const ReadingPtr& reading) {
  const auto half = reading->limit / 2;
  read_part(reading,
            {0,
             reading->place,
             {.messages = reading->limit - half,
              .bytes = limits::history_page_bytes_max / 2,
              .newest = true}},
            [reading, half](PagePtr page) {
              reading->more_before = page->more();
              reading->more_after = reading->place < page->last();
              reading->lower = std::move(page);
              if (half == 0) return finish(reading);
              read_upper_half(reading, half);
            });
}

void begin(const ReadingPtr& reading) {
  switch (reading->anchor) {
    case Anchor::newest:
      return read_before(reading, base::seq_wire_max);
    case Anchor::before:
      return read_before(reading, reading->place == 0 ? 0 : reading->place - 1);
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
    begin(reading);
  });
}

}  // namespace kith::commands
