#pragma once

#include "base/limits.hpp"
#include "base/names.hpp"
#include "conversations/world_test.hpp"
#include "delivery/hub.hpp"
#include "delivery/registry.hpp"
#include "delivery/relay.hpp"
#include "ports/memory/broker.hpp"
#include "ports/memory/peers.hpp"
#include "wire/json/parser.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// A node up to delivery, and clients that are only what they have received.
namespace kith::delivery {

using conversations::app;
using conversations::user;

// One thing that reached a client, in order.
struct Seen {
  std::string name;  // of the event; "ack" for the answer to an own message
  Cid cid;
  Seq seq = 0;
  Seq to = 0;  // of a gap
  std::string client_id;
  std::string id;       // of a message
  std::string subject;  // of member events
  bool numbered = false;
  bool duplicate = false;
};

// A connected client: what is sent waits in its outbox until it reads.
class Client final : public Sink {
 public:
  struct Item {
    std::size_t bytes = 0;
    std::function<void()> arrive;
  };

  Client(std::string name, std::size_t on_reactor)
      : user_name(std::move(name)), reactor(on_reactor) {}

  void send(const wire::engineio::OutMessage& message) override {
    Seen seen = parse(message.packet_view());
    push(message.frame_bytes(), [this, seen] { received.push_back(seen); });
  }

  std::size_t queued_bytes() const noexcept override { return bytes_; }

  void close(CloseCode code) override { closed = code; }

  void caught_up() override { times_caught_up += received.empty() && outbox_.empty() ? 1 : 0; }

  void ask_proof() override {
    ++asked_to_prove;
    if (proves) probe();
  }

  void push(std::size_t bytes, std::function<void()> arrive) {
    bytes_ += bytes;
    bytes_most = std::max(bytes_most, bytes_);
    outbox_.push_back({bytes, std::move(arrive)});
  }

  // Reads the next `count` things of the outbox.
  void read(std::size_t count) {
    const bool was_high = bytes_ > base::limits::outbox_low_bytes;
    for (; count > 0 && !outbox_.empty(); --count) {
      auto item = std::move(outbox_.front());
      outbox_.pop_front();
      bytes_ -= item.bytes;
      item.arrive();
    }
    if (was_high && bytes_ <= base::limits::outbox_low_bytes && session) session->on_drained();
  }

  void read_all() {
    while (!outbox_.empty())
      read(outbox_.size());
  }

  std::size_t waiting() const noexcept { return outbox_.size(); }

  // What is handed out until now is proved when the client has read this far.
  void probe() {
    session->on_checkpoint(++probes_);
    push(0, [this, number = probes_] {
      if (session) session->on_proved(number);
    });
  }

  // --- what arrived
  std::vector<Seq> seqs(const Cid& cid) const {
    std::vector<Seq> found;
    for (const auto& seen : received)
      if (seen.cid == cid && seen.seq != 0 && seen.name != "ack" && seen.name != "conversation.gap")
        found.push_back(seen.seq);
    return found;
  }

  std::size_t count(std::string_view name) const {
    std::size_t found = 0;
    for (const auto& seen : received)
      found += seen.name == name ? 1 : 0;
    return found;
  }

  std::string user_name;
  std::size_t reactor;
  std::unique_ptr<Session> session;
  std::vector<Seen> received;
  std::optional<CloseCode> closed;
  std::size_t bytes_most = 0;
  bool proves = false;  // answers when it is asked to
  int asked_to_prove = 0;
  int times_caught_up = 0;  // without anything that was sent

