#include "client/bench.hpp"

#include <string>
#include <sys/prctl.h>
#include <vector>

int main(int argc, char** argv) {
  // Threads have it from here. By itself the system wakes 50 us late, and what is sent late looks
  // like a server that is slow.
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  return kith::bench::run_bench(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
