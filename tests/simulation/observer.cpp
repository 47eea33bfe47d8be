#include "observer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace kith::simulation {

Observer::Device Observer::add_device(std::string user, std::string name) {
  devices_.push_back({});
  devices_.back().user = std::move(user);
  devices_.back().name = std::move(name);
  return devices_.size() - 1;
}

Observer::Session Observer::begin_session(Device device, std::string node, bool beyond) {
  sessions_.push_back({});
  sessions_.back().node = std::move(node);
  sessions_.back().device = device;
  sessions_.back().beyond = beyond;
  return sessions_.size() - 1;
}

void Observer::end_session(Session session) {
  sessions_[session].open = false;
}

std::string Observer::who(const SessionLog& session) const {
  const auto& device = devices_[session.device];
  return device.user + "/" + device.name;
}

void Observer::wrong(const char* what, const SessionLog& session, const std::string& detail) {
  world_.violation(what, who(session) + " " + detail);
}

// ------------------------------------------------------------------------------------------------
// events

void Observer::heard(Session index, const Heard& heard) {
  auto& session = sessions_[index];
  if (heard.name == "session.reset") {
    if (!session.beyond) return wrong("a reset without a reason", session, "");
    session.reset = true;
  } else if (heard.name == "message.retracted") {
    retract(session, heard);
  } else if (heard.name == "conversation.gap") {
    pass(session, heard);
  } else if (heard.name == "message.new" && !heard.seq) {
    show_early(session, heard);
  } else if (heard.seq) {
    show(session, heard);
  }
}

void Observer::show_early(SessionLog& session, const Heard& heard) {
  if (session.shown.contains(heard.id))
    return wrong("shown twice by id", session, "early, though shown: " + heard.id);
  if (session.answered.contains(heard.id))
    return wrong("shown though acknowledged", session, "early: " + heard.id);
  session.shown.insert(heard.id);
  const bool out = session.threads[heard.cid].out;
  session.early.emplace(heard.id, Early{heard.cid, out ? Fate::let_go : Fate::open});
  early_.emplace(heard.id, heard.client_id);
  meet(session, heard.cid, heard.client_id);
}

// With a number or without: what one connection sent in turn is shown in turn, as far as none of it
// was sent again.
void Observer::meet(SessionLog& session, const std::string& cid, const std::string& client_id) {
  const auto send = sends_.find(client_id);
  if (send == sends_.end() || send->second.attempts > 1 || !session.met.insert(client_id).second)
    return;
  auto& last = session.last_met[{cid, send->second.session}];
  if (send->second.place < last)
    wrong("shown after what was sent after it", session, cid + " " + client_id);
  last = std::max(last, send->second.place);
}

void Observer::retract(SessionLog& session, const Heard& heard) {
  const auto early = session.early.find(heard.id);
  if (early == session.early.end() || early->second.fate == Fate::settled)
    return wrong("retracted what was not early", session, heard.id);
  session.shown.erase(heard.id);  // it may still come
  session.early.erase(early);
  // Elsewhere it may be given up by a look that was too early; where it was sent, it is known.
  const auto& client_id = early_[heard.id];
  if (const auto send = sends_.find(client_id);
      send != sends_.end() && send->second.node == session.node)
    retracted_.insert(client_id);
}

// Nobody owes more of these to whoever was removed.
void Observer::let_go(SessionLog& session, const std::string& cid) {
  for (auto& [id, early] : session.early)
    if (early.cid == cid && early.fate == Fate::open) early.fate = Fate::let_go;
}

void Observer::settle(SessionLog& session, const std::string& id) {
  if (const auto early = session.early.find(id); early != session.early.end())
    early->second.fate = Fate::settled;
}

