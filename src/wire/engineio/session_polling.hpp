#pragma once

#include "wire/engineio/session.hpp"

#include <limits>
#include <vector>

// What the parts of the session machine share; for session*.cpp only.
namespace kith::wire::engineio {

inline constexpr base::Instant never{std::numeric_limits<std::int64_t>::max()};

inline base::Duration milliseconds(std::uint32_t value) noexcept {
  return std::chrono::milliseconds{value};
}

// What only a session without its WebSocket needs.
struct Session::Polling {
  std::vector<OutMessage> queue;
  std::size_t queue_bytes = 0;
  std::string t;                        // of the held GET, or of the one answered last
  PollAnswer last_answer;               // until the next GET
  std::uint64_t answer_checkpoint = 0;  // of last_answer; 0: it carried nothing to prove
  base::Instant upgrade_at = never;     // the probe is given up
  base::Instant noop_at = never;        // the held GET is released for the upgrade
  bool get_held = false;
  bool post_open = false;
  bool pong_queued = false;
  bool probe_open = false;
  bool probe_answered = false;
  bool noop_given = false;  // during this probe
  bool probe_base64_only = false;
  CloseReason close_reason = CloseReason::forced_close;  // while closing
};

}  // namespace kith::wire::engineio
