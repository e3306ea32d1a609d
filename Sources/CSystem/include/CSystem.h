// What Swift cannot call or do: GNU functions that its import of the C library hides, and memory whose reading may fail.
#ifndef AWL_CSYSTEM_H
#define AWL_CSYSTEM_H

#include <stddef.h>
#include <sys/types.h>

/// memmem(3): the first occurrence of `needle` in `haystack`, or NULL. Linear time.
const void *awl_memmem(const void *haystack, size_t haystack_length, const void *needle, size_t needle_length);

/// Runs `body(context)`; a SIGBUS on an address of the map, which another process cut or whose disk failed, ends it.
///
/// `body` must be C that neither allocates nor locks, since it is left in the middle. Calls do not nest.
/// - Returns: 1 when body returned, 0 when it was ended.
int awl_guarded(const void *map, size_t length, void (*body)(void *), void *context);

/// Copies bytes out of a map. Returns 0 when they cannot be read.
int awl_guarded_copy(const void *map, size_t length, void *to, const void *from, size_t count);

/// Asks the system to begin writing a part of a file to the device. A hint: it may do nothing.
void awl_begin_writing(int descriptor, long long offset, long long length);

/// Maps the pages of a range ahead of their use, where the system can. A hint: it may do nothing.
void awl_populate(const void *start, size_t length);

/// How a child process starts. Descriptors must be 3 or more; a limit of 0 leaves what the parent has.
struct awl_child {
  const char *path;
  char *const *arguments;
  char *const *environment;
  /// Working directory, or NULL for the parent's.
  const char *directory;
  int input, output, errors;
  unsigned long long cpu_seconds, memory_bytes, file_bytes, open_files;
};

/// Starts a child that leads a process group of its own: limits set, no signal blocked or ignored, no descriptor but the
/// three. What posix_spawn(3) lacks is the limits, which must stand before the program runs. Returns its id, or -1 with
/// the error number in `error` and in `place` 'd' when the directory was wrong, 'x' when the program could not run,
/// 's' when the system refused.
pid_t awl_spawn(const struct awl_child *child, int *error, char *place);

/// pipe2(2) with O_CLOEXEC, both ends 3 or more. Returns 0, or -1 with errno.
int awl_pipe(int ends[2]);

#endif
