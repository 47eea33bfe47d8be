#include "runtime/signals.hpp"

#include "base/assert.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

namespace kith::runtime {

Signals::Signals(RealReactor& reactor, base::MoveOnlyFunction<void(int)> on_signal)
    : reactor_(reactor), on_signal_(std::move(on_signal)) {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  KITH_ASSERT(::pthread_sigmask(SIG_BLOCK, &set, &before_) == 0);
  fd_.reset(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  KITH_ASSERT(fd_ && reactor_.watch(*this, fd_.get(), ready::read));
}

Signals::~Signals() {
  reactor_.unwatch(*this);
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Signals::on_ready(std::uint32_t /*events*/) {
  signalfd_siginfo info{};
  if (::read(fd_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info))
    on_signal_(static_cast<int>(info.ssi_signo));
}

}  // namespace kith::runtime
