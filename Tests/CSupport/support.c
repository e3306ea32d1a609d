#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CSupport.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int support_open_terminal(char *path, size_t size) {
  int master = posix_openpt(O_RDWR | O_NOCTTY);
  if (master < 0) return -1;
  const char *name = grantpt(master) == 0 && unlockpt(master) == 0 ? ptsname(master) : NULL;
  if (name == NULL || strlen(name) >= size) {
    int code = name == NULL ? errno : ENAMETOOLONG;
    close(master);
    errno = code;
    return -1;
  }
  strcpy(path, name);
  fcntl(master, F_SETFD, FD_CLOEXEC);
  struct winsize window = {.ws_row = 24, .ws_col = 80};
  ioctl(master, TIOCSWINSZ, &window);
  return master;
}

int support_spawn(pid_t *pid, char *const argv[], char *const envp[], const int ends[3], const char *terminal,
                  const char *cwd) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);

  sigset_t none, ordinary;
  sigemptyset(&none);
  sigfillset(&ordinary);
  sigdelset(&ordinary, SIGKILL);
  sigdelset(&ordinary, SIGSTOP);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &ordinary);
  short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID;
#ifdef __APPLE__
  flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#endif
  posix_spawnattr_setflags(&attributes, flags);

  int code = 0;
  for (int number = 0; number < 3 && code == 0; number++) {
    code = ends[number] < 0 ? posix_spawn_file_actions_addopen(&actions, number, terminal, O_RDWR, 0)
                            : posix_spawn_file_actions_adddup2(&actions, ends[number], number);
  }
#ifndef __APPLE__
  if (code == 0) code = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
#endif
  if (code == 0 && cwd != NULL) code = posix_spawn_file_actions_addchdir_np(&actions, cwd);
  if (code == 0) code = posix_spawnp(pid, argv[0], &actions, &attributes, argv, envp);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return code;
}

#ifdef __linux__
int support_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
int support_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC); }
#else
int support_pipe(int ends[2]) {
  if (pipe(ends) != 0) return -1;
  for (int i = 0; i < 2; i++) fcntl(ends[i], F_SETFD, FD_CLOEXEC);
  return 0;
}
int support_accept(int listener) {
  int connection = accept(listener, NULL, NULL);
  if (connection >= 0) fcntl(connection, F_SETFD, FD_CLOEXEC);
  return connection;
}
#endif
