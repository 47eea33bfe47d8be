#pragma once

#include "ports/broker.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// A broker without threads, for tests and the simulation: nothing moves until it is told to. It
// works as Redis does: a link is two connections, one for commands and one for subscriptions, each
// with a way to the server and a way back, and each way keeps its order.
namespace kith::ports {

class MemoryLink;

class MemoryBroker {
 public:
  enum class LinkId : std::size_t {};

  enum class Way : std::uint8_t {
    connecting,     // a link that is down, and wants up
    commands,       // publish and count, to the server, which obeys at once
    answers,        // to those
    subscriptions,  // subscribe and unsubscribe, to the server
    messages,       // and confirmations, from there
  };

  // A link that lets more wait on one of its ways breaks.
  static constexpr std::size_t way_entries_max = 262'144;

  MemoryBroker() = default;
  MemoryBroker(const MemoryBroker&) = delete;
  MemoryBroker& operator=(const MemoryBroker&) = delete;
  ~MemoryBroker();  // after its links

  std::unique_ptr<MemoryLink> connect(Reactor& reactor);

  std::vector<LinkId> links() const;

  // --- the pump. What comes back is posted to the link's reactor, and lost if the link is down
  // when it gets there.
  std::size_t waiting(LinkId link, Way way) const;

  // The oldest on this way arrives. False: nothing can.
  bool step(LinkId link, Way way);

  bool reconnect_step(LinkId link) { return step(link, Way::connecting); }

  // The first way of the link on which something can move.
  bool step(LinkId link);

  // Where `step` would do something, by link and way.
  std::vector<std::pair<LinkId, Way>> ready() const;

  // Everything that can move does; false if nothing did.
  bool run();

  // --- faults
  // The server forgets the link's subscriptions, and what was on its way from them; commands go on
  // working: half-open, until it is noticed.
  void break_link(LinkId link);

  // Neither way works any more.
  void cut_link(LinkId link);

  // The link learns that it is broken, or thinks so: it is down, and the server forgets it.
  void notice(LinkId link);

  // Forgets all; none of the links works. They have not noticed yet. The name is another one.
  void restart(std::string name);

  // New connections lead to this server, those there are to the one before.
  void fail_over(std::string name) { server_ = std::move(name); }

  // No link comes up until it is again; those there are do not work.
  void set_reachable(bool reachable);

  void set_reachable(LinkId link, bool reachable);

  // The message at this place of the link's `messages`; moved, it may pass confirmations. False:
  // there is none, or it is a confirmation.
  bool lose(LinkId link, std::size_t index);

  bool repeat(LinkId link, std::size_t index, std::size_t to);

  bool move(LinkId link, std::size_t index, std::size_t to);

 private:
  friend class MemoryLink;

  struct Publish {
    std::string channel;
    std::string payload;
    BrokerLink::Count receivers;
  };

  struct Ask {
    std::vector<std::string> channels;
    BrokerLink::Counts counts;
  };

  struct Subscription {
    std::vector<std::string> channels;
    bool wanted = false;
  };

  struct Message {
    std::string channel;
    std::string payload;
    bool confirmation = false;
  };

  struct Connection {
    MemoryLink* link = nullptr;
    std::string server;
    bool wants_up = false;
    bool reachable = true;
    bool obeyed = false;  // its commands reach the server
    bool heard = false;   // its subscriptions do
    std::set<std::string> channels;
    std::deque<std::variant<Publish, Ask>> commands;
    std::deque<base::Task> answers;
    std::deque<Subscription> subscriptions;
    std::deque<Message> messages;
  };

  // What links call.
  void want_up(LinkId link);
  void leave(LinkId link);
  void send(LinkId link, std::variant<Publish, Ask> command);
  void send(LinkId link, Subscription subscription);

  bool can_step(LinkId link, Way way) const;
  void establish(Connection& at);
  void obey(Connection& at);
  void hear(Connection& at);
  void publish(Connection& at, Publish publish);
  std::size_t count(const Connection& at, const std::string& channel) const;
  void forget(Connection& at);

  template <class Queue, class Entry>
  void push(Connection& at, Queue& queue, Entry entry);

  std::map<LinkId, Connection> links_;
  std::size_t connected_ = 0;
  std::string server_ = "server 1";
  bool reachable_ = true;
};

class MemoryLink final : public BrokerLink {
 public:
  MemoryLink(MemoryBroker& broker, MemoryBroker::LinkId id, Reactor& reactor)
      : broker_(broker), id_(id), reactor_(reactor) {}

  ~MemoryLink() override { broker_.leave(id_); }

  MemoryBroker::LinkId id() const noexcept { return id_; }

  void start(BrokerListener& listener) override;

  bool up() const noexcept override { return up_; }

  const std::string& server() const noexcept override { return server_; }

  void subscribe(std::vector<std::string> channels) override;

  void unsubscribe(std::vector<std::string> channels) override;

  void publish(std::string channel, std::string payload, Count receivers) override;

  void count(std::vector<std::string> channels, Counts counts) override;

  void reconnect() override;

 private:
  friend class MemoryBroker;

  // What the broker calls. Each is posted.
  void come_up(std::string server);
  void go_down();
  void hear(MemoryBroker::Message message);

  // The task runs unless the connection it belongs to has gone meanwhile.
  void post(base::Task task);

  MemoryBroker& broker_;
  MemoryBroker::LinkId id_;
  Reactor& reactor_;
  BrokerListener* listener_ = nullptr;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  std::shared_ptr<const bool> connection_;  // there as long as the present one is
  std::string server_;
  bool up_ = false;
};

}  // namespace kith::ports