 private:
  static Seen parse(std::string_view packet) {
    static wire::json::Parser parser;
    Seen seen;
    const auto parsed = parser.parse(packet.substr(packet.find('[')));
    KITH_ASSERT(parsed.has_value());
    seen.name = *parsed->items().front().as_string();
    const auto body = parsed->items().rest().front();
    const auto text = [&](std::string_view field) {
      const auto value = body.find(field);
      return value ? std::string{value->as_string().value_or("")} : std::string{};
    };
    const auto number = [&](std::string_view field) {
      const auto value = body.find(field);
      return value ? value->as_uint().value_or(0) : 0;
    };
    if (body.find("cid")) seen.cid = base::parse_cid(text("cid")).value();
    seen.seq = number(seen.name == "conversation.gap" ? "from" : "seq");
    seen.to = number("to");
    seen.client_id = text("client_id");
    seen.id = text("id");
    seen.numbered = seen.seq != 0;
    seen.subject = text("user");
    return seen;
  }

  std::deque<Item> outbox_;
  std::size_t bytes_ = 0;
  std::uint64_t probes_ = 0;
};

using ClientPtr = std::shared_ptr<Client>;

class DeliveryWorld : public conversations::World {
 public:
  explicit DeliveryWorld(
      std::size_t count = 1,
      HubOptions options = {},
      conversations::Home::Options home_options = {50, 1'000},
      std::shared_ptr<ports::MemoryDatabase> database = std::make_shared<ports::MemoryDatabase>())
      : World(count, std::move(database)) {
    network.homes = &homes;
    std::vector<conversations::Audience*> audiences;
    for (auto& reactor : reactors) {
      registries.push_back(std::make_unique<Registry>(*reactor, network, store.meta().id_key));
      network.registries.push_back(registries.back().get());
      audiences.push_back(registries.back().get());
    }
    start(audiences, home_options);
    for (std::size_t i = 0; i < count; ++i) {
      hubs.push_back(
          std::make_unique<Hub>(*reactors[i], store, *home[i], network, logger, options));
      hubs.back()->set_ticks_told([](base::AppId) { return true; });
      network.hubs.push_back(hubs.back().get());
    }
  }

  ~DeliveryWorld() {
    for (auto& client : clients)
      client->session.reset();
  }

  // Makes it one of several nodes.
  void join(ports::MemoryBroker& broker, const std::shared_ptr<ports::MemoryPeerTable>& table) {
    for (std::size_t i = 0; i < reactors.size(); ++i) {
      links.push_back(broker.connect(*reactors[i]));
      peers.push_back(std::make_unique<ports::MemoryPeers>(table));
      relays.push_back(std::make_unique<Relay>(
          Relay::Parts{.reactor = *reactors[i],
                       .store = store,
                       .link = *links[i],
                       .peers = *peers[i],
                       .logger = logger,
                       .home = *home[i],
                       .registry = *registries[i],
                       .on_epoch = [this](const std::string& epoch) { epochs.push_back(epoch); }},
          "n" + std::to_string(static_cast<std::size_t>(links[i]->id()))));
      registries[i]->set_relay(*relays[i]);
      relays[i]->start();
    }
  }

  struct Connect {
    std::size_t reactor = 0;
    std::string device = {};
    std::vector<std::pair<Cid, Seq>> cursors = {};
    bool epoch_matches = true;
    bool cursors_are_all = false;
  };

  ClientPtr begin_connect(std::string_view name, Connect how) {
    auto client = std::make_shared<Client>(std::string{name}, how.reactor);
    client->session = hubs[how.reactor]->make_session(*client,
                                                      {.user = {app, user(name)},
                                                       .device = DeviceId{how.device},
                                                       .user_cid = own_log(name).cid,
                                                       .cursors = std::move(how.cursors),
                                                       .epoch_matches = how.epoch_matches,
                                                       .cursors_are_all = how.cursors_are_all});
    clients.push_back(client);
    client->session->start();
    return client;
  }

  ClientPtr connect(std::string_view name) { return connect(name, Connect{}); }

  ClientPtr connect(std::string_view name, Connect how) {
    auto client = begin_connect(name, std::move(how));
    settle();
    client->read_all();
    return client;
  }

  void disconnect(const ClientPtr& client) {
    client->session.reset();
    std::erase(clients, client);
  }

  // As the command does it: over the home, and the answer through the outbox.
  void begin_send(const ClientPtr& client,
                  const ConversationKey& key,
                  std::string id,
                  std::string to = {},
                  std::string_view text = "hi") {
    conversations::SendRequest request;
    request.key = key;
    request.sender = user(client->user_name);
    request.client_id = conversations::ClientId{std::move(id)};
    request.body = conversations::body(text);
    if (!to.empty()) request.direct = std::pair{user(client->user_name), user(to)};
    request.show_within = show_within;
    request.asker = client->reactor;
    request.origin = {client->reactor, client->session ? client->session->id() : 0};
    const auto number = client->session ? client->session->begin_send() : 0;
    request.done = [weak = std::weak_ptr<Client>{client},
                    key,
                    id = request.client_id.str(),
                    number,
                    session =
                        request.origin.session](base::Result<conversations::SendResult> result) {
      const auto back = weak.lock();
      if (!back || !back->session || back->session->id() != session) return;
      if (result.has_error()) {
        Seen refused{.name = "refused", .cid = key.cid, .client_id = id};
        back->push(20, [raw = back.get(), refused] { raw->received.push_back(refused); });
        return back->session->end_send(number);
      }
      Seen ack{.name = "ack",
               .cid = key.cid,
               .seq = result->seq,
               .client_id = id,
               .duplicate = result->duplicate};
      back->push(20, [raw = back.get(), ack] { raw->received.push_back(ack); });
      back->session->note_acked(key, result->seq, result->id);
      back->session->end_send(number);
    };
    const auto home_index = homes.index_of(key);
    if (home_index == client->reactor) return home[home_index]->send(std::move(request));
    reactors[home_index]->post([this, home_index, request = std::move(request)]() mutable {
      home[home_index]->send(std::move(request));
    });
  }

  void send(const ClientPtr& client, const ConversationKey& key, std::string id) {
    begin_send(client, key, std::move(id));
    settle();
    for (auto& one : clients)
      one->read_all();
  }

  // Messages of somebody who is not connected.
  void write(const ConversationKey& key,
             std::string_view sender,
             int count,
             std::size_t bytes = 2) {
    for (int i = 0; i < count; ++i)
      submit(send_entry(key, sender, "w" + std::to_string(++written_), std::string(bytes, 'x')));
    settle();
  }

  void read_all() {
    do
      for (auto& one : clients)
        one->read_all();
    while (settle_once());
  }

  // Reads look and are answered, the lane stands still. False: none waited.
  bool answer_reads() {
    const bool some = store.reads_waiting() + store.answers_waiting() > 0;
    while (store.reads_waiting() > 0)
      store.look();
    while (store.answers_waiting() > 0)
      store.answer();
    return some;
  }

  bool settle_once() {
    bool moved = false;
    for (const auto& reactor : reactors)
      moved = moved || reactor->waiting_tasks() > 0;
    run_reactors();
    return store.run() || moved;
  }

  Hub& hub(std::size_t i = 0) { return *hubs[i]; }

  base::NullLogger logger;
  Network network;
  std::vector<std::unique_ptr<Registry>> registries;
  std::vector<std::unique_ptr<Hub>> hubs;
  std::vector<std::unique_ptr<ports::MemoryLink>> links;
  std::vector<std::unique_ptr<ports::MemoryPeers>> peers;
  std::vector<std::unique_ptr<Relay>> relays;
  std::vector<std::string> epochs;            // that came after the first
  std::optional<base::Duration> show_within;  // of what is sent
  std::vector<ClientPtr> clients;

 private:
  int written_ = 0;
};

inline std::vector<Seq> range(Seq from, Seq to) {
  std::vector<Seq> seqs;
  for (Seq seq = from; seq <= to; ++seq)
    seqs.push_back(seq);
  return seqs;
}

}  // namespace kith::delivery
