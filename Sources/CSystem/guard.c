// Reading a map that may fail. The kernel tells of it by SIGBUS to the reading thread; the handler jumps back to where
// the reading began, over C frames only. A SIGBUS elsewhere goes to whoever handled it before.
#define _GNU_SOURCE
#include "CSystem.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

static _Thread_local sigjmp_buf reading;
static _Thread_local const char *volatile guarded_start;
static _Thread_local const char *volatile guarded_end;
static struct sigaction before;

static void handle(int number, siginfo_t *info, void *context) {
  const char *address = info->si_addr;
  if (guarded_start != NULL && address >= guarded_start && address < guarded_end) siglongjmp(reading, 1);
  if (before.sa_flags & SA_SIGINFO) {
    before.sa_sigaction(number, info, context);
  } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
    before.sa_handler(number);
  } else {
    // Back to the default: the faulting instruction runs again and ends the process as it should.
    signal(number, SIG_DFL);
  }
}

static void install(void) {
  struct sigaction action = {0};
  action.sa_sigaction = handle;
  // Not blocked while it runs, so that jumping out leaves the mask as it was without saving it at each call.
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, &before);
}

int awl_guarded(const void *map, size_t length, void (*body)(void *), void *context) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, install);
  if (sigsetjmp(reading, 0) != 0) {
    guarded_start = NULL;
    return 0;
  }
  guarded_end = (const char *)map + length;
  guarded_start = map;
  body(context);
  guarded_start = NULL;
  return 1;
}

struct copy {
  void *to;
  const void *from;
  size_t count;
};

static void copy(void *context) {
  struct copy *job = context;
  memcpy(job->to, job->from, job->count);
}

int awl_guarded_copy(const void *map, size_t length, void *to, const void *from, size_t count) {
  struct copy job = {to, from, count};
  return awl_guarded(map, length, copy, &job);
}

void awl_begin_writing(int descriptor, long long offset, long long length) {
#ifdef __linux__
  sync_file_range(descriptor, offset, length, SYNC_FILE_RANGE_WRITE);
#else
  (void)descriptor, (void)offset, (void)length;
#endif
}

void awl_populate(const void *start, size_t length) {
#ifdef __linux__
  // MADV_POPULATE_READ, Linux 5.14; older kernels refuse it and the pages come one by one.
  uintptr_t first = (uintptr_t)start & ~(uintptr_t)4095;
  madvise((void *)first, (uintptr_t)start + length - first, 22);
#else
  (void)start, (void)length;
#endif
}
