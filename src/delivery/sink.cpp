#include "delivery/sink.hpp"

#include "base/assert.hpp"

namespace kith::delivery {

CloseInfo info(CloseCode code) noexcept {
  switch (code) {
    case CloseCode::token_expired:
      return {"token_expired", true};
    case CloseCode::session_revoked:
      return {"session_revoked", false};
    case CloseCode::kicked:
      return {"kicked", false};
    case CloseCode::banned:
      return {"banned", false};
    case CloseCode::slow_reader:
      return {"slow_reader", true};
    case CloseCode::rate_limited:
      return {"rate_limited", true};
    case CloseCode::draining:
      return {"draining", true};
    case CloseCode::epoch_changed:
      return {"epoch_changed", true};
    case CloseCode::server_error:
      return {"server_error", true};
  }
  KITH_ASSERT(!"a close code");
}

}  // namespace kith::delivery
