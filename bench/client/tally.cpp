#include "client/tally.hpp"

#include <algorithm>

namespace kith::bench {
namespace {

void add_rounds(std::vector<Round>& to, const std::vector<Round>& from) {
  if (to.size() < from.size()) to.resize(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    to[i].online_s = std::max(to[i].online_s, from[i].online_s);
    to[i].complete_s = std::max(to[i].complete_s, from[i].complete_s);
    to[i].again += from[i].again;
  }
}

}  // namespace

void Tally::note(std::map<std::string, std::uint64_t, std::less<>>& counts, std::string_view name) {
  const auto found = counts.find(name);
  if (found != counts.end()) {
    ++found->second;
  } else {
    ++counts[counts.size() < codes_max ? std::string(name) : std::string("more")];
  }
}

void Tally::merge(const Tally& other) {
  ack.merge(other.ack);
  delivery.merge(other.delivery);
  page.merge(other.page);
  late.merge(other.late);
  connect.merge(other.connect);
  catchup.merge(other.catchup);
  sums.add(other.sums);
  for (auto count : {&Tally::sent,
                     &Tally::acked,
                     &Tally::delivered,
                     &Tally::pages,
                     &Tally::ticks_due,
                     &Tally::ticks_late,
                     &Tally::connects,
                     &Tally::wanted,
                     &Tally::returned,
                     &Tally::connected,
                     &Tally::connect_failed,
                     &Tally::closed_early,
                     &Tally::paced,
                     &Tally::not_offered,
                     &Tally::wrong_pages,
                     &Tally::gaps,
                     &Tally::stored,
                     &Tally::retracted,
                     &Tally::not_sent})
    this->*count += other.*count;
  connecting_s = std::max(connecting_s, other.connecting_s);
  for (const auto& [name, count] : other.errors)
    errors[name] += count;
  for (const auto& [name, count] : other.others)
    others[name] += count;
  add_rounds(rounds, other.rounds);
  note_problem(other.problem);
}

}  // namespace kith::bench
