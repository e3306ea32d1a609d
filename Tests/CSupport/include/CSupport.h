// What Swift's Glibc module does not show, since it is made without _GNU_SOURCE: pseudo-terminals and the newer file
// actions of posix_spawn. For tests alone.
#ifndef CSUPPORT_H
#define CSUPPORT_H

#include <stddef.h>
#include <sys/types.h>

/// Opens a pseudo-terminal of 24 rows and 80 columns. Returns its master side and writes the path of the other side
/// to `path`; -1 with `errno` on failure.
int support_open_terminal(char *path, size_t size);

/// Starts `argv[0]` (searched in PATH) in a session of its own, signals at their defaults, without any descriptor
/// but the three. Each of `ends` becomes 0, 1, 2; where it is -1, `terminal` is opened in its place and becomes the
/// controlling terminal. Returns 0, or the error number.
int support_spawn(pid_t *pid, char *const argv[], char *const envp[], const int ends[3], const char *terminal,
                  const char *cwd);

/// A pipe, and a connection of a listener, that no child inherits, not even one that is started at the same moment.
int support_pipe(int ends[2]);
int support_accept(int listener);

#endif
