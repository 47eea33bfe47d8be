#include "features/receipts/self_receipts.hpp"

#include "base/limits.hpp"
#include "base/names.hpp"
#include "wire/socketio/encode.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace kith::features::receipts {

namespace limits = base::limits;
using wire::engineio::OutMessage;

namespace {

constexpr base::Duration interval = std::chrono::milliseconds{limits::ticks_interval_ms};
// Who opens several conversations at once is told of together.
constexpr base::Duration gather = std::chrono::milliseconds{20};

}  // namespace

SelfReceipts::SelfReceipts(ports::Reactor& reactor, Tell tell)
    : reactor_(reactor), tell_(std::move(tell)) {}

void SelfReceipts::note(const OwnRead& read) {
  const auto known = due_.find(read.user);
  const bool fresh = known == due_.end() || !known->second.marks.contains(read.cid);
  if (fresh && noted_ >= limits::self_receipts_noted_max) return;
  if (fresh) ++noted_;
  auto& reader = known == due_.end() ? due_[read.user] : known->second;
  reader.except =
      reader.marks.empty() || reader.except == read.session ? read.session : std::uint64_t{0};
  reader.user_cid = read.user_cid;
  reader.total_unread = read.total_unread;
  auto& mark = reader.marks[read.cid];
  if (read.read_seq >= mark.read_seq) mark = {read.read_seq, read.unread};
  if (alarm_.armed()) return;
  const auto since = reactor_.clock().now() - told_at_;
  reactor_.arm(alarm_, std::max(gather, interval - since));
}

void SelfReceipts::on_time() {
  told_at_ = reactor_.clock().now();
  noted_ = 0;
  for (const auto& [user, reader] : std::exchange(due_, {}))
    for (const auto& [cid, mark] : reader.marks) {
      OutMessage::Builder builder{OutMessage::Builder::Kind::text, 144};
      auto json = wire::socketio::begin_event(builder.buffer(), "receipt.self");
      json.begin_object().field("cid", base::to_text(cid)).field("read_seq", mark.read_seq);
      json.field("unread", mark.unread).field("total_unread", reader.total_unread);
      json.end_object().end_array();
      tell_({user.app, reader.user_cid}, std::move(builder).finish(), reader.except);
    }
}

}  // namespace kith::features::receipts