void Observer::show(SessionLog& session, const Heard& heard) {
  if (session.beyond && !session.reset)
    return wrong("a cursor above the head was taken", session, heard.cid);
  const bool message = heard.name == "message.new" || heard.name == "message.stored";
  if (heard.name == "message.stored") {
    const auto early = session.early.find(heard.id);
    if (early == session.early.end())
      return wrong("stored, but never shown early", session, heard.id);
    if (early->second.fate == Fate::settled)
      return wrong("stored twice in a session", session, heard.id);
    early->second.fate = Fate::settled;
  } else if (message) {
    if (session.shown.contains(heard.id))
      return wrong("shown twice by id", session, fmt::format("{} seq {}", heard.id, *heard.seq));
    session.shown.insert(heard.id);
    meet(session, heard.cid, heard.client_id);
  }
  if (message) seen_.insert(heard.client_id.empty() ? early_[heard.id] : heard.client_id);
  auto& device = devices_[session.device];
  if (!passed_over(session, heard)) {
    follow(session, heard);
    device.seen[heard.cid].insert(*heard.seq);
  }
  place(session,
        heard.cid,
        *heard.seq,
        message ? "message " + heard.id : heard.name + " " + heard.user + heard.target);
  device.covered[heard.cid].insert(*heard.seq);
  if (heard.name == "conversation.added") {
    auto& thread = session.threads[heard.target];
    thread.back = thread.back || std::exchange(thread.out, false);
  }
  if (heard.name == "conversation.removed") {
    session.threads[heard.target].out = true;
    session.threads[heard.target].back = false;
    let_go(session, heard.target);
  }
}

// What lies in a gap that was told is not shown any more, but what was shown early is settled.
bool Observer::passed_over(SessionLog& session, const Heard& heard) {
  const auto& gaps = session.threads[heard.cid].gaps;
  return heard.name == "message.stored" &&
         std::any_of(gaps.begin(), gaps.end(), [&](const auto& gap) {
           return gap.first <= *heard.seq && *heard.seq <= gap.second;
         });
}

// Its place in the session: behind the last one, with nothing left out.
void Observer::follow(SessionLog& session, const Heard& heard) {
  auto& thread = session.threads[heard.cid];
  const auto seq = *heard.seq;
  const auto& me = devices_[session.device].user;
  if (thread.removed) {
    if (heard.name != "member.added" || heard.user != me)
      return wrong("seen after the removal", session, fmt::format("{} seq {}", heard.cid, seq));
    thread.removed = thread.started = false;
  }
  if (thread.started && seq <= thread.at)
    return wrong("shown twice by seq",
                 session,
                 fmt::format("{} seq {} behind {}", heard.cid, seq, thread.at));
  if (thread.acked.contains(seq))
    return wrong("shown though acknowledged", session, fmt::format("{} seq {}", heard.cid, seq));
  // Whoever is added anew may have missed that he was removed: his own log has told him.
  const bool anew = heard.name == "member.added" && heard.user == me;
  if (!anew && !leave_out(session, heard.cid, seq)) return;
  thread.started = true;
  thread.at = seq;
  thread.removed = heard.name == "member.removed" && heard.user == me;
  if (thread.removed) let_go(session, heard.cid);
}

bool Observer::leave_out(SessionLog& session, const std::string& cid, Seq next) {
  auto& thread = session.threads[cid];
  if (!thread.started) return true;
  for (auto missed = thread.at + 1; missed < next; ++missed) {
    if (thread.acked.contains(missed)) continue;
    thread.owed.insert(missed);
    if (thread.owed.size() <= session.unanswered) continue;
    wrong("left out within a session",
          session,
          fmt::format("{} seq {}, shown {} after {}", cid, missed, next, thread.at));
    return false;
  }
  return true;
}

void Observer::pass(SessionLog& session, const Heard& heard) {
  auto& thread = session.threads[heard.cid];
  // His addition may lie in the gap: then his own log has told him of it.
  if (std::exchange(thread.removed, false) && !thread.back)
    return wrong("seen after the removal", session, heard.cid + " gap");
  if (heard.from > heard.to)
    return wrong("an empty gap", session, fmt::format("{} to {}", heard.from, heard.to));
  if (!leave_out(session, heard.cid, heard.from)) return;
  thread.started = true;
  thread.at = std::max(thread.at, heard.to);
  thread.gaps.emplace_back(heard.from, heard.to);
}

