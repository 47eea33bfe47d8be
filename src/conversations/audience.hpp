#pragma once

#include "conversations/entries.hpp"

namespace kith::conversations {

// Who hears of a conversation's events: implemented by delivery/. One per reactor; called on it, in
// the order of each log.
class Audience {
 public:
  Audience() = default;
  Audience(const Audience&) = delete;
  Audience& operator=(const Audience&) = delete;
  virtual ~Audience() = default;
  virtual void publish(const Committed& committed) = 0;
};

}  // namespace kith::conversations
