// What Swift cannot call or do: GNU functions that its import of the C library hides, and memory whose reading may fail.
#ifndef AWL_CSYSTEM_H
#define AWL_CSYSTEM_H

#include <stddef.h>

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

#endif
