#pragma once

#include "commands/feature.hpp"
#include "delivery/hub.hpp"
#include "features/receipts/self_receipts.hpp"

#include <utility>
#include <vector>

namespace kith::features::receipts {

// How far somebody has read and received: receipt.read, receipt.delivered, receipt.self,
// unread.updated.
class Receipts final : public commands::Feature, private delivery::SessionWatch {
 public:
  explicit Receipts(delivery::Hub& hub);

  std::string_view name() const noexcept override { return "receipts"; }

  void add_commands(commands::Table& table) override;

 private:
  // receipt.read {cursors: [{cid, seq}]} -> {cursors, total_unread}
  void read(commands::Context& context,
            const commands::Caller& caller,
            const commands::Input& input,
            commands::Reply reply);
  // receipt.delivered {cursors: [{cid, seq}]} -> {cursors, total_unread}: of a connection, for its
  // device
  void delivered(commands::Context& context,
                 const commands::Caller& caller,
                 const commands::Input& input,
                 commands::Reply reply);

  // What a device says it received, of conversations it listens to (`stand`) and others.
  struct Report {
    base::UserKey user;
    base::DeviceId device;
    std::vector<conversations::ReadMark> stand;
    std::vector<std::pair<base::Cid, base::Seq>> unheard;
    commands::Reply reply;
  };

  void note_read(const OwnRead& read);
  // Who is out of a conversation has nothing unread there.
  void on_removed(const delivery::Session& session, const base::Cid& cid) override;
  static void note_unheard(commands::Context& context, Report report);
  static void answer(commands::Context& context, Report report);

  delivery::Hub& hub_;
  SelfReceipts self_receipts_;
};

}  // namespace kith::features::receipts
