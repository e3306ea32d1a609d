// What Swift cannot call or do: GNU functions that its import of the C library hides.
#ifndef AWL_CSYSTEM_H
#define AWL_CSYSTEM_H

#include <stddef.h>

/// memmem(3): the first occurrence of `needle` in `haystack`, or NULL. Linear time.
const void *awl_memmem(const void *haystack, size_t haystack_length, const void *needle, size_t needle_length);

#endif
