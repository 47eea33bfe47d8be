#include "base/names.hpp"
#include "observer.hpp"

#include <fmt/format.h>

#include <algorithm>

// What can be said only when the database is looked at.
namespace kith::simulation {

using domain::EventKind;

namespace {

// When a user was in a conversation, by its log.
std::vector<std::pair<Seq, Seq>> stays(const ports::MemoryRow& row, const std::string& user) {
  std::vector<std::pair<Seq, Seq>> found;
  bool inside = row.members.contains(domain::UserId{user});
  Seq since = 1;
  bool first = true;
  for (const auto& [seq, event] : row.log) {
    if (event->subject.str() != user) continue;
    if (event->kind == EventKind::member_added) {
      if (first) inside = false;
      if (!inside) since = seq;
      inside = true;
    } else if (event->kind == EventKind::member_removed) {
      found.emplace_back(since, seq);
      inside = false;
    }
    first = false;
  }
  if (inside) found.emplace_back(since, base::seq_wire_max);
  return found;
}

bool within(const std::vector<std::pair<Seq, Seq>>& stays, Seq seq) {
  return std::any_of(stays.begin(), stays.end(), [seq](const auto& stay) {
    return stay.first <= seq && seq <= stay.second;
  });
}

// As unread: what was not sent to be silent.
bool counts(const domain::LogEvent& event) {
  return event.kind == EventKind::message &&
         event.body.find(R"("silent":true)") == std::string::npos;
}

}  // namespace

// ------------------------------------------------------------------------------------------------
// while it heals

std::optional<std::string> Observer::missing() const {
  for (const auto& [client_id, send] : sends_)
    if (!send.acked && !send.refused && !send.abandoned) return "no answer to " + client_id;
  for (const auto& session : sessions_) {
    if (!session.open) continue;
    for (const auto& [id, early] : session.early)
      if (early.fate == Fate::open)
        return who(session) + " was shown early and never told more of " + id;
    for (const auto& [cid, thread] : session.threads)
      if (!thread.owed.empty())
        return fmt::format("{} was left {} seq {} out", who(session), cid, *thread.owed.begin());
  }
  for (const auto& [key, row] : database_.committed().conversations) {
    const auto cid = base::to_text(key.cid);
    for (Device device = 0; device < devices_.size(); ++device) {
      const auto member = row->members.find(domain::UserId{devices_[device].user});
      if (member == row->members.end() || !member->second.active()) continue;
      if (auto lacks = missing(device, cid, *row, member->second.from_seq)) return lacks;
    }
  }
  return std::nullopt;
}

std::optional<std::string> Observer::missing(Device index,
                                             const std::string& cid,
                                             const ports::MemoryRow& row,
                                             Seq from) const {
  const auto& device = devices_[index];
  const auto covered = device.covered.find(cid);
  const auto gaps = device.gaps.find(cid);
  const auto read = [&](Seq seq) {
    return gaps != device.gaps.end() &&
           std::any_of(gaps->second.begin(), gaps->second.end(), [seq](const auto& gap) {
             return gap.first <= seq && seq <= gap.second;
           });
  };
  // Who does not ask again for the answer to an own message does without it.
  const auto given_up = [&](const domain::LogEvent& event) {
    const auto send = sends_.find(event.client_id.str());
    return send != sends_.end() && send->second.device == index && send->second.abandoned;
  };
  for (auto it = row.log.lower_bound(from); it != row.log.end(); ++it) {
    if (covered != device.covered.end() && covered->second.contains(it->first)) continue;
    if (it->second->kind != EventKind::message ? read(it->first) : given_up(*it->second)) continue;
    return fmt::format("{}/{} lacks {} seq {}", device.user, device.name, cid, it->first);
  }
  return std::nullopt;
}

// ------------------------------------------------------------------------------------------------
// at the end

void Observer::judge_database() {
  for (const auto& [key, row] : database_.committed().conversations)
    judge_row(base::to_text(key.cid), *row);
  judge_sends();
}

void Observer::judge_row(const std::string& cid, const ports::MemoryRow& row) {
  Seq expected = 0;
  base::No no = 0;
  for (const auto& [seq, event] : row.log) {
    if (seq != ++expected)
      return world_.violation("not dense", fmt::format("{} has no seq {}", cid, expected));
    if (counts(*event)) ++no;
    if (event->no != no)
      return world_.violation("counted wrongly", fmt::format("{} seq {}", cid, seq));
    if (event->kind == EventKind::message) judge_message(cid, *event);
  }
  judge_senders(cid, row);
  if (row.now().last_seq != expected)
    return world_.violation("not dense", fmt::format("{} ends at {}", cid, expected));
  judge_seen(cid, row);
  for (const auto& [user, member] : row.members) {
    if (!member.active()) continue;
    const auto mark = marks_.find({user.str(), cid});
    if (mark != marks_.end() && member.read_seq < mark->second)
      return world_.violation(
          "a reading mark was lost",
          fmt::format("{} of {}: {} of {}", cid, user.str(), member.read_seq, mark->second));
  }
}

void Observer::judge_senders(const std::string& cid, const ports::MemoryRow& row) {
  for (const auto& [user, member] : row.members) {
    const auto inside = stays(row, user.str());
    for (const auto& [seq, event] : row.log)
      if (event->kind == EventKind::message && event->actor == user && !within(inside, seq))
        return world_.violation("sent from outside",
                                fmt::format("{} seq {} by {}", cid, seq, user.str()));
  }
}

void Observer::judge_message(const std::string& cid, const domain::LogEvent& event) {
  const auto& client_id = event.client_id.str();
  const auto send = sends_.find(client_id);
  if (send == sends_.end())
    return world_.violation("stored what nobody sent", cid + " " + client_id);
  if (!stored_.insert(client_id).second)
    return world_.violation("stored twice", cid + " " + client_id);
  if (send->second.user != event.actor.str() ||
      event.body.find(send->second.text) == std::string::npos)
    return world_.violation("stored otherwise", cid + " " + client_id);
  if (send->second.acked && (send->second.cid != cid || send->second.seq != event.seq))
    return world_.violation(
        "acknowledged elsewhere",
        fmt::format("{} at {}, stored {}", client_id, send->second.seq, event.seq));
  if (retracted_.contains(client_id) && send->second.attempts == 1)
    return world_.violation("retracted and stored", cid + " " + client_id);
  if (send->second.refused && !send->second.acked && send->second.open == 0)
    world_.violation("refused and stored", cid + " " + client_id);
}

void Observer::judge_seen(const std::string& cid, const ports::MemoryRow& row) {
  for (const auto& device : devices_) {
    const auto seen = device.seen.find(cid);
    if (seen == device.seen.end()) continue;
    const auto inside = stays(row, device.user);
    for (const auto seq : seen->second) {
      const auto event = row.log.find(seq);
      if (event == row.log.end())
        return world_.violation("shown and not stored", fmt::format("{} seq {}", cid, seq));
      if (!within(inside, seq))
        return world_.violation("seen after the removal",
                                fmt::format("{}/{} {} seq {}", device.user, device.name, cid, seq));
    }
  }
  for (auto it = places_.lower_bound({cid, 0}); it != places_.end() && it->first.first == cid;
       ++it) {
    const auto event = row.log.find(it->first.second);
    const bool message = it->second.starts_with("message ");
    if (event == row.log.end() || message != (event->second->kind == EventKind::message))
      return world_.violation("shown and not stored",
                              fmt::format("{} seq {}: {}", cid, it->first.second, it->second));
  }
}

void Observer::judge_sends() {
  for (const auto& [client_id, send] : sends_)
    if (send.acked && !stored_.contains(client_id))
      return world_.violation("acknowledged and not stored",
                              fmt::format("{} seq {}", client_id, send.seq));
}

const Observer::Rows& Observer::rows() const {
  return database_.committed().conversations;
}

bool Observer::listed(Session index, const std::vector<Listed>& conversations, const Rows& asked) {
  if (asked != rows()) return false;
  judge_list(index, conversations);
  return true;
}

void Observer::judge_list(Session index, const std::vector<Listed>& conversations) {
  const auto& session = sessions_[index];
  const auto& user = devices_[session.device].user;
  std::size_t there = 0;
  for (const auto& [key, row] : rows()) {
    const auto member = row->members.find(domain::UserId{user});
    if (row->conversation.kind == domain::Kind::user_log || member == row->members.end() ||
        !member->second.active())
      continue;
    ++there;
    const auto cid = base::to_text(key.cid);
    const auto at = std::find_if(conversations.begin(), conversations.end(), [&](const auto& one) {
      return one.cid == cid;
    });
    if (at == conversations.end()) return wrong("not listed", session, cid);
    std::uint64_t unread = 0;
    for (auto it = row->log.upper_bound(member->second.read_seq); it != row->log.end(); ++it)
      unread += counts(*it->second) ? 1 : 0;
    if (at->unread != unread)
      return wrong(
          "counted wrongly", session, fmt::format("{}: {} unread of {}", cid, at->unread, unread));
    if (at->last_seq != row->now().last_seq) return wrong("listed wrongly", session, cid);
  }
  if (there != conversations.size())
    wrong(
        "listed what he is not in", session, fmt::format("{} of {}", conversations.size(), there));
}

}  // namespace kith::simulation
