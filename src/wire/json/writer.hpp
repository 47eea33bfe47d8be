#pragma once

#include "wire/json/value.hpp"

#include <charconv>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace kith::wire::json {

// Above, not every integer is a double, and JavaScript loses digits.
inline constexpr double integer_exact_max = 9007199254740992.0;  // 2^53

// Appends `text` in quotes. Escapes quote, backslash and U+0000 to U+001F, nothing else; must be
// valid UTF-8.
void append_string(std::string& out, std::string_view text);
// The shortest form that reads back as the same double. Not a number and the infinities become
// null, as in JavaScript.
void append_number(std::string& out, double number);

template <std::integral Int>
void append_integer(std::string& out, Int number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

// Appends JSON to a string and sets the commas. It does not check that the calls make a document:
// the caller's shape is fixed in its code. Two words; one writer at a time for a string.
//   Writer w{out};
//   w.begin_object().field("cid", cid).field("seq", seq).key("custom").raw(custom).end_object();
class Writer {
 public:
  explicit Writer(std::string& out) noexcept : out_(&out) {}

  Writer& begin_object() { return open('{'); }

  Writer& end_object() { return close('}'); }

  Writer& begin_array() { return open('['); }

  Writer& end_array() { return close(']'); }

  // A name that stands in the code: taken as it is, in one copy.
  template <std::size_t N>
  Writer& key(const char (&name)[N]) {
    constexpr std::size_t length = N - 1;  // without the end of the literal
    char text[length + 4];
    char* at = text;
    if (comma_) *at++ = ',';
    *at++ = '"';
    std::memcpy(at, name, length);
    at += length;
    *at++ = '"';
    *at++ = ':';
    out_->append(text, static_cast<std::size_t>(at - text));
    comma_ = false;
    return *this;
  }

  // Any name: it is escaped.
  Writer& key(std::string_view name) {
    separate();
    append_string(*out_, name);
    out_->push_back(':');
    comma_ = false;
    return *this;
  }

  Writer& string(std::string_view text) {
    separate();
    append_string(*out_, text);
    return *this;
  }

  template <std::integral Int>

  requires(!std::same_as<Int, bool>) Writer& integer(Int number) {
    separate();
    append_integer(*out_, number);
    return *this;
  }

  Writer& number(double number) {
    separate();
    append_number(*out_, number);
    return *this;
  }

  Writer& boolean(bool yes) { return raw(yes ? "true" : "false"); }

  Writer& null() { return raw("null"); }

  // JSON made before, taken as it is: one value, or several with their commas. Nothing for an empty
  // text.
  Writer& raw(std::string_view json) {
    if (json.empty()) return *this;
    separate();
    out_->append(json);
    return *this;
  }

  // Text of a known length that needs no escaping, such as an id: `write(to)` puts it there.
  template <std::size_t Length, class Write>
  Writer& quoted(Write write) {
    char text[Length + 3];
    char* at = text;
    if (comma_) *at++ = ',';
    *at++ = '"';
    write(at);
    at += Length;
    *at++ = '"';
    out_->append(text, static_cast<std::size_t>(at - text));
    comma_ = true;
    return *this;
  }

  Writer& value(Value parsed) {
    separate();
    append_raw(*out_, parsed);
    return *this;
  }

  Writer& field(std::string_view name, std::string_view text) { return key(name).string(text); }

  Writer& field(std::string_view name, const std::string& text) { return key(name).string(text); }

  Writer& field(std::string_view name, const char* text) { return key(name).string(text); }

  Writer& field(std::string_view name, bool yes) { return key(name).boolean(yes); }

  Writer& field(std::string_view name, double n) { return key(name).number(n); }

  template <std::integral Int>

  requires(!std::same_as<Int, bool>) Writer& field(std::string_view name, Int n) {
    return key(name).integer(n);
  }

  template <std::size_t N, class T>
  Writer& field(const char (&name)[N], const T& value) {
    key(name);
    if constexpr (std::same_as<T, bool>)
      return boolean(value);
    else if constexpr (std::integral<T>)
      return integer(value);
    else if constexpr (std::floating_point<T>)
      return number(value);
    else
      return string(value);
  }

  // Where it writes; for encoders that put text of their own between two values.
  std::string& out() noexcept { return *out_; }

 private:
  void separate() {
    if (comma_) out_->push_back(',');
    comma_ = true;
  }

  Writer& open(char bracket) {
    separate();
    out_->push_back(bracket);
    comma_ = false;
    return *this;
  }

  Writer& close(char bracket) {
    out_->push_back(bracket);
    comma_ = true;
    return *this;
  }

  std::string* out_;
  bool comma_ = false;
};

}  // namespace kith::wire::json
