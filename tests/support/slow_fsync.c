// Preloaded into a server, makes its disk slow or broken: fsync and fdatasync first wait as many milliseconds as the file named by
// KITH_TEST_FSYNC_DELAY says at that moment (no file, no number: none), so that a test can change it while the server runs. Below
// zero: until another number is there; a file beside it, `….held`, says that somebody waits. A second number is an errno they then
// fail with.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

struct trouble {
  int wait_ms;
  int error;
};

static struct trouble trouble_now(void) {
  const char* path = getenv("KITH_TEST_FSYNC_DELAY");
  FILE* file = path == NULL ? NULL : fopen(path, "re");
  struct trouble now = {0, 0};
  if (file == NULL) return now;
  if (fscanf(file, "%d %d", &now.wait_ms, &now.error) < 1) now.wait_ms = 0;
  fclose(file);
  return now;
}

static void tell_held(void) {
  char path[4096];
  snprintf(path, sizeof path, "%s.held", getenv("KITH_TEST_FSYNC_DELAY"));
  FILE* file = fopen(path, "we");
  if (file != NULL) fclose(file);
}

static int slowly(const char* name, int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  struct trouble now = trouble_now();
  if (now.wait_ms < 0) tell_held();
  for (; now.wait_ms < 0; now = trouble_now()) poll(NULL, 0, 2);
  if (now.wait_ms > 0) poll(NULL, 0, now.wait_ms);
  if (now.error == 0) return real(fd);
  errno = now.error;
  return -1;
}

int fsync(int fd) { return slowly("fsync", fd); }
int fdatasync(int fd) { return slowly("fdatasync", fd); }
