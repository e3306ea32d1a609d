// Child processes. Between vfork(2) and execve(2) only calls that are safe after a fork in a threaded program are made.
#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

struct failure {
  int error;
  char place;
};

static void fail(int report, char place) {
  struct failure failure = {errno, place};
  ssize_t written = write(report, &failure, sizeof failure);
  (void)written;
  _exit(127);
}

static void limit(int resource, unsigned long long value, unsigned long long more) {
  struct rlimit limit;
  if (value == 0 || getrlimit(resource, &limit) != 0) return;
  rlim_t hard = (rlim_t)(value + more);
  if (limit.rlim_max == RLIM_INFINITY || hard < limit.rlim_max) limit.rlim_max = hard;
  limit.rlim_cur = (rlim_t)value < limit.rlim_max ? (rlim_t)value : limit.rlim_max;
  setrlimit(resource, &limit);
}

static void close_others(int report) {
#if defined(__linux__) && defined(SYS_close_range)
  // CLOSE_RANGE_CLOEXEC: they close when the program is there, the report among them.
  if (syscall(SYS_close_range, 3u, ~0u, 4u) == 0) return;
#endif
  for (int descriptor = 3; descriptor < 4096; descriptor++)
    if (descriptor != report) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

static void run(const struct awl_child *child, int report) {
  setpgid(0, 0);
#ifdef __linux__
  // Dies with the thread that waits for it, also when that one is killed.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  if (dup2(child->input, 0) < 0 || dup2(child->output, 1) < 0 || dup2(child->errors, 2) < 0) fail(report, 's');
  close_others(report);
  if (child->directory && chdir(child->directory) != 0) fail(report, 'd');
  struct sigaction standard = {.sa_handler = SIG_DFL};
  for (int number = 1; number < NSIG; number++)
    if (number != SIGKILL && number != SIGSTOP) sigaction(number, &standard, NULL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  // A dump of its memory could hold what it was given to read.
  struct rlimit core = {0, 0};
  setrlimit(RLIMIT_CORE, &core);
  limit(RLIMIT_CPU, child->cpu_seconds, 1);
  limit(RLIMIT_FSIZE, child->file_bytes, 0);
  struct rlimit files;
  if (child->open_files && getrlimit(RLIMIT_NOFILE, &files) == 0 && child->open_files < files.rlim_max) {
    files.rlim_cur = (rlim_t)child->open_files;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  limit(RLIMIT_AS, child->memory_bytes, 0);
  execve(child->path, child->arguments, child->environment);
  fail(report, 'x');
}

pid_t awl_spawn(const struct awl_child *child, int *error, char *place) {
  int report[2];
  *place = 's';
  if (awl_pipe(report) != 0) {
    *error = errno;
    return -1;
  }
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
#ifdef __linux__
  pid_t id = vfork();
#else
  pid_t id = fork();
#endif
  if (id == 0) run(child, report[1]);
  int number = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(report[1]);
  struct failure failure = {number, 's'};
  ssize_t count = 0;
  if (id > 0) {
    do count = read(report[0], &failure, sizeof failure);
    while (count < 0 && errno == EINTR);
  }
  close(report[0]);
  if (id > 0 && count != sizeof failure) return id;
  *error = failure.error;
  *place = failure.place;
  if (id > 0) {
    while (waitpid(id, NULL, 0) < 0 && errno == EINTR) {
    }
  }
  return -1;
}

int awl_pipe(int ends[2]) {
  int made[2];
#ifdef __linux__
  if (pipe2(made, O_CLOEXEC) != 0) return -1;
#else
  if (pipe(made) != 0) return -1;
  fcntl(made[0], F_SETFD, FD_CLOEXEC);
  fcntl(made[1], F_SETFD, FD_CLOEXEC);
#endif
  for (int i = 0; i < 2; i++) {
    ends[i] = made[i] >= 3 ? made[i] : fcntl(made[i], F_DUPFD_CLOEXEC, 3);
    if (made[i] < 3) {
      int number = errno;
      close(made[i]);
      errno = number;
    }
  }
  if (ends[0] >= 0 && ends[1] >= 0) return 0;
  int number = errno;
  if (ends[0] >= 0) close(ends[0]);
  if (ends[1] >= 0) close(ends[1]);
  errno = number;
  return -1;
}
