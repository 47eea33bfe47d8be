#include <cstring>
#include <unistd.h>

namespace {

// Where the process may use some of the machine's processors only, arenas are not divided by them,
// and jemalloc says so at every start: nothing an operator could do about. The rest is told.
void tell(void* /*context*/, const char* text) {
  if (std::strstr(text, "Number of CPUs detected is not deterministic") != nullptr) return;
  static_cast<void>(::write(STDERR_FILENO, text, std::strlen(text)) != 0);
}

}  // namespace

// Settings of jemalloc, which looks for these names. Messages are allocated by a reactor and freed
// by the writer, and the other way round, mostly on the same core: an arena for each core. What is
// free goes back to the system after a second, by a thread of its own, so that an idle server is
// small: its threads sleep, and none of them would look after it.
extern "C" {
extern const char* malloc_conf;  // NOLINT(readability-identifier-naming)
const char* malloc_conf =
    "percpu_arena:percpu,background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0,"
    "tcache_nslots_small_max:32";
extern void (*malloc_message)(void*, const char*);  // NOLINT(readability-identifier-naming)
void (*malloc_message)(void*, const char*) = tell;
}
