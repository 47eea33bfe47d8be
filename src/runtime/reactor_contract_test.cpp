// The real reactor keeps the promises of its port.
#include "ports/reactor_contract_test.hpp"

#include "runtime/real_reactor.hpp"

#include <thread>

namespace kith::ports::contract {

namespace {

class RealWorld final : public ReactorWorld {
 public:
  Reactor& reactor() override { return *reactor_; }

  void turn() override {
    reactor_->post([this] { reactor_->stop(); });
    reactor_->run();
  }

  bool run_until(const std::function<bool()>& done) override {
    const base::Instant end = system_.now() + std::chrono::seconds{20};
    while (!done()) {
      if (system_.now() > end) return false;
      turn();
    }
    return true;
  }

  void post_from(const std::vector<std::function<void()>>& posters) override {
    std::vector<std::thread> threads;
    threads.reserve(posters.size());
    for (const auto& poster : posters)
      threads.emplace_back(poster);
    for (auto& thread : threads)
      thread.join();
  }

  void end() override { reactor_.reset(); }

 private:
  base::NullLogger logger_;
  runtime::SystemClock system_;
  std::unique_ptr<runtime::RealReactor> reactor_ =
      std::make_unique<runtime::RealReactor>(runtime::ReactorOptions{}, logger_);
};

INSTANTIATE_TEST_SUITE_P(Real,
                         ReactorContract,
                         ::testing::Values(ReactorAdapter{
                             "real", [] { return std::make_unique<RealWorld>(); }}),
                         reactor_name);

}  // namespace

}  // namespace kith::ports::contract
