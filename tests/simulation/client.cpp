#include "client.hpp"

#include "wire/json/writer.hpp"

#include <fmt/format.h>

#include <charconv>

// A client's connections. What it wishes for is in wishes.cpp.
namespace kith::simulation {

using wire::json::Writer;

namespace {

std::string text_of(wire::json::Value body, std::string_view field) {
  const auto value = body.find(field);
  return value ? std::string{value->as_string().value_or("")} : std::string{};
}

Seq number_of(wire::json::Value body, std::string_view field) {
  const auto value = body.find(field);
  return value ? value->as_uint().value_or(0) : 0;
}

}  // namespace

Heard heard_of(std::string name, wire::json::Value body) {
  Heard heard;
  heard.name = std::move(name);
  heard.cid = text_of(body, "cid");
  if (const auto seq = body.find("seq"); seq && !seq->is_null()) heard.seq = seq->as_uint();
  heard.no = number_of(body, "no");
  heard.from = number_of(body, "from");
  heard.to = number_of(body, "to");
  heard.id = text_of(body, "id");
  heard.client_id = text_of(body, "client_id");
  heard.sender = text_of(body, "sender");
  heard.user = text_of(body, "user");
  if (const auto about = body.find("conversation")) heard.target = text_of(*about, "cid");
  return heard;
}

void Client::Known::advance(Seq seq) {
  if (seq <= at) return;
  ahead.insert(seq);
  while (!ahead.empty() && *ahead.begin() <= at + 1) {
    at = std::max(at, *ahead.begin());
    ahead.erase(ahead.begin());
  }
}

Client::Client(Town& town, std::string user, std::string device, Habits habits)
    : town_(town),
      world_(town.world),
      observer_(town.observer),
      user_(std::move(user)),
      device_(std::move(device)),
      habits_(habits),
      log_(observer_.add_device(user_, device_.empty() ? "-" : device_)),
      self_(std::make_shared<Client*>(this)) {}

Client::~Client() {
  *self_ = nullptr;
  if (wire_) wire_->set_listener(nullptr);
}

void Client::start(Duration after) {
  coming_back_ = true;
  world_.at(after, [self = self_] {
    if (*self == nullptr) return;
    (*self)->coming_back_ = false;
    (*self)->connect();
  });
}

// ------------------------------------------------------------------------------------------------
// the connection

void Client::connect() {
  if (wire_ || town_.closing) return;
  wire_ = town_.connect(*this);
  if (!wire_) return come_back();
  ++connection_;
  codec_ = std::make_unique<ClientCodec>(*this);
  wire_->set_listener(this);
  heard_at_ = world_.now();
  reading_ = true;
  wire_->send(ClientCodec::handshake());
  watch_silence();
}

void Client::drop(std::string_view why, bool hang_up) {
  if (!wire_) return;
  world_.tell([&] { return fmt::format("{} ! offline: {}", name(), why); });
  wire_->set_listener(nullptr);
  if (hang_up) wire_->hang_up();
  wire_.reset();
  codec_->stop();
  if (session_) observer_.end_session(*session_);
  session_.reset();
  acks_.clear();
  for (auto& [cid, known] : known_) {
    for (auto& gap : known.gaps)
      gap.reading = false;
    if (!habits_.keeps_cursors) known.ahead.clear();
  }
  for (const auto& message : outgoing_)
    message->sending = false;
  if (!habits_.tries_again) {
    for (const auto& message : outgoing_)
      observer_.abandoned(message->client_id);
    outgoing_.clear();
  }
  come_back();
}

void Client::come_back() {
  if (town_.closing || coming_back_) return;
  const auto most = town_.calm ? Duration{300ms} : habits_.offline_most;
  start(world_.between(Duration{5ms}, most));
}

void Client::watch_silence() {
  world_.at(1s, [self = self_, connection = connection_] {
    if (*self == nullptr) return;
    auto& me = **self;
    if (me.connection_ != connection || !me.wire_) return;
    if (me.reading_ && me.world_.now() - me.heard_at_ > me.town_.silence_most)
      return me.drop("no ping", true);
    me.watch_silence();
  });
}

void Client::in_session(Duration after, std::function<void()> action) {
  world_.at(after, [self = self_, connection = connection_, action = std::move(action)] {
    if (*self == nullptr || (*self)->connection_ != connection || !(*self)->session_) return;
    action();
  });
}

void Client::on_bytes(std::string_view bytes) {
  heard_at_ = world_.now();
  const auto keeps = wire_;
  const std::unique_ptr<ClientCodec>& codec = codec_;
  codec->feed(bytes);
}

void Client::on_closed() {
  drop("the connection ended", false);
}

void Client::on_end(std::string_view why) {
  drop(why, true);
}

void Client::on_ping() {
  write("3");
}

void Client::on_open() {
  write("40" + auth());
}

void Client::write(std::string_view packet) {
  if (wire_)
    wire_->send(ClientCodec::frame(packet, static_cast<std::uint32_t>(world_.below(1u << 31))));
}

std::string Client::auth() {
  std::string out;
  Writer json{out};
  json.begin_object().field("token", town_.tokens.at(user_));
  if (!device_.empty()) json.field("device", device_);
  lied_ = false;
  if (habits_.keeps_cursors && !known_.empty()) {
    const auto own = known_.find(own_log_);  // one that he is in for certain
    lied_ = !town_.calm && own != known_.end() && world_.chance(habits_.lies);
    json.field("epoch", town_.epoch).key("cursors").begin_array();
    for (const auto& [cid, known] : known_)
      if (!known.left)
        json.begin_object()
            .field("cid", cid)
            .field("seq", known.at + (lied_ ? 1'000'000 : 0))
            .end_object();
    json.end_array();
  }
  json.end_object();
  return out;
}

void Client::on_packet(std::string_view packet) {
  world_.tell([&] { return fmt::format("{} < {}", name(), packet.substr(0, 300)); });
  const auto type = packet.empty() ? ' ' : packet.front();
  if (type == '0') return on_connected();
  if (type == '1' || type == '4') return drop("refused", true);
  if (type != '2' && type != '3') return;
  const auto begin = packet.find('[');
  if (begin == std::string_view::npos) return;
  const auto parsed = town_.parser.parse(packet.substr(begin));
  if (parsed.has_error()) return world_.violation("not JSON", std::string{packet.substr(0, 200)});
  if (type == '2') return on_event(*parsed);
  std::uint64_t ack_id = 0;
  std::from_chars(packet.data() + 1, packet.data() + begin, ack_id);
  on_answer(ack_id, *parsed);
}

void Client::on_connected() {
  session_ = observer_.begin_session(log_, wire_->node(), lied_);
  world_.tell([&] { return fmt::format("{} ! online at {}", name(), wire_->node()); });
  attempts_ = 0;
  next_ack_ = 0;
  for (const auto& message : std::list{outgoing_})
    say(message);
  in_session(world_.between(Duration{1ms}, Duration{100ms}), [this] { read_gaps(); });
  act_later();
}

// ------------------------------------------------------------------------------------------------
// events

void Client::on_event(Json items) {
  const auto name = items.items().front().as_string().value_or("");
  const auto body = items.items().rest().front();
  if (!session_) return;
  if (name == "hello") own_log_ = text_of(body, "user_cid");
  auto heard = heard_of(std::string{name}, body);
  observer_.heard(*session_, heard);
  keep(heard);
}

// What a good client remembers.
void Client::keep(const Heard& heard) {
  if (heard.name == "session.reset") {
    for (auto& [cid, known] : known_) {
      known.at = 0;
      known.ahead.clear();
    }
    return;
  }
  if (heard.name == "conversation.added") {
    auto& known = known_[heard.target];
    known.left = false;
    known.group = true;  // of a direct one the first attempt to change it teaches better
  }
  if (heard.name == "conversation.gap") {
    auto& known = known_[heard.cid];
    known.at = std::max(known.at, heard.to);
    known.gaps.push_back({heard.from, heard.to});
    return read_gaps();
  }
  if (!heard.seq) return;
  auto& known = known_[heard.cid];
  if (heard.name == "member.removed" && heard.user == user_) known.left = true;
  if (heard.name == "member.added" && heard.user == user_) known.left = false;
  // The server tells them in order: what it left out was acknowledged, or not for this one.
  known.at = std::max(known.at, *heard.seq);
  known.advance(known.at);
  while (!known.ahead.empty() && *known.ahead.begin() <= known.at + 1) {
    known.at = std::max(known.at, *known.ahead.begin());
    known.ahead.erase(known.ahead.begin());
  }
}

void Client::on_answer(std::uint64_t ack_id, Json items) {
  const auto it = acks_.find(ack_id);
  if (it == acks_.end()) return world_.violation("answered twice, or unasked", name());
  const auto answered = std::move(it->second);
  acks_.erase(it);
  const auto answer = items.items().front();
  const auto ok = answer.find("ok");
  const bool good = ok && ok->as_bool().value_or(false);
  const auto data = answer.find(good ? "data" : "error");
  answered(good, data.value_or(Json{}));
}

void Client::ask(std::string_view name, const std::string& body, OnAnswer answered) {
  const auto id = next_ack_++;
  acks_.emplace(id, std::move(answered));
  std::string packet = "42" + std::to_string(id) + "[";
  wire::json::append_string(packet, name);
  packet += "," + body + "]";
  world_.tell([&] { return fmt::format("{} > {} {}", this->name(), name, body.substr(0, 200)); });
  write(packet);
}

}  // namespace kith::simulation
