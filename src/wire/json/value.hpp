#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace kith::wire::json {

enum class Kind : std::uint8_t { null, boolean, integer, number, string, array, object };

class Items;
class Members;

// A parsed document as simdjson leaves it: a flat tape of 64-bit words and a buffer of unescaped
// strings.
struct Tape {
  const std::uint64_t* words = nullptr;
  const std::uint8_t* strings = nullptr;
};

// A place in a parsed document: two words, copied freely, valid until its Parser parses again,
// trims or dies. A default one is null. Asking for what it is not answers nothing; no call here
// fails or throws.
class Value {
 public:
  Value() noexcept : tape_(&null_tape_) {}

  Value(const Tape& tape, std::size_t at) noexcept : tape_(&tape), at_(at) {}

  Kind kind() const noexcept;

  bool is_null() const noexcept { return tag() == 'n'; }

  bool is_bool() const noexcept { return tag() == 't' || tag() == 'f'; }

  bool is_string() const noexcept { return tag() == '"'; }

  bool is_object() const noexcept { return tag() == '{'; }

  bool is_array() const noexcept { return tag() == '['; }

  bool is_number() const noexcept { return tag() == 'l' || tag() == 'u' || tag() == 'd'; }

  std::optional<bool> as_bool() const noexcept;
  // Valid UTF-8, unescaped; may hold NUL (contains_nul).
  std::optional<std::string_view> as_string() const noexcept;
  // Integers of 64 bits, and numbers like 5.0 or 1e3 that are whole and below 2^53.
  std::optional<std::int64_t> as_int() const noexcept;
  // The same for what is not negative, up to 2^64 - 1.
  std::optional<std::uint64_t> as_uint() const noexcept;
  // Any number.
  std::optional<double> as_double() const noexcept;

  // The member of that name, the last one if there are several (as JavaScript reads them).
  std::optional<Value> find(std::string_view name) const noexcept;
  // Elements or members; 0 for what has none.
  std::size_t size() const noexcept;
  // Elements of an array, members of an object: nothing for other kinds.
  Items items() const noexcept;
  Members members() const noexcept;

 private:
  friend class Items;
  friend class Members;
  friend bool contains_nul(Value value) noexcept;

  std::uint64_t word(std::size_t at) const noexcept { return tape_->words[at]; }

  char tag() const noexcept { return static_cast<char>(word(at_) >> 56); }

  // Of an array or object: one past its end. Of another value: where the next one starts.
  std::size_t next() const noexcept;
  std::string_view text() const noexcept;

  static constexpr std::uint64_t null_word_ = std::uint64_t{'n'} << 56;
  static constexpr Tape null_tape_{&null_word_, nullptr};
  const Tape* tape_;
  std::size_t at_ = 0;
};

// The elements of an array, for range-for.
class Items {
 public:
  class Iterator {
   public:
    using value_type = Value;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;

    explicit Iterator(Value at) noexcept : at_(at) {}

    Value operator*() const noexcept { return at_; }

    Iterator& operator++() noexcept {
      at_.at_ = at_.next();
      return *this;
    }

    Iterator operator++(int) noexcept {
      const Iterator before = *this;
      ++*this;
      return before;
    }

    bool operator==(const Iterator& other) const noexcept { return at_.at_ == other.at_.at_; }

   private:
    friend class Items;
    Value at_;
  };

  Items() = default;

  Items(Value first, Value end, std::size_t count) noexcept
      : first_(first), end_(end), size_(count) {}

  Iterator begin() const noexcept { return Iterator{first_}; }

  Iterator end() const noexcept { return Iterator{end_}; }

  std::size_t size() const noexcept { return size_; }

  bool empty() const noexcept { return size_ == 0; }

  // The first element; null if there is none.
  Value front() const noexcept { return empty() ? Value{} : first_; }

  // All but the first.
  Items rest() const noexcept {
    if (empty()) return *this;
    return {*++begin(), end_, size_ - 1};
  }

 private:
  Value first_;
  Value end_;
  std::size_t size_ = 0;
};

struct Member {
  std::string_view name;
  Value value;
};

// The members of an object in the order they came, duplicates included: `for (auto [name, value] :
// v.members())`.
class Members {
 public:
  class Iterator {
   public:
    using value_type = Member;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;

    explicit Iterator(Value name) noexcept : name_(name) {}

    Member operator*() const noexcept { return {name_.text(), value()}; }

    Iterator& operator++() noexcept {
      name_.at_ = value().next();
      return *this;
    }

    Iterator operator++(int) noexcept {
      const Iterator before = *this;
      ++*this;
      return before;
    }

    bool operator==(const Iterator& other) const noexcept { return name_.at_ == other.name_.at_; }

   private:
    Value value() const noexcept { return {*name_.tape_, name_.at_ + 1}; }

    Value name_;
  };

  Members() = default;

  Members(Value first, Value end) noexcept : first_(first), end_(end) {}

  Iterator begin() const noexcept { return Iterator{first_}; }

  Iterator end() const noexcept { return Iterator{end_}; }

 private:
  Value first_;
  Value end_;
};

// A NUL in any string or name of the value: text that goes to a database must be without.
bool contains_nul(Value value) noexcept;

// Compact JSON of the value: members in the order they came (duplicates kept), strings escaped no
// more than must be, numbers with the same value (integers of 64 bits, doubles in their shortest
// form). What one call wrote, parsed and written again, gives the same bytes.
void append_raw(std::string& out, Value value);

inline std::string_view Value::text() const noexcept {
  const std::uint8_t* start = tape_->strings + (word(at_) & 0x00ff'ffff'ffff'ffff);
  std::uint32_t length = 0;
  std::memcpy(&length, start, sizeof length);
  return {reinterpret_cast<const char*>(start) + sizeof length, length};
}

inline std::optional<std::string_view> Value::as_string() const noexcept {
  if (!is_string()) return std::nullopt;
  return text();
}

inline std::optional<bool> Value::as_bool() const noexcept {
  if (!is_bool()) return std::nullopt;
  return tag() == 't';
}

inline std::size_t Value::next() const noexcept {
  switch (tag()) {
    case '{':
    case '[':
      return word(at_) & 0xffff'ffff;
    case 'l':
    case 'u':
    case 'd':
      return at_ + 2;
    default:
      return at_ + 1;
  }
}

}  // namespace kith::wire::json
