#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "domain/identity.hpp"
#include "gateway/client.hpp"
#include "gateway/connect_request.hpp"
#include "gateway/greeting.hpp"
#include "wire/socketio/encode.hpp"

#include <algorithm>
#include <array>
#include <chrono>

// CONNECT and what follows from it: who is this, and for how long.
namespace kith::gateway {

using base::Errc;
using base::Fault;
using wire::engineio::OutMessage;
using wire::socketio::Protocol;
namespace limits = base::limits;
namespace socketio = wire::socketio;

namespace {

static_assert(limits::connect_attempts_max == 32, "a text below says so");
constexpr std::int64_t expiry_check_ms = 24 * 3'600 * 1'000;
constexpr std::int64_t warning_ms = limits::token_warning_ms;

std::string make_id(base::Random& random) {
  std::array<std::uint8_t, 18> id{};
  random.fill(id);
  return base::base64url_encode({reinterpret_cast<const char*>(id.data()), id.size()});
}

}  // namespace

void Client::on_connect(const Packet& packet) {
  if (++connect_attempts_ > limits::connect_attempts_max)
    return protocol_error("send at most 32 CONNECT packets over one connection");
  if (packet.nsp != "/") {
    OutMessage::Builder builder{OutMessage::Builder::Kind::text};
    socketio::append_invalid_namespace(builder.buffer(), packet.nsp);
    put(std::move(builder).finish());
    return;
  }
  if (session_ || recovering_) {
    if (protocol_ == Protocol::v4) return;  // it was connected by itself
    return protocol_error("send CONNECT once: this connection is connected already");
  }
  if (protocol_ == Protocol::v5) connect(connect_request(packet.data));
}

void Client::connect(base::Result<ConnectRequest> request) {
  if (request.has_error()) return refuse(request.error());
  const auto identity = identify(*request);
  if (identity.has_error()) return refuse(judge(identity.error()));
  accept(*identity, std::move(*request));
}

base::Result<front::Identity> Client::identify(const ConnectRequest& request) const {
  const auto& credentials = gateway_.credentials_;
  if (gateway_.parts_.shared.draining)
    return Fault{Errc::draining, "this server is shutting down: try another", 1'000};
  if (!credentials) return Fault{Errc::unavailable, "the server is starting: try again", 1'000};
  if (request.token.empty() && !request.dev_user.empty())
    return credentials->dev_user(request.dev_user);
  if (request.token.empty())
    return Fault{Errc::unauthenticated,
                 "pass a token: io(url, {auth: {token}}), in v2 clients {query: {token}}"};
  return verify(request.token);
}

base::Result<front::Identity> Client::verify(std::string_view token) const {
  KITH_TRY(identity,
           gateway_.credentials_->verify_token(
               token, gateway_.parts_.reactor.clock().wall(), gateway_.parser_));
  KITH_CHECK(check_revoked(identity));
  return identity;
}

base::Result<void> Client::check_revoked(const front::Identity& identity) const {
  const auto* revocations = gateway_.parts_.revocations;
  if (revocations == nullptr) return {};
  return revocations->check(identity);
}

// Refused tokens count as handshakes: a connection may try many.
Fault Client::judge(const Fault& fault) {
  if (fault.code != Errc::unauthenticated && fault.code != Errc::token_expired) return fault;
  const auto wait_ms = gateway_.count_refused_token(address_);
  if (wait_ms == 0) return fault;
  return {Errc::rate_limited,
          "too many refused tokens from your address: wait, then try again",
          wait_ms};
}

void Client::refuse(const Fault& fault) {
  OutMessage::Builder builder{OutMessage::Builder::Kind::text};
  socketio::append_connect_error(builder.buffer(), protocol_, "/", fault.text, fault_json(fault));
  put(std::move(builder).finish());
}

void Client::accept(const front::Identity& identity, ConnectRequest request) {
  if (request.pid.empty() || !gateway_.recovers())
    return begin_session(identity, std::move(request), std::nullopt);
  recovering_ = true;
  const auto pid = request.pid;
  gateway_.take_parked(pid,
                       {identity.app, identity.user},
                       [ref = ClientRef{gateway_.clients_, number_},
                        identity,
                        request = std::move(request)](std::optional<Parked> parked) mutable {
                         auto* const client = ref.find();
                         if (client == nullptr || client->gone_ || client->closing_) return;
                         client->recovering_ = false;
                         if (const auto still = client->check_revoked(identity); still.has_error())
                           return client->refuse(still.error());
                         client->begin_session(identity, std::move(request), std::move(parked));
                       });
}

void Client::begin_session(const front::Identity& identity,
                           ConnectRequest request,
                           std::optional<Parked> parked) {
  due_at_ = never;
  set_pending(false);
  const bool recovered = parked && restore(request, *parked);
  const auto began_with = recovered ? request.cursors : Places{};
  const auto& meta = gateway_.parts_.context.store.meta();
  const auto user_cid = domain::user_cid(meta.id_key, identity.app, identity.user);
  token_expires_at_ = identity.expires_at;
  token_issued_at_ = identity.issued_at;
  warned_ = false;
  session_ = gateway_.parts_.hub.make_session(
      *this,
      {.user = {identity.app, identity.user},
       .device = base::DeviceId{std::move(request.device)},
       .user_cid = user_cid,
       .cursors = std::move(request.cursors),
       .epoch_matches = request.epoch.empty() || request.epoch == gateway_.parts_.hub.epoch(),
       .cursors_are_all = recovered});
  auto& random = gateway_.parts_.reactor.random();
  const auto sid = recovered ? std::move(parked->sid) : make_id(random);
  if (gateway_.recovers() && protocol_ == Protocol::v5) {
    auto pid = recovered ? std::move(request.pid) : make_id(random);
    recoverable_ = std::make_unique<Recoverable>(
        Recoverable{std::move(pid), sid, gateway_.parts_.hub.epoch(), began_with});
    gateway_.note_live(recoverable_->pid, number_);
  }
  OutMessage::Builder builder{OutMessage::Builder::Kind::text};
  socketio::append_connect_reply(builder.buffer(),
                                 protocol_,
                                 "/",
                                 sid,
                                 recoverable_ ? std::string_view{recoverable_->pid} : "");
  ConnectReplies::Messages reply{std::move(builder).finish()};
  if (!recovered) reply.push_back(hello(identity, user_cid));
  reply_waits_ = true;
  gateway_.replies_.hold(number_, std::move(reply));
  gateway_.note_user(identity);
  fetch_meters();
  start_expiry();
  session_->start();
  for (const auto& feature : gateway_.parts_.features)
    feature->on_session_begin({session_->id(), session_->user(), user_cid});
}

// It goes on where the client says it was: these are its cursors. False: that is not known.
bool Client::restore(ConnectRequest& request, const Parked& parked) {
  auto places = parked.places_at(request.offset);
  if (!places || parked.epoch != gateway_.parts_.hub.epoch()) return false;
  request.cursors = std::move(*places);
  request.epoch = parked.epoch;
  return true;
}

OutMessage Client::hello(const front::Identity& identity, const base::Cid& user_cid) {
  OutMessage::Builder builder{OutMessage::Builder::Kind::text, 1'024};
  auto json = socketio::begin_event(builder.buffer(), "hello");
  append_hello(json,
               {.identity = identity,
                .session = session_->id(),
                .user_cid = user_cid,
                .epoch = gateway_.parts_.hub.epoch(),
                .now = gateway_.parts_.reactor.clock().wall(),
                .offer = gateway_.offer_to(identity.app)});
  json.end_array();
  auto message = std::move(builder).finish();
  if (!recoverable_) return message;
  return gateway_.stamp(message).message;  // so that every client has an offset
}

// Another reactor may have to be asked: until it answers, meters of this connection's own count.
void Client::fetch_meters() {
  const auto& user = session_->user();
  gateway_.meters_of(user,
                     [ref = ClientRef{gateway_.clients_, number_},
                      session = session_->id()](std::shared_ptr<Meters> meters) {
                       auto* const client = ref.find();
                       if (client != nullptr && client->serves(session))
                         client->user_meters_ = std::move(meters);
                     });
  if (!user_meters_ && gateway_.options_.user.limit()) user_meters_ = std::make_shared<Meters>();
}

void Client::start_expiry() {
  if (token_expires_at_.ms == 0) return;
  auto left_ms = token_expires_at_.ms - gateway_.parts_.reactor.clock().wall().ms;
  if (!warned_) left_ms -= warning_ms;
  // A token may be good for more years than a timer counts nanoseconds.
  set_due(std::chrono::milliseconds{std::clamp<std::int64_t>(left_ms, 1, expiry_check_ms)});
}

bool Client::warn_of_expiry() {
  const auto left_ms = token_expires_at_.ms - gateway_.parts_.reactor.clock().wall().ms;
  if (warned_ || left_ms > warning_ms) return false;
  warned_ = true;
  OutMessage::Builder builder{OutMessage::Builder::Kind::text, 96};
  auto json = socketio::begin_event(builder.buffer(), "auth.expiring");
  json.begin_object()
      .field("expires_at", base::to_rfc3339(token_expires_at_))
      .end_object()
      .end_array();
  send(std::move(builder).finish());
  return true;
}

// auth.refresh {token} -> {expires_at?}: another token of the same user, which counts from now on.
base::Result<commands::Answer> Client::refresh(commands::Value args) {
  const auto said = args.find("token");
  const auto token = said ? said->as_string() : std::nullopt;
  if (!token || !gateway_.credentials_)
    return Fault{Errc::validation_failed, "`token` is a token of the user who is connected"};
  const std::string text{*token};  // the parser is needed to read it
  const auto verified = verify(text);
  if (verified.has_error()) return judge(verified.error());
  const auto& identity = *verified;
  if (base::UserKey{identity.app, identity.user} != session_->user())
    return Fault{Errc::forbidden, "this token is another user's: connect anew with it"};
  token_expires_at_ = identity.expires_at;
  token_issued_at_ = identity.issued_at;
  warned_ = false;
  gateway_.note_user(identity);
  if (!moving_) {  // else it ends sooner
    due_at_ = never;
    start_expiry();
  }
  commands::Answer answer;
  wire::json::Writer json{answer.data};
  json.begin_object();
  if (token_expires_at_.ms != 0) json.field("expires_at", base::to_rfc3339(token_expires_at_));
  json.end_object();
  return answer;
}

}  // namespace kith::gateway
