#pragma once

#include "conversations/entries.hpp"
#include "domain/rights.hpp"
#include "ports/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <optional>
#include <vector>

namespace kith::conversations {

// A conversation in its home's memory: what decides whether somebody may send. Loaded in one
// snapshot, afterwards changed by the events of its log only.
class Loaded {
 public:
  explicit Loaded(ports::LoadedConversation loaded);

  // What an active member may; nothing for anybody else (the transaction tells a former member from
  // a stranger).
  std::optional<base::Result<void>> may_send(const UserId& user) const;

  std::size_t members() const noexcept { return members_.size(); }

  std::uint64_t access_rev() const noexcept { return access_rev_; }

  Seq last_seq() const noexcept { return last_seq_; }

  // Events the snapshot had already are passed over. False: something before this one was not
  // heard, and nothing here is to be trusted any more.
  bool apply(const Committed& committed);

 private:
  domain::Kind kind_;
  Seq last_seq_;
  std::uint64_t access_rev_;
  boost::unordered_flat_map<UserId, Role, base::KeyHash> members_;
};

}  // namespace kith::conversations
