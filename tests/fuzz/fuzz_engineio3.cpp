// Bodies of long polling in revision 3, and the life of a session that gets them.
#include "fuzz/engineio_bodies.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kith::fuzz;
  check_engineio(kith::wire::engineio::Revision::v3, as_text(data, size));
  return 0;
}
