// Settings of jemalloc, which looks for this name. Messages are allocated by a reactor and freed by
// the writer, and the other way round, mostly on the same core: an arena for each core. What is
// free goes back to the system after a second, so that an idle server is small.
extern "C" {
extern const char* malloc_conf;  // NOLINT(readability-identifier-naming)
const char* malloc_conf = "percpu_arena:percpu,dirty_decay_ms:1000,muzzy_decay_ms:0";
}
