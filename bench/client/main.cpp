#include "client/bench.hpp"

#include <string>
#include <vector>

int main(int argc, char** argv) {
  return kith::bench::run_bench(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
