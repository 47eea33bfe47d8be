#include "delivery/pages.hpp"

#include "base/limits.hpp"
#include "base/simulation.hpp"
#include "delivery/hub.hpp"

#include <algorithm>

namespace kith::delivery {

namespace limits = base::limits;

PageReader::PageReader(Hub& hub, std::size_t at_most)
    : hub_(hub), at_most_(at_most), self_(std::make_shared<PageReader*>(this)) {}

PageReader::~PageReader() {
  *self_ = nullptr;
}

void PageReader::read(const ConversationKey& key, Seq after, Seq to, DonePage done) {
  const Seq most = KITH_RARELY(short_page) ? 2 : limits::page_events_max;
  const Place place{key, after, std::min(to, after + most)};
  if (from_ring(place, done)) return;
  const auto [it, fresh] = wanted_.try_emplace(place);
  it->second.push_back(std::move(done));
  if (!fresh) return;
  queue_.push_back(place);
  begin_reads();
}

bool PageReader::from_ring(const Place& place, DonePage& done) {
  const auto* channel = hub_.find_channel(place.key);
  if (channel == nullptr || channel->ring_first == channel->ring.size()) return false;
  const auto first = channel->ring[channel->ring_first]->seq;
  const auto last = channel->ring.back()->seq;
  if (first > place.after + 1 || last < place.after + 1) return false;
  const auto from = channel->ring.begin() +
                    static_cast<std::ptrdiff_t>(channel->ring_first + (place.after + 1 - first));
  const auto count = std::min(last, place.to) - place.after;
  done(std::vector<PublishedPtr>(from, from + static_cast<std::ptrdiff_t>(count)));
  return true;
}

void PageReader::begin_reads() {
  while (under_way_ < at_most_ && !queue_.empty()) {
    const auto place = queue_.front();
    queue_.pop_front();
    ++under_way_;
    hub_.store().page(hub_.reactor(),
                      {.conversation = place.key,
                       .after = place.after,
                       .to = place.to,
                       .limit = static_cast<std::size_t>(place.to - place.after),
                       .messages_only = KITH_MUTANT(two_table_page),
                       .bytes_max = limits::page_bytes_max},
                      [self = self_, place](auto result) {
                        if (*self != nullptr) (*self)->on_read(place, std::move(result));
                      });
  }
}

void PageReader::on_read(const Place& place, base::Result<std::vector<domain::LogEvent>> result) {
  --under_way_;
  auto waiting = wanted_.extract(place);
  base::Result<std::vector<PublishedPtr>> page = std::vector<PublishedPtr>{};
  if (result.has_error()) {
    page = result.error();
  } else if (!domain::dense_from(place.after + 1, *result)) {
    hub_.logger_.log(base::LogLevel::error,
                     "log_has_a_hole",
                     {{"app", static_cast<std::uint32_t>(place.key.app)},
                      {"after", place.after},
                      {"to", place.to}});
    page = base::Fault{base::Errc::internal,
                       "the conversation's log has a hole: see the server's log"};
  } else {
    for (const auto& event : *result)
      page->push_back(encode(hub_.store().meta().id_key, place.key, event));
  }
  for (auto& done : waiting.mapped())
    done(page);
  begin_reads();
}

}  // namespace kith::delivery
