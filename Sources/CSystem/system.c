// GNU functions of the C library under plain names.
#define _GNU_SOURCE
#include "CSystem.h"

#include <string.h>

const void *awl_memmem(const void *haystack, size_t haystack_length, const void *needle, size_t needle_length) {
  return memmem(haystack, haystack_length, needle, needle_length);
}
