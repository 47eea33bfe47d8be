#include "features/receipts/receipts.hpp"

#include "base/names.hpp"
#include "commands/arguments.hpp"
#include "domain/identity.hpp"
#include "domain/rights.hpp"
#include "wire/json/writer.hpp"
#include "wire/socketio/encode.hpp"

#include <algorithm>
#include <memory>

namespace kith::features::receipts {
namespace {

using base::Cid;
using base::Errc;
using base::Fault;
using base::Seq;
using commands::Answer;
using conversations::ReadMark;
using Marks = std::vector<std::pair<Cid, Seq>>;

base::Result<Marks> marks_of(commands::Value args) {
  KITH_TRY(marks, commands::cursors_of(args));
  if (marks.empty())
    return Fault{Errc::validation_failed, "`cursors` names at least one place: [{cid, seq}]"};
  return marks;
}

Answer to_answer(const std::vector<ReadMark>& marks, std::uint64_t total_unread) {
  Answer answer;
  wire::json::Writer json{answer.data};
  json.begin_object().key("cursors").begin_array();
  for (const auto& mark : marks)
    json.begin_object().field("cid", base::to_text(mark.cid)).field("seq", mark.seq).end_object();
  json.end_array().field("total_unread", total_unread).end_object();
  return answer;
}

wire::engineio::OutMessage nothing_unread(const Cid& cid, std::uint64_t total_unread) {
  using wire::engineio::OutMessage;
  OutMessage::Builder builder{OutMessage::Builder::Kind::text, 128};
  auto json = wire::socketio::begin_event(builder.buffer(), "unread.updated");
  json.begin_object().field("cid", base::to_text(cid)).field("unread", 0);
  json.field("total_unread", total_unread).end_object().end_array();
  return std::move(builder).finish();
}

}  // namespace

Receipts::Receipts(delivery::Hub& hub)
    : hub_(hub),
      self_receipts_(hub.reactor(),
                     [&hub](const auto& log, const auto& message, std::uint64_t except) {
                       hub.broadcast(log, message, {.except = except});
                     }) {
  hub_.add_watch(*this);
  hub_.set_ticks_told([this](base::AppId app) { return serves(app); });
}

void Receipts::add_commands(commands::Table& table) {
  table.add("receipt.read",
            [this](auto& context, const auto& caller, const auto& input, auto reply) {
              read(context, caller, input, std::move(reply));
            });
  table.add("receipt.delivered",
            [this](auto& context, const auto& caller, const auto& input, auto reply) {
              delivered(context, caller, input, std::move(reply));
            });
}

void Receipts::read(commands::Context& context,
                    const commands::Caller& caller,
                    const commands::Input& input,
                    commands::Reply reply) {
  const auto user = commands::user_of(caller);
  if (user.has_error()) return reply(user.error());
  auto marks = marks_of(input.args);
  if (marks.has_error()) return reply(marks.error());
  if (auto* session = hub_.find_session(caller.origin.session))  // what was read was received
    for (const auto& [cid, seq] : *marks)
      session->received(cid, seq);
  auto entry = std::make_unique<conversations::ReadEntry>();
  entry->asker = context.reactor.index();
  entry->user = {caller.app, *user};
  entry->marks = std::move(*marks);
  const auto own_log = domain::user_cid(context.store.meta().id_key, caller.app, *user);
  entry->done = [this,
                 &context,
                 who = entry->user,
                 own_log,
                 origin = caller.origin.session,
                 reply = std::move(reply)](base::Result<std::vector<ReadMark>> result) mutable {
    if (result.has_error()) return reply(result.error());
    context.store.unread_total(
        context.reactor,
        who,
        [this, who, own_log, origin, marks = std::move(*result), reply = std::move(reply)](
            auto total) mutable {
          if (total.has_error()) return reply(total.error());
          for (const auto& mark : marks) {
            if (!mark.moved) continue;
            note_read({.user = who,
                       .user_cid = own_log,
                       .cid = mark.cid,
                       .read_seq = mark.seq,
                       .unread = mark.unread,
                       .total_unread = *total,
                       .session = origin});
          }
          reply(to_answer(marks, *total));
        });
  };
  context.home().submit(std::move(entry));
}

void Receipts::note_read(const OwnRead& read) {
  self_receipts_.note(read);
  hub_.tell({.key = {read.user.app, read.cid}, .user = read.user.user, .read_seq = read.read_seq});
}

void Receipts::on_removed(const delivery::Session& session, const Cid& cid) {
  if (!serves(session.user().app)) return;
  hub_.store().unread_total(
      hub_.reactor(), session.user(), [this, id = session.id(), cid](auto total) {
        auto* const still = hub_.find_session(id);
        if (still == nullptr || total.has_error()) return;
        still->send_ephemeral(nothing_unread(cid, *total));
      });
}

void Receipts::delivered(commands::Context& context,
                         const commands::Caller& caller,
                         const commands::Input& input,
                         commands::Reply reply) {
  auto* session = hub_.find_session(caller.origin.session);
  if (session == nullptr)
    return reply(
        Fault{Errc::validation_failed, "a device says what it received over its own connection"});
  const auto marks = marks_of(input.args);
  if (marks.has_error()) return reply(marks.error());
  Report report{.user = session->user(), .device = session->device()};
  for (const auto& [cid, seq] : *marks) {
    if (const auto received = session->received(cid, seq))
      report.stand.push_back({.cid = cid, .seq = *received});
    else
      report.unheard.emplace_back(cid, seq);
  }
  report.reply = std::move(reply);
  if (report.unheard.empty()) return answer(context, std::move(report));
  note_unheard(context, std::move(report));
}

// A device that has just connected says so before its conversations are found: stock clients send
// what they kept back at once.
void Receipts::note_unheard(commands::Context& context, Report report) {
  std::vector<Cid> cids;
  for (const auto& [cid, seq] : report.unheard)
    cids.push_back(cid);
  auto& store = context.store;
  const auto user = report.user;
  const auto device = report.device;
  store.memberships_of(
      context.reactor,
      user,
      device,
      std::move(cids),
      [&context, report = std::move(report)](auto found) mutable {
        if (found.has_error()) return report.reply(found.error());
        auto entry = std::make_unique<conversations::CursorEntry>();
        entry->asker = context.reactor.index();
        entry->user = report.user;
        entry->device = report.device;
        for (const auto& [cid, seq] : report.unheard) {
          const auto at =
              std::find_if(found->begin(), found->end(), [&, asked = cid](const auto& membership) {
                return membership.cid == asked;
              });
          if (at == found->end()) return report.reply(domain::no_conversation());
          const auto& stored = report.device.empty() ? at->default_cursor : at->device_cursor;
          const auto place = std::max(std::min(seq, at->head), stored.value_or(0));
          entry->cursors.emplace_back(cid, place);
          report.stand.push_back({.cid = cid, .seq = place});
        }
        if (!context.home().submit(std::move(entry)))
          return report.reply(
              Fault{Errc::overloaded, "too much waits to be stored: say it again", 1'000});
        answer(context, std::move(report));
      });
}

void Receipts::answer(commands::Context& context, Report report) {
  auto& store = context.store;
  const auto user = report.user;
  store.unread_total(
      context.reactor,
      user,
      [stand = std::move(report.stand), reply = std::move(report.reply)](auto total) mutable {
        if (total.has_error()) return reply(total.error());
        reply(to_answer(stand, *total));
      });
}

}  // namespace kith::features::receipts
