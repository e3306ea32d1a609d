// Which instruction set is used: asked for by name, or the best there is.
#include "CVectorKernels.h"

#include <string.h>

const awl_kernels *awl_kernels_best(void) {
  const awl_kernels *kernels = awl_kernels_avx2();
  if (kernels == NULL) kernels = awl_kernels_neon();
  return kernels == NULL ? awl_kernels_scalar() : kernels;
}

const awl_kernels *awl_kernels_named(const char *name) {
  if (strcmp(name, "scalar") == 0) return awl_kernels_scalar();
  if (strcmp(name, "avx2") == 0) return awl_kernels_avx2();
  if (strcmp(name, "neon") == 0) return awl_kernels_neon();
  return NULL;
}
