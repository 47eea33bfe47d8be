#pragma once

#include "codec.hpp"
#include "network.hpp"
#include "observer.hpp"
#include "wire/json/parser.hpp"
#include "world.hpp"

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kith::simulation {

// What all clients of a world live in.
struct Town {
  World& world;
  Observer& observer;
  std::vector<std::string> users;
  std::string epoch;
  // A connection to some node; nothing if it takes none.
  std::function<WirePtr(class Client&)> connect;
  std::map<std::string, std::string> tokens;  // by user
  Duration silence_most = 12s;                // without a ping the connection is given up
  bool calm = false;                          // nobody begins anything new, and all are online
  bool closing = false;                       // nobody comes back
  wire::json::Parser parser;
  std::uint64_t next_message = 1;
};

// How somebody behaves.
struct Habits {
  Duration pause_most = 800ms;  // between two wishes
  std::size_t burst_most = 1;
  std::size_t text_bytes_most = 20;
  bool keeps_cursors = true;  // a good client: says what it has, drops what it knows
  bool tries_again = true;    // what was not answered
  double stops_reading = 0;   // of the wishes
  double hangs_up = 0;
  double cut = 0;
  double falls_silent = 0;
  double changes_members = 0.04;
  double makes_groups = 0.01;
  double reads = 0.08;  // marks
  double lies = 0;      // of the connects: cursors beyond everything
  Duration offline_most = 2s;
  Duration unread_most = 5s;  // how long it does not read
};

Heard heard_of(std::string name, wire::json::Value body);

// A device of a user, with one connection after the other.
class Client final : public WireListener, public ClientCodec::Ear {
 public:
  Client(Town& town, std::string user, std::string device, Habits habits);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() override;

  void start(Duration after);
  // Reads and comes back from now on, whatever it was doing.
  void heal();
  void list_conversations();
  void leave();

  bool listed() const noexcept { return listed_; }

  bool online() const noexcept { return session_.has_value(); }

  const std::string& user() const noexcept { return user_; }

 private:
  using Json = wire::json::Value;
  using OnAnswer = std::function<void(bool ok, Json data)>;

  struct Outgoing {
    std::string client_id;
    std::string to;   // a user, or
    std::string cid;  // a conversation
    std::string text;
    std::string filler;
    bool silent = false;
    bool sending = false;  // in this session, not answered
  };

  struct Gap {
    Seq from = 0;
    Seq to = 0;
    bool reading = false;
  };

  struct Known {  // a conversation, as a good client keeps it
    Seq at = 0;
    std::set<Seq> ahead;
    std::list<Gap> gaps;
    bool left = false;
    bool group = false;

    void advance(Seq seq);
  };

  // --- the connection
  void connect();
  void drop(std::string_view why, bool hang_up);
  void come_back();
  void watch_silence();
  void on_bytes(std::string_view bytes) override;
  void on_closed() override;
  void on_open() override;
  void on_ping() override;
  void on_packet(std::string_view packet) override;
  void on_end(std::string_view why) override;
  void write(std::string_view packet);
  std::string auth();

  // --- events
  void on_connected();
  void on_event(Json items);
  void on_answer(std::uint64_t ack_id, Json items);
  void keep(const Heard& heard);
  void ask(std::string_view name, const std::string& body, OnAnswer answered);

  // --- wishes
  void act_later();
  void act();
  void wish();
  void stop_reading();
  void say_something();
  void say(const std::shared_ptr<Outgoing>& message);
  void on_said(const std::shared_ptr<Outgoing>& message, std::uint64_t attempt, bool ok, Json data);
  void mark_read();
  void change_members();
  void make_group();
  void read_gaps();
  void read_gap(const std::string& cid, Seq from, Seq to, Seq after);
  void list_page(const std::string& next);
  std::optional<std::string> some_conversation(bool group);
  std::string some_user();

  std::string name() const { return user_ + "/" + (device_.empty() ? "-" : device_); }

  // Later, if this session is still the one.
  void in_session(Duration after, std::function<void()> action);

  Town& town_;
  World& world_;
  Observer& observer_;
  std::string user_;
  std::string device_;
  std::string own_log_;  // its cid
  Habits habits_;
  Observer::Device log_;
  WirePtr wire_;
  std::unique_ptr<ClientCodec> codec_;
  std::optional<Observer::Session> session_;
  std::uint64_t connection_ = 0;  // counts
  Instant heard_at_{};
  std::uint64_t next_ack_ = 0;
  std::map<std::uint64_t, OnAnswer> acks_;
  std::uint64_t attempts_ = 0;
  std::list<std::shared_ptr<Outgoing>> outgoing_;  // not settled
  std::map<std::string, Known> known_;
  std::vector<Listed> list_;
  Observer::Rows rows_asked_;  // what was stored when the list was asked for
  bool reading_ = true;
  bool lied_ = false;
  bool coming_back_ = false;
  bool listed_ = false;
  std::uint64_t listing_ = 0;  // the connection that was asked
  std::shared_ptr<Client*> self_;
};

}  // namespace kith::simulation
