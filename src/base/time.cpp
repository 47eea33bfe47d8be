#include "base/time.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace kith::base {
namespace {

void put_digits(char* at, unsigned value, int count) {
  for (int i = count - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

using SecondText = std::array<char, rfc3339_bytes>;

// All of it but the milliseconds.
void put_second(SecondText& text, std::chrono::sys_seconds second) {
  using namespace std::chrono;
  const auto day = floor<days>(second);
  const year_month_day date{day};
  const hh_mm_ss time{second - day};
  text = {'0', '0', '0', '0', '-', '0', '0', '-', '0', '0', 'T', '0',
          '0', ':', '0', '0', ':', '0', '0', '.', '0', '0', '0', 'Z'};
  put_digits(&text[0], static_cast<unsigned>(static_cast<int>(date.year())), 4);
  put_digits(&text[5], static_cast<unsigned>(date.month()), 2);
  put_digits(&text[8], static_cast<unsigned>(date.day()), 2);
  put_digits(&text[11], static_cast<unsigned>(time.hours().count()), 2);
  put_digits(&text[14], static_cast<unsigned>(time.minutes().count()), 2);
  put_digits(&text[17], static_cast<unsigned>(time.seconds().count()), 2);
}

}  // namespace

void write_rfc3339(char* to, WallTime t) noexcept {
  using namespace std::chrono;
  // Times of messages lie close together: what the last one needed fits most of the next.
  thread_local SecondText text{};
  thread_local sys_seconds written = sys_seconds::min();
  const sys_time<milliseconds> point{milliseconds{t.ms}};
  const auto second = floor<seconds>(point);
  if (second != written) {
    put_second(text, second);
    written = second;
  }
  put_digits(&text[20], static_cast<unsigned>((point - second).count()), 3);
  std::copy(text.begin(), text.end(), to);
}

std::string to_rfc3339(WallTime t) {
  std::string out(rfc3339_bytes, '\0');
  write_rfc3339(out.data(), t);
  return out;
}

}  // namespace kith::base
