#pragma once

#include "ports/memory/database.hpp"
#include "world.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

// Judges. It knows what clients were shown and answered, in the order they were, and at the end
// what is in the database; never what the server believes of itself.
namespace kith::simulation {

using base::Seq;

// An event, as a client was shown it.
struct Heard {
  std::string name;
  std::string cid;
  std::optional<Seq> seq;
  Seq no = 0;
  Seq from = 0;  // of a gap
  Seq to = 0;
  std::string id;
  std::string client_id;
  std::string sender;
  std::string user;    // whom a member event is about
  std::string target;  // the conversation that an own-log event is about
};

// The answer to a message.
struct Answered {
  bool ok = false;
  std::string cid;
  std::string id;
  Seq seq = 0;
  Seq no = 0;
  bool duplicate = false;
  std::string code;  // of a refusal
  bool final = false;
};

struct Listed {
  std::string cid;
  Seq last_seq = 0;
  std::uint64_t unread = 0;
};

class Observer {
 public:
  Observer(World& world, const ports::MemoryDatabase& database)
      : world_(world), database_(database) {}

  using Device = std::size_t;
  using Session = std::size_t;

  Device add_device(std::string user, std::string name);

  // --- what clients tell
  // `beyond`: its cursors lie beyond what there is, so it is to be told to begin anew.
  Session begin_session(Device device, std::string node, bool beyond);
  void end_session(Session session);
  void heard(Session session, const Heard& heard);
  // `attempt` counts this session's sends.
  void sent(Session session, const std::string& client_id, const std::string& text);
  void answered(Session session,
                std::uint64_t attempt,
                const std::string& client_id,
                const Answered& answer);
  void abandoned(const std::string& client_id);                   // nobody will send it again
  void marked(Session session, const std::string& cid, Seq seq);  // receipt.read was answered so
  // A part of a gap was read: everything of (after, to] that is a message.
  void history(Session session, const std::string& cid, const std::vector<Heard>& messages);
  void gap_closed(Session session, const std::string& cid, Seq from, Seq to);
  // False: the database has moved on since `asked` was its state, so the list is of no moment one
  // could name. What a dead connection sent may be committed long after everything has settled.
  using Rows = decltype(ports::MemoryTables::conversations);
  const Rows& rows() const;
  bool listed(Session session, const std::vector<Listed>& conversations, const Rows& asked);

  // --- verdicts
  // What somebody still waits for, after everything was healed.
  std::optional<std::string> missing() const;
  void judge_database();

  std::size_t messages() const noexcept { return sends_.size(); }

 private:
  struct Thread {  // a conversation within a session
    bool started = false;
    bool removed = false;
    bool out = false;   // as his own log tells
    bool back = false;  // the same: he was out, and is not any more
    Seq at = 0;
    std::set<Seq> acked;
    std::vector<std::pair<Seq, Seq>> gaps;
    std::set<Seq> owed;                  // left out: own messages whose answers are to follow
    std::map<std::uint64_t, Seq> order;  // of own messages: attempt -> seq
  };

  enum class Fate : std::uint8_t { open, settled, let_go };

  struct Early {
    std::string cid;
    Fate fate = Fate::open;
  };

  struct SessionLog {
    Device device = 0;
    std::string node;
    bool open = true;
    bool beyond = false;
    bool reset = false;
    std::size_t unanswered = 0;  // own messages
    std::map<std::string, Thread> threads;
    std::set<std::string> shown;         // ids
    std::set<std::string> answered;      // ids
    std::map<std::string, Early> early;  // by id
    std::set<std::string> met;           // client ids, shown once at least
    std::map<std::pair<std::string, Session>, std::uint64_t> last_met;  // by cid and who sent
  };

  struct DeviceLog {
    std::string user;
    std::string name;
    std::map<std::string, std::set<Seq>> seen;                     // by events
    std::map<std::string, std::set<Seq>> covered;                  // by events, answers and history
    std::map<std::string, std::vector<std::pair<Seq, Seq>>> gaps;  // closed by history
  };

  struct Send {
    std::string user;
    Device device = 0;
    std::string text;
    std::string node;  // of the last attempt
    std::size_t attempts = 0;
    Session session = 0;      // of the last attempt
    std::uint64_t place = 0;  // of the last attempt, among all
    std::size_t open = 0;     // not answered, or answered with what is not final
    bool acked = false;
    bool refused = false;
    bool seen = false;  // stored, by somebody, before it was sent the last time
    bool abandoned = false;
    std::string cid;
    std::string id;
    Seq seq = 0;
  };

  std::string who(const SessionLog& session) const;
  void wrong(const char* what, const SessionLog& session, const std::string& detail);
  void show_early(SessionLog& session, const Heard& heard);
  void meet(SessionLog& session, const std::string& cid, const std::string& client_id);
  void retract(SessionLog& session, const Heard& heard);
  void show(SessionLog& session, const Heard& heard);
  static bool passed_over(SessionLog& session, const Heard& heard);
  void follow(SessionLog& session, const Heard& heard);
  // What lies before `next` was left out: only own messages may be, and their answers follow.
  bool leave_out(SessionLog& session, const std::string& cid, Seq next);
  void pass(SessionLog& session, const Heard& heard);
  void place(SessionLog& session, const std::string& cid, Seq seq, std::string what);
  static void let_go(SessionLog& session, const std::string& cid);
  void settle(SessionLog& session, const std::string& id);
  void judge_list(Session session, const std::vector<Listed>& conversations);
  void judge_row(const std::string& cid, const ports::MemoryRow& row);
  void judge_message(const std::string& cid, const domain::LogEvent& event);
  void judge_senders(const std::string& cid, const ports::MemoryRow& row);
  void judge_seen(const std::string& cid, const ports::MemoryRow& row);
  void judge_sends();
  std::optional<std::string> missing(Device device,
                                     const std::string& cid,
                                     const ports::MemoryRow& row,
                                     Seq from) const;

  World& world_;
  const ports::MemoryDatabase& database_;
  std::vector<DeviceLog> devices_;
  std::vector<SessionLog> sessions_;
  std::uint64_t places_sent_ = 0;
  std::map<std::string, Send> sends_;                          // by client_id
  std::map<std::pair<std::string, Seq>, std::string> places_;  // (cid, seq) -> what stands there
  std::map<std::string, std::pair<std::string, Seq>> ids_;     // id -> where it stands
  std::map<std::string, std::string> early_;                   // id -> client id, of early frames
  std::set<std::string> retracted_;                            // client ids, where they were sent
  std::map<std::pair<std::string, std::string>, Seq> marks_;   // (user, cid) -> read up to here
  std::set<std::string> seen_;    // client ids that somebody was shown stored
  std::set<std::string> stored_;  // client ids found in the database
};

}  // namespace kith::simulation
