#include "net/tls_handshakes.hpp"

#include "net/tcp_stream.hpp"
#include "net/tls_session.hpp"
#include "net/tls_stream.hpp"
#include "runtime/real_reactor.hpp"

#include <utility>

namespace kith::net {
namespace {

// For the alert that says why.
constexpr std::uint32_t alert_ms = 1'000;

}  // namespace

class TlsHandshakes::One final : private ports::StreamHandler, private ports::Timer {
 public:
  One(TlsHandshakes& all, std::unique_ptr<TcpStream> socket, const TlsContext& context)
      : all_(all), socket_(std::move(socket)), session_(std::make_unique<TlsSession>(context)) {}

  void start(Place place) {
    place_ = place;
    all_.streams_.reactor().arm(*this, all_.options_.timeout);
    socket_->set_handler(this);
  }

 private:
  void on_bytes(std::string_view bytes) override {
    const auto state = session_->shake_hands(bytes);
    if (session_->output_bytes() > 0) socket_->write(session_->take_output());
    if (state == TlsSession::Handshake::failed) {
      socket_->close(alert_ms);
      return leave();
    }
    if (state == TlsSession::Handshake::done) finish();
  }

  void on_drained() override {}

  void on_closed() override { leave(); }

  void on_timer() override { leave(); }

  void finish() {
    socket_->set_handler(nullptr);
    auto stream =
        std::make_unique<TlsStream>(all_.streams_, std::move(socket_), std::move(session_));
    auto& all = all_;
    leave();  // this object is gone
    all.done_(std::move(stream));
  }

  void leave() { all_.pending_.erase(place_); }

  TlsHandshakes& all_;
  Place place_;
  std::unique_ptr<TcpStream> socket_;
  std::unique_ptr<TlsSession> session_;
};

TlsHandshakes::TlsHandshakes(TcpStreams& streams, Done done, Options options)
    : streams_(streams), done_(std::move(done)), options_(options) {}

TlsHandshakes::~TlsHandshakes() = default;

void TlsHandshakes::begin(std::unique_ptr<ports::ReleasedStream> connection,
                          const TlsContext& context) {
  if (pending_.size() >= options_.most) pending_.pop_front();
  pending_.push_back(
      std::make_unique<One>(*this, streams_.adopt_socket(std::move(connection)), context));
  pending_.back()->start(std::prev(pending_.end()));
}

void TlsHandshakes::drop_all() noexcept {
  pending_.clear();
}

}  // namespace kith::net
