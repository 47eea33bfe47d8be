// Settings of jemalloc, which looks for this name. Messages are allocated by a reactor and freed by
// the writer, and the other way round, mostly on the same core: an arena for each core. What is
// free goes back to the system after a second, by a thread of its own, so that an idle server is
// small: its threads sleep, and none of them would look after it.
extern "C" {
extern const char* malloc_conf;  // NOLINT(readability-identifier-naming)
const char* malloc_conf =
    "percpu_arena:percpu,background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0";
}
