// The pretend stream keeps the promises of its port, so that what is tested on it is tested.
#include "ports/fake_stream.hpp"

#include "ports/fake_reactor.hpp"
#include "ports/stream_contract_test.hpp"

#include <array>

namespace kith::ports::contract {

namespace {

class PeerEnd final : public FarEnd {
 public:
  explicit PeerEnd(std::shared_ptr<FakePeer> peer) : peer_(std::move(peer)) {}

  void send(std::string_view bytes) override { peer_->send(bytes); }

  void end() override { peer_->hang_up(); }

  void reset() override { peer_->reset(); }

  void stall() override { peer_->stall(); }

  std::string read() override {
    if (peer_->stalled) peer_->read_again();
    return peer_->take();
  }

  State state() override {
    if (peer_->aborted) return State::reset;
    return peer_->closed ? State::ended : State::open;
  }

 private:
  std::shared_ptr<FakePeer> peer_;
};

class FakeWorld final : public StreamWorld {
 public:
  Connected connect() override {
    auto peer = std::make_shared<FakePeer>();
    return {std::make_unique<FakeStream>(places_[0].reactor, peer),
            std::make_unique<PeerEnd>(peer)};
  }

  Reactor& reactor(std::size_t place) override { return places_.at(place).reactor; }

  StreamFactory& factory(std::size_t place) override { return places_.at(place).streams; }

  void turn() override {
    for (Place& place : places_)
      place.reactor.turn();
  }

  bool run_until(const std::function<bool()>& done) override {
    for (int turns = 0; !done(); ++turns) {
      if (turns == 10'000) return false;
      turn();
    }
    return true;
  }

 private:
  struct Place {
    Place(std::size_t index, base::ManualClock& clock) : reactor(clock, index, 2) {}

    FakeReactor reactor;
    FakeStreamFactory streams{reactor};
  };

  base::ManualClock clock_;
  std::array<Place, 2> places_{{{0, clock_}, {1, clock_}}};
};

INSTANTIATE_TEST_SUITE_P(Fake,
                         StreamContract,
                         ::testing::Values(StreamAdapter{
                             "fake", "203.0.113.7", [] { return std::make_unique<FakeWorld>(); }}),
                         stream_name);

// What the fake promises beyond the port.

TEST(FakePeer, each_send_is_heard_as_it_was_cut) {
  base::ManualClock clock;
  FakeReactor reactor{clock};
  const auto peer = std::make_shared<FakePeer>();
  FakeStream stream{reactor, peer};
  Ear ear;
  std::vector<std::string> pieces;
  ear.then = [&] { pieces.push_back(std::exchange(ear.heard, {})); };
  stream.set_handler(&ear);
  const std::vector<std::string> cut{"a", "bc", "d", "e", "f", "g"};
  for (const auto& piece : cut)
    peer->send(piece);
  EXPECT_TRUE(pieces.empty());
  reactor.run();
  EXPECT_EQ(pieces, cut);
}

}  // namespace

}  // namespace kith::ports::contract
