#pragma once

#include "client/histogram.hpp"
#include "client/verifier.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kith::bench {

// One time that everybody was cut off and came back.
struct Round {
  double online_s = 0;    // until all were connected
  double complete_s = 0;  // until all had what they missed
  std::uint64_t again = 0;
};

// What one thread counted.
struct Tally {
  static constexpr std::size_t codes_max = 32;

  bool measuring = false;

  // Of the measured time.
  Histogram ack;
  Histogram delivery;
  Histogram page;
  Histogram late;  // at a rate: when something was sent, from when it was due
  std::uint64_t sent = 0;
  std::uint64_t acked = 0;
  std::uint64_t delivered = 0;
  std::uint64_t pages = 0;
  std::uint64_t ticks_due = 0;
  std::uint64_t ticks_late = 0;
  std::uint64_t connects = 0;
  double connecting_s = 0;

  // Of the whole run.
  Histogram connect;
  Histogram catchup;
  Sums sums;
  std::uint64_t wanted = 0;  // connections
  std::uint64_t connected = 0;
  std::uint64_t returned = 0;  // connects of those that had been connected
  std::uint64_t connect_failed = 0;
  std::uint64_t closed_early = 0;
  std::uint64_t paced = 0;  // refused with Retry-After, and come back
  std::uint64_t not_offered = 0;
  std::uint64_t wrong_pages = 0;
  std::uint64_t gaps = 0;
  std::uint64_t stored = 0;
  std::uint64_t retracted = 0;
  std::uint64_t not_sent = 0;  // due and never sent: the server held them up too long
  std::map<std::string, std::uint64_t, std::less<>> errors;
  std::map<std::string, std::uint64_t, std::less<>> others;  // events besides messages, by name
  std::vector<Round> rounds;
  std::string problem;  // the first one, for people

  void note_problem(std::string_view text) {
    if (problem.empty()) problem = text;
  }

  static void note(std::map<std::string, std::uint64_t, std::less<>>& counts,
                   std::string_view name);
  void merge(const Tally& other);
};

}  // namespace kith::bench
