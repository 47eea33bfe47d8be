#include "base/encoding.hpp"
#include "gateway/client.hpp"

// Lost connections that are recovered: the side of the connection, and what gateways say to each
// other about them. A session is parked at the home of its pid, wherever its next connection comes
// in.
namespace kith::gateway {

// What it was handed, and what it began with where it was handed nothing yet.
Places Client::places() const {
  auto places = session_->places();
  if (places.empty()) return recoverable_->began_with;
  return places;
}

void Client::park() {
  auto places = recoverable_->places ? std::move(*recoverable_->places) : this->places();
  // It was told nothing, and came with nothing: the next one begins anew.
  if (places.empty()) return gateway_.forget_live(recoverable_->pid, number_);
  gateway_.park(recoverable_->pid,
                {.user = session_->user(),
                 .sid = std::move(recoverable_->sid),
                 .epoch = std::move(recoverable_->epoch),
                 .reactor = gateway_.parts_.reactor.index(),
                 .places = std::move(places),
                 .sent = std::move(recoverable_->sent)});
}

void Client::give_way(const std::string& pid, const base::UserKey& user) {
  if (!session_ || !recoverable_ || recoverable_->pid != pid || session_->user() != user) return;
  close_socket(front::CloseReason::forced_close, "this session goes on over another connection");
}

Gateway::Stamped Gateway::stamp(const OutMessage& message) {
  const auto packet = message.packet_view();
  const bool event = !message.is_binary() && (packet.starts_with("42") || packet.starts_with("45"));
  if (!event) return {.message = message, .number = 0};
  if (stamped_from_.shared() != message.shared()) {
    const auto offset = Offset{parts_.reactor.index(), ++stamps_}.text();
    OutMessage::Builder builder{OutMessage::Builder::Kind::text, packet.size() + offset.size() + 4};
    builder.buffer().append(packet.substr(1, packet.size() - 2));  // up to its last bracket
    builder.buffer().append(",\"").append(offset).append("\"]");
    stamped_from_ = message;
    stamped_ = std::move(builder).finish();
  }
  return {.message = stamped_, .number = stamps_};
}

void Gateway::at_home_of(const std::string& pid, base::MoveOnlyFunction<void(Gateway&)> call) {
  const auto& reactors = parts_.context.homes.reactors;
  const auto home = base::hash_bytes(pid) % reactors.size();
  auto* const owner = parts_.shared.gateways[home];
  if (owner == this) return call(*this);
  reactors[home]->post([owner, call = std::move(call)]() mutable { call(*owner); });
}

void Gateway::note_live(const std::string& pid, std::uint64_t client) {
  at_home_of(pid,
             [pid, place = ParkedSessions::Place{parts_.reactor.index(), client}](Gateway& home) {
               home.parked_.connect(pid, place);
             });
}

void Gateway::forget_live(const std::string& pid, std::uint64_t client) {
  at_home_of(pid,
             [pid, place = ParkedSessions::Place{parts_.reactor.index(), client}](Gateway& home) {
               home.parked_.disconnect(pid, place);
             });
}

void Gateway::park(const std::string& pid, Parked session) {
  at_home_of(pid, [pid, session = std::move(session)](Gateway& home) mutable {
    auto& reactor = home.parts_.reactor;
    home.parked_.park(pid, std::move(session), reactor.clock().now());
    if (!home.sweep_alarm_.armed())
      reactor.arm(home.sweep_alarm_, std::chrono::milliseconds{home.options_.recovery_ms});
  });
}

void Gateway::on_sweep_time() {
  parked_.sweep(parts_.reactor.clock().now());
  if (parked_.parked() > 0)
    parts_.reactor.arm(sweep_alarm_, std::chrono::milliseconds{options_.recovery_ms});
}

void Gateway::take_parked(const std::string& pid, const base::UserKey& user, ParkedReply reply) {
  auto* const back = this;
  at_home_of(pid, [back, pid, user, reply = std::move(reply)](Gateway& home) mutable {
    if (&home == back) return home.take_here(pid, user, std::move(reply));
    home.take_here(
        pid, user, [back, reply = std::move(reply)](std::optional<Parked> parked) mutable {
          back->parts_.reactor.post(
              [parked = std::move(parked), reply = std::move(reply)]() mutable {
                reply(std::move(parked));
              });
        });
  });
}

// A connection that nobody knows to be dead is asked to give way first: it parks, then this looks
// again, through the same queues.
void Gateway::take_here(const std::string& pid, const base::UserKey& user, ParkedReply reply) {
  const auto now = parts_.reactor.clock().now();
  const auto live = parked_.find_live(pid);
  if (!live) return reply(parked_.take(pid, user, now));
  auto* const owner = parts_.shared.gateways[live->reactor];
  const auto yield = [owner, pid, user, client = live->client] {
    if (auto* const old = ClientRef{owner->clients_, client}.find()) old->give_way(pid, user);
  };
  if (owner == this) {
    yield();
    return reply(parked_.take(pid, user, now));
  }
  owner->parts_.reactor.post([yield, home = this, pid, user, reply = std::move(reply)]() mutable {
    yield();
    home->parts_.reactor.post([home, pid, user, reply = std::move(reply)]() mutable {
      reply(home->parked_.take(pid, user, home->parts_.reactor.clock().now()));
    });
  });
}

}  // namespace kith::gateway
