#include "adapters/sqlite/log_record.hpp"

#include "base/random.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace kith::adapters::sqlite {

namespace {

void expect_same(const EventRecord& a, const EventRecord& b) {
  EXPECT_EQ(a.conversation, b.conversation);
  EXPECT_EQ(a.seq, b.seq);
  EXPECT_EQ(a.no, b.no);
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.actor, b.actor);
  EXPECT_EQ(a.actor_name, b.actor_name);
  EXPECT_EQ(a.ts.ms, b.ts.ms);
  EXPECT_EQ(a.client_id, b.client_id);
  EXPECT_EQ(a.client_named, b.client_named);
  EXPECT_EQ(a.marks, b.marks);
  EXPECT_EQ(a.subject, b.subject);
  EXPECT_EQ(a.subject_name, b.subject_name);
  EXPECT_EQ(a.role, b.role);
  EXPECT_EQ(a.target, b.target);
  EXPECT_EQ(a.body, b.body);
}

class LogRecordTest : public ::testing::Test {
 protected:
  base::SeededRandom random_{11};
  std::vector<std::string> texts_ = std::vector<std::string>(4);

  std::uint64_t below(std::uint64_t bound) { return random_.next_u64() % bound; }

  bool coin() { return below(2) == 0; }

  // Of any length, small ones most often.
  std::uint64_t number() { return random_.next_u64() >> below(64); }

  std::string_view text(std::size_t n, std::size_t length) {
    texts_[n].clear();
    for (std::size_t i = below(length + 1); i > 0; --i)
      texts_[n].push_back(static_cast<char>(below(256)));
    return texts_[n];
  }

  EventRecord any() {
    EventRecord event;
    event.conversation = static_cast<std::int64_t>(number() >> 1);
    event.seq = number();
    event.no = number();
    event.kind = static_cast<domain::EventKind>(1 + below(6));
    event.ts = {static_cast<std::int64_t>(number()) * (coin() ? 1 : -1)};
    if (coin()) {
      event.actor = 1 + static_cast<std::int64_t>(number() >> 2);
      event.actor_name = text(0, 64);
    }
    event.client_id = text(1, 64);
    event.client_named = !event.client_id.empty() && coin();
    event.marks = coin();
    if (coin()) {
      event.subject = 1 + static_cast<std::int64_t>(number() >> 2);
      event.subject_name = text(2, 64);
    }
    if (coin()) event.role = static_cast<domain::Role>(1 + below(4));
    if (coin()) event.target = base::Cid::from_view(std::string(16, static_cast<char>(below(256))));
    event.body = text(3, coin() ? 30 : 3'000);
    return event;
  }
};

TEST_F(LogRecordTest, an_event_is_read_as_it_was_written) {
  for (int i = 0; i < 2'000; ++i) {
    const EventRecord event = any();
    std::string bytes;
    append_event(bytes, event);
    const auto read = read_event_record(bytes);
    ASSERT_TRUE(read.has_value());
    expect_same(event, *read);
  }
}

TEST_F(LogRecordTest, the_largest_numbers_fit) {
  EventRecord event;
  event.conversation = std::numeric_limits<std::int64_t>::max();
  event.seq = event.no = std::numeric_limits<std::uint64_t>::max();
  for (const auto ms :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    event.ts = {ms};
    std::string bytes;
    append_event(bytes, event);
    expect_same(event, read_event_record(bytes).value());
  }
}

TEST_F(LogRecordTest, a_row_is_its_items_in_order) {
  using Item = LogRowReader::Item;
  for (int round = 0; round < 100; ++round) {
    LogRow row;
    std::vector<std::pair<Item, std::uint64_t>> written;
    for (std::uint64_t i = below(20); i > 0; --i) {
      const auto value = number();
      const auto kind = below(3);
      if (kind == 0) row.add_folded(static_cast<std::int64_t>(value));
      if (kind == 1) row.add_sent(value);
      if (kind == 2) {
        EventRecord event = any();
        event.seq = value;
        const auto place = row.add_event(event);
        const auto bytes = row.bytes().substr(place.offset, place.size);
        expect_same(event, read_event_record(bytes).value());
      }
      written.emplace_back(kind == 0 ? Item::folded : kind == 1 ? Item::sent : Item::event, value);
    }
    LogRowReader reader{row.bytes()};
    for (const auto& [item, value] : written) {
      ASSERT_EQ(reader.next(), item);
      if (item == Item::folded)
        EXPECT_EQ(reader.conversation(), static_cast<std::int64_t>(value));
      else
        EXPECT_EQ(item == Item::sent ? reader.sent() : reader.event().seq, value);
    }
    EXPECT_EQ(reader.next(), Item::end);
  }
}

TEST_F(LogRecordTest, damaged_bytes_are_told_or_read_as_something_and_never_read_beyond) {
  using Item = LogRowReader::Item;
  for (int round = 0; round < 3'000; ++round) {
    LogRow row;
    row.add_event(any());
    row.add_folded(static_cast<std::int64_t>(below(1'000)));
    row.add_event(any());
    // A copy of the exact size, for AddressSanitizer to watch its end.
    const std::size_t cut = coin() ? row.bytes().size() : below(row.bytes().size());
    std::vector<char> bytes(row.bytes().begin(),
                            row.bytes().begin() + static_cast<std::ptrdiff_t>(cut));
    if (!bytes.empty() && coin()) bytes[below(bytes.size())] = static_cast<char>(below(256));
    LogRowReader reader{{bytes.data(), bytes.size()}};
    int items = 0;
    for (Item item = reader.next(); item != Item::end && item != Item::damaged;
         item = reader.next())
      ASSERT_LT(++items, 10'000);
  }
}

TEST_F(LogRecordTest, an_event_cut_short_is_no_event) {
  EventRecord event;
  event.actor = 7;
  event.actor_name = "ann";
  event.target = base::Cid{};
  std::string bytes;
  append_event(bytes, event);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(read_event_record(std::string_view{bytes}.substr(0, size)).has_value()) << size;
}

}  // namespace

}  // namespace kith::adapters::sqlite
