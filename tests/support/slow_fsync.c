// Preloaded into a server, makes its disk slow: fsync and fdatasync first wait as many milliseconds as the file named by
// KITH_TEST_FSYNC_DELAY says at that moment (no file, no number: none), so that a test can change it while the server runs.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

static int delay_ms(void) {
  const char* path = getenv("KITH_TEST_FSYNC_DELAY");
  FILE* file = path == NULL ? NULL : fopen(path, "re");
  int ms = 0;
  if (file == NULL) return 0;
  if (fscanf(file, "%d", &ms) != 1) ms = 0;
  fclose(file);
  return ms;
}

static int slowly(const char* name, int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  const int ms = delay_ms();
  if (ms > 0) poll(NULL, 0, ms);
  return real(fd);
}

int fsync(int fd) { return slowly("fsync", fd); }
int fdatasync(int fd) { return slowly("fdatasync", fd); }
