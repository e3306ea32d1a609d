// The inner loops of vector search: inner products over rows in memory, one file per instruction set behind one table
// of function pointers. A new instruction set is one more file that fills a table, and a line in kernels.c.
#ifndef AWL_CVECTORKERNELS_H
#define AWL_CVECTORKERNELS_H

#include <stddef.h>
#include <stdint.h>

/// The sum of `left[i] × right[i]` in Float64, always added in the same order: the same bits on every machine.
double awl_exact_product(const float *left, const float *right, size_t dimension);

#endif
