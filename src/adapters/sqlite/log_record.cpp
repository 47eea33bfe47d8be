#include "adapters/sqlite/log_record.hpp"

#include <cstring>
#include <type_traits>

namespace kith::adapters::sqlite {

namespace {

constexpr std::uint8_t tag_folded = 1;
constexpr std::uint8_t tag_sent = 2;
constexpr std::uint8_t tag_event = 3;

constexpr std::uint8_t has_client_id = 1;
constexpr std::uint8_t is_client_named = 2;
constexpr std::uint8_t has_marks = 4;
constexpr std::uint8_t has_subject = 8;
constexpr std::uint8_t has_role = 16;
constexpr std::uint8_t has_target = 32;
constexpr std::uint8_t all_flags = 63;
constexpr std::size_t cid_bytes = 16;

void put_byte(std::string& to, std::uint8_t value) {
  to.push_back(static_cast<char>(value));
}

// Seven bits a byte, the lowest first.
void put_number(std::string& to, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    put_byte(to, static_cast<std::uint8_t>(value | 0x80));
  put_byte(to, static_cast<std::uint8_t>(value));
}

// Small ones of either sign are short.
void put_signed(std::string& to, std::int64_t value) {
  put_number(to,
             (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

void put_text(std::string& to, std::string_view text) {
  put_number(to, text.size());
  to.append(text);
}

// Takes values from the front; after the first that is not there, all are empty and `good` is
// false.
struct Source {
  std::string_view rest;
  bool good = true;

  std::string_view bytes(std::uint64_t count) {
    if (count > rest.size()) {
      good = false;
      rest = {};
      return {};
    }
    const auto taken = rest.substr(0, count);
    rest.remove_prefix(count);
    return taken;
  }

  std::uint8_t byte() {
    const auto taken = bytes(1);
    return taken.empty() ? 0 : static_cast<std::uint8_t>(taken[0]);
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t part = byte();
      value |= static_cast<std::uint64_t>(part & 0x7f) << shift;
      if ((part & 0x80) == 0) return value;
    }
    good = false;
    return 0;
  }

  std::int64_t row() { return static_cast<std::int64_t>(number()); }

  std::int64_t signed_number() {
    const std::uint64_t value = number();
    return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
  }

  std::string_view text() { return bytes(number()); }
};

std::uint8_t flags_of(const EventRecord& event) {
  unsigned flags = 0;
  if (!event.client_id.empty()) flags |= has_client_id;
  if (event.client_named) flags |= is_client_named;
  if (event.marks) flags |= has_marks;
  if (event.subject != 0) flags |= has_subject;
  if (event.role) flags |= has_role;
  if (event.target) flags |= has_target;
  return static_cast<std::uint8_t>(flags);
}

}  // namespace

void append_event(std::string& to, const EventRecord& event) {
  const std::uint8_t flags = flags_of(event);
  put_byte(to, flags);
  put_byte(to, static_cast<std::uint8_t>(event.kind));
  put_number(to, static_cast<std::uint64_t>(event.conversation));
  put_number(to, event.seq);
  put_number(to, event.no);
  put_signed(to, event.ts.ms);
  put_number(to, static_cast<std::uint64_t>(event.actor));
  if (event.actor != 0) put_text(to, event.actor_name);
  if ((flags & has_client_id) != 0) put_text(to, event.client_id);
  if ((flags & has_subject) != 0) {
    put_number(to, static_cast<std::uint64_t>(event.subject));
    put_text(to, event.subject_name);
  }
  if (event.role) put_byte(to, static_cast<std::uint8_t>(*event.role));
  if (event.target) to.append(event.target->view());
  to.append(event.body);
}

std::optional<EventRecord> read_event_record(std::string_view bytes) {
  Source source{bytes};
  EventRecord event;
  const std::uint8_t flags = source.byte();
  event.kind = static_cast<domain::EventKind>(source.byte());
  event.conversation = source.row();
  event.seq = source.number();
  event.no = source.number();
  event.ts = {source.signed_number()};
  event.actor = source.row();
  if (event.actor != 0) event.actor_name = source.text();
  event.client_named = (flags & is_client_named) != 0;
  event.marks = (flags & has_marks) != 0;
  if ((flags & has_client_id) != 0) event.client_id = source.text();
  if ((flags & has_subject) != 0) {
    event.subject = source.row();
    event.subject_name = source.text();
  }
  if ((flags & has_role) != 0) event.role = static_cast<domain::Role>(source.byte());
  std::string_view target;
  if ((flags & has_target) != 0) target = source.bytes(cid_bytes);
  event.body = source.rest;
  if (!source.good || flags > all_flags) return std::nullopt;
  if (!target.empty()) event.target = base::Cid::from_view(target);
  return event;
}

domain::LogEvent to_event(const EventRecord& record) {
  domain::LogEvent event;
  event.seq = record.seq;
  event.no = record.no;
  event.kind = record.kind;
  event.actor = base::UserId{std::string{record.actor_name}};
  event.client_id = base::ClientId{std::string{record.client_id}};
  event.ts = record.ts;
  event.subject = base::UserId{std::string{record.subject_name}};
  if (record.role) event.role = *record.role;
  if (record.target) event.target = *record.target;
  event.body = std::string{record.body};
  return event;
}

void LogRow::add_folded(std::int64_t conversation) {
  put_byte(bytes_, tag_folded);
  put_number(bytes_, static_cast<std::uint64_t>(conversation));
}

void LogRow::add_sent(std::uint64_t hash) {
  put_byte(bytes_, tag_sent);
  char raw[sizeof hash];
  std::memcpy(raw, &hash, sizeof hash);
  bytes_.append(raw, sizeof raw);
}

LogRow::Place LogRow::add_event(const EventRecord& event) {
  scratch_.clear();
  append_event(scratch_, event);
  put_byte(bytes_, tag_event);
  put_text(bytes_, scratch_);
  const auto size = static_cast<std::uint32_t>(scratch_.size());
  return {static_cast<std::uint32_t>(bytes_.size()) - size, size};
}

LogRowReader::Item LogRowReader::next() {
  if (rest_.empty()) return Item::end;
  Source source{rest_};
  const std::uint8_t tag = source.byte();
  Item item = Item::damaged;
  if (tag == tag_folded) {
    conversation_ = source.row();
    item = Item::folded;
  } else if (tag == tag_sent) {
    const auto raw = source.bytes(sizeof sent_);
    if (source.good) std::memcpy(&sent_, raw.data(), sizeof sent_);
    item = Item::sent;
  } else if (tag == tag_event) {
    event_bytes_ = source.text();
    const auto event = read_event_record(event_bytes_);
    if (!event) return Item::damaged;
    event_ = *event;
    item = Item::event;
  }
  rest_ = source.rest;
  return source.good ? item : Item::damaged;
}

}  // namespace kith::adapters::sqlite