// What stands at a place is the same for everybody, and an id stands at one place.
void Observer::place(SessionLog& session, const std::string& cid, Seq seq, std::string what) {
  const auto [it, fresh] = places_.try_emplace({cid, seq}, what);
  if (!fresh && it->second != what)
    return wrong("two devices disagree on the order",
                 session,
                 fmt::format("{} seq {}: {} and {}", cid, seq, it->second, what));
  if (!what.starts_with("message ")) return;
  const auto [at, first] = ids_.try_emplace(what, std::pair{cid, seq});
  if (!first && at->second != std::pair{cid, seq})
    wrong("one message at two places",
          session,
          fmt::format("{} at {} and {}", what, at->second.second, seq));
}

// ------------------------------------------------------------------------------------------------
// own messages

void Observer::sent(Session index, const std::string& client_id, const std::string& text) {
  auto& send = sends_[client_id];
  send.device = sessions_[index].device;
  send.node = sessions_[index].node;
  send.user = devices_[send.device].user;
  ++sessions_[index].unanswered;
  send.text = text;
  send.seen = seen_.contains(client_id);
  ++send.attempts;
  send.session = index;
  send.place = ++places_sent_;
  ++send.open;
}

void Observer::answered(Session index,
                        std::uint64_t attempt,
                        const std::string& client_id,
                        const Answered& answer) {
  auto& session = sessions_[index];
  auto& send = sends_[client_id];
  --session.unanswered;
  if (!answer.ok) {
    if (!answer.final) return;
    if (send.seen || send.acked)
      return wrong("refused though stored", session, client_id + " " + answer.code);
    --send.open;
    send.refused = true;
    return;
  }
  --send.open;
  if (send.acked && (send.cid != answer.cid || send.seq != answer.seq))
    return wrong("acknowledged at two places",
                 session,
                 fmt::format("{} at {} and {}", client_id, send.seq, answer.seq));
  send.acked = true;
  send.cid = answer.cid;
  send.seq = answer.seq;
  send.id = answer.id;
  auto& thread = session.threads[answer.cid];
  settle(session, answer.id);
  session.answered.insert(answer.id);
  thread.owed.erase(answer.seq);
  if (!answer.duplicate && session.shown.contains(answer.id) &&
      !session.early.contains(answer.id) && send.attempts == 1)
    return wrong("shown though acknowledged",
                 session,
                 fmt::format("{} seq {}, before its answer", answer.cid, answer.seq));
  if (!thread.started || answer.seq > thread.at) thread.acked.insert(answer.seq);
  place(session, answer.cid, answer.seq, "message " + answer.id);
  devices_[session.device].covered[answer.cid].insert(answer.seq);
  auto& mark = marks_[{send.user, answer.cid}];
  mark = std::max(mark, answer.seq);
  if (answer.duplicate || send.attempts > 1) return;
  const auto at = thread.order.emplace(attempt, answer.seq).first;
  if ((at != thread.order.begin() && std::prev(at)->second > answer.seq) ||
      (std::next(at) != thread.order.end() && std::next(at)->second < answer.seq))
    wrong("a sender's order was lost", session, fmt::format("{} seq {}", client_id, answer.seq));
}

void Observer::abandoned(const std::string& client_id) {
  sends_[client_id].abandoned = true;
}

void Observer::marked(Session index, const std::string& cid, Seq seq) {
  auto& mark = marks_[{devices_[sessions_[index].device].user, cid}];
  mark = std::max(mark, seq);
}

void Observer::history(Session index, const std::string& cid, const std::vector<Heard>& messages) {
  auto& session = sessions_[index];
  for (const auto& message : messages) {
    place(session, cid, *message.seq, "message " + message.id);
    devices_[session.device].covered[cid].insert(*message.seq);
  }
}

void Observer::gap_closed(Session index, const std::string& cid, Seq from, Seq to) {
  devices_[sessions_[index].device].gaps[cid].emplace_back(from, to);
}

}  // namespace kith::simulation
