// The reference: what every other file must compute, written to be read.
#include "CVectorKernels.h"

#pragma STDC FP_CONTRACT OFF

static void products(const float *query, const float *rows, size_t count, size_t dimension, float *out) {
  for (size_t row = 0; row < count; row++) {
    float sum = 0;
    for (size_t i = 0; i < dimension; i++) sum += query[i] * rows[row * dimension + i];
    out[row] = sum;
  }
}

static void products_batch(
  const float *queries, size_t query_count, const float *rows, size_t count, size_t dimension, float *out) {
  for (size_t query = 0; query < query_count; query++)
    products(queries + query * dimension, rows, count, dimension, out + query * count);
}

static void int8_sums(const int16_t *query, const int8_t *rows, size_t count, size_t dimension, int32_t *out) {
  for (size_t row = 0; row < count; row++) {
    int32_t sum = 0;
    for (size_t i = 0; i < dimension; i++) sum += (int32_t)query[i] * rows[row * dimension + i];
    out[row] = sum;
  }
}

static void bit_sums(const uint8_t *table, const uint8_t *codes, size_t blocks, size_t columns, int32_t *out) {
  for (size_t block = 0; block < blocks; block++) {
    for (size_t row = 0; row < AWL_BLOCK_ROWS; row++) {
      int32_t sum = 0;
      for (size_t column = 0; column < columns; column++) {
        uint8_t code = codes[(block * columns + column) * AWL_BLOCK_ROWS + row];
        const uint8_t *entries = table + column * 32;
        sum += entries[code & 15] + entries[16 + (code >> 4)];
      }
      out[block * AWL_BLOCK_ROWS + row] = sum;
    }
  }
}

static size_t select_rows(const awl_bounds *bounds, const int32_t *sums, size_t count, awl_candidate *out) {
  size_t found = 0;
  for (size_t row = 0; row < count; row++) {
    float sum = bounds->multiplier * (float)sums[row] + bounds->base;
    float offset = (bounds->offset == NULL ? 0 : bounds->offset[row]) + bounds->constant;
    float estimate = bounds->scale[row] * sum + offset;
    float upper = (estimate + bounds->radius[row] * bounds->radius_multiplier) + bounds->slack;
    if (upper < bounds->threshold) continue;
    out[found++] = (awl_candidate){.row = (uint32_t)row, .estimate = estimate, .upper = upper};
  }
  return found;
}

const awl_kernels *awl_kernels_scalar(void) {
  static const awl_kernels table = {"scalar", products, products_batch, int8_sums, bit_sums, select_rows};
  return &table;
}
