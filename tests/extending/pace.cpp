#include "pace.hpp"

#include "wire/json/writer.hpp"

#include <algorithm>
#include <chrono>

namespace kith::features::pace {

using base::Errc;
using base::Fault;
using commands::Answer;
using commands::Verdict;

void Pace::add_commands(commands::Table& table) {
  // pace.get {} -> {wait_ms}
  table.add("pace.get",
            [this](auto& /*context*/, const auto& caller, const auto& /*input*/, auto reply) {
              Answer answer;
              wire::json::Writer{answer.data}
                  .begin_object()
                  .field("wait_ms", wait_ms(caller.origin.session))
                  .end_object();
              reply(std::move(answer));
            });
  table.add_before("message.send",
                   commands::Stage::pace,
                   [this](const auto& caller, const auto& /*input*/) -> base::Result<Verdict> {
                     if (const auto wait = wait_ms(caller.origin.session); wait > 0)
                       return Fault{Errc::rate_limited, "slow mode: send it a little later", wait};
                     return Verdict::pass;
                   });
  // A message that was refused costs nobody his turn.
  table.add_after("message.send", {.tell = [this](const commands::Done& sent) {
                    const auto at = free_at_.find(sent.caller.origin.session);
                    if (at == free_at_.end() || sent.result.has_error()) return;
                    at->second = reactor_.clock().now() + least_;
                  }});
}

void Pace::on_session_begin(const commands::SessionInfo& session) {
  free_at_[session.id];
}

void Pace::on_session_end(const commands::SessionInfo& session) {
  free_at_.erase(session.id);
}

std::uint32_t Pace::wait_ms(std::uint64_t session) const {
  const auto at = free_at_.find(session);
  if (at == free_at_.end()) return 0;  // over REST
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(at->second - reactor_.clock().now());
  return static_cast<std::uint32_t>(std::max<std::int64_t>(0, left.count()));
}

}  // namespace kith::features::pace
