// Compares an instruction set with the reference: integers and selections must be equal, Float32 sums must lie within
// the rounding error of any order of summation: n × 2⁻²³ of the sum of magnitudes (Higham, Accuracy and Stability, 4.2).
#include "CKernelCheck.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 37, QUERIES = 7, KINDS = 7 };

static uint64_t state = 1;

static uint64_t next(void) {  // SplitMix64
  uint64_t mixed = state += 0x9E3779B97F4A7C15u;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
  return mixed ^ (mixed >> 31);
}

static float uniform(void) { return (float)(int32_t)(next() >> 32) * 0x1p-31f; }

static float value(int kind, size_t i) {
  switch (kind) {
  case 0: return uniform();
  case 1: return uniform() * 0x1p-130f;                              // denormal
  case 2: return uniform() * 0x1p60f;                                // huge
  case 3: return uniform() * 0x1p-60f;                               // tiny, its squares denormal
  case 4: return (i & 1) ? -0x1p20f : 0x1p20f + uniform();           // terms that cancel
  case 5: return i % 16 == 15 ? 0x1p40f : uniform() * 0x1p-20f;      // one giant in a lane
  default: return next() % 3 == 0 ? (float)NAN : next() % 3 == 0 ? (float)INFINITY : uniform();
  }
}

static int failures;
static char *text;
static size_t text_size;

static void fail(const char *what, size_t dimension, int kind, size_t row, double got, double wanted) {
  if (failures++ == 0)
    snprintf(text, text_size, "%s, length %zu, kind %d, row %zu: %g instead of %g", what, dimension, kind, row, got, wanted);
}

static void compare(
  const char *what, const float *query, const float *row, size_t dimension, int kind, size_t number, float got) {
  double sum = 0, magnitude = 0;
  for (size_t i = 0; i < dimension; i++) {
    sum += (double)query[i] * row[i];
    magnitude += fabs((double)query[i] * row[i]);
  }
  if (!isfinite(sum)) {
    // What is not finite stays not finite, so that it is noticed.
    if (isfinite(got)) fail(what, dimension, kind, number, got, sum);
    return;
  }
  double error = (double)dimension * (magnitude * 0x1p-23 + 0x1p-149);
  if (!(fabs(got - sum) <= error)) fail(what, dimension, kind, number, got, sum);
}

static void check_floats(const awl_kernels *kernels, size_t dimension, int kind, float *queries, float *rows) {
  for (size_t i = 0; i < QUERIES * dimension; i++) queries[i] = value(kind, i);
  for (size_t i = 0; i < ROWS * dimension; i++) rows[i] = value(kind == 2 ? 0 : kind, i);
  float out[QUERIES * ROWS];
  kernels->products(queries, rows, ROWS, dimension, out);
  for (size_t r = 0; r < ROWS; r++) compare("products", queries, rows + r * dimension, dimension, kind, r, out[r]);
  for (size_t queryCount = 1; queryCount <= QUERIES; queryCount += 3) {
    memset(out, 0x7F, sizeof out);
    kernels->products_batch(queries, queryCount, rows, ROWS, dimension, out);
    for (size_t q = 0; q < queryCount; q++)
      for (size_t r = 0; r < ROWS; r++)
        compare("products_batch", queries + q * dimension, rows + r * dimension, dimension, kind, r, out[q * ROWS + r]);
  }
}

static void check_int8(const awl_kernels *kernels, size_t dimension, int kind, int16_t *query, int8_t *rows) {
  for (size_t i = 0; i < dimension; i++) query[i] = kind ? (i & 1 ? -32767 : 32767) : (int16_t)next();
  for (size_t i = 0; i < ROWS * dimension; i++) rows[i] = kind == 1 ? (i & 1 ? -128 : 127) : kind == 2 ? -128 : (int8_t)next();
  int32_t got[ROWS], wanted[ROWS];
  kernels->int8_sums(query, rows, ROWS, dimension, got);
  awl_kernels_scalar()->int8_sums(query, rows, ROWS, dimension, wanted);
  for (size_t r = 0; r < ROWS; r++)
    if (got[r] != wanted[r]) fail("int8_sums", dimension, kind, r, got[r], wanted[r]);
}

static void check_bits(const awl_kernels *kernels, size_t columns, int kind, uint8_t *table, uint8_t *codes) {
  for (size_t i = 0; i < columns * 32; i++) table[i] = kind ? 127 : (uint8_t)(next() & 127);
  for (size_t i = 0; i < 3 * columns * 32; i++) codes[i] = (uint8_t)next();
  int32_t got[96], wanted[96];
  kernels->bit_sums(table, codes, 3, columns, got);
  awl_kernels_scalar()->bit_sums(table, codes, 3, columns, wanted);
  for (size_t r = 0; r < 96; r++)
    if (got[r] != wanted[r]) fail("bit_sums", columns, kind, r, got[r], wanted[r]);
}

static void check_select(const awl_kernels *kernels, size_t count, int kind) {
  float scale[300], offset[300], radius[300];
  int32_t sums[300];
  for (size_t i = 0; i < count; i++) {
    scale[i] = value(kind, i);
    offset[i] = value(kind, i);
    radius[i] = value(kind, i);
    sums[i] = (int32_t)next();
  }
  for (int variant = 0; variant < 4; variant++) {
    awl_bounds bounds = {scale, variant & 1 ? offset : NULL, radius, uniform() * 0x1p-30f, uniform(), uniform(),
                         uniform(), uniform(), variant & 2 ? uniform() : -INFINITY};
    awl_candidate got[300], wanted[300];
    size_t found = kernels->select(&bounds, sums, count, got);
    size_t expected = awl_kernels_scalar()->select(&bounds, sums, count, wanted);
    if (found != expected) fail("select", count, kind, 0, (double)found, (double)expected);
    for (size_t i = 0; i < found && found == expected; i++) {
      int same = got[i].row == wanted[i].row;
      // Which of several values that are not numbers comes out is left open.
      same &= isnan(wanted[i].estimate) ? isnan(got[i].estimate) : got[i].estimate == wanted[i].estimate;
      same &= isnan(wanted[i].upper) ? isnan(got[i].upper) : got[i].upper == wanted[i].upper;
      if (!same) fail("select", count, kind, wanted[i].row, got[i].upper, wanted[i].upper);
    }
  }
}

int kernel_check(const awl_kernels *kernels, size_t longest, char *message, size_t size) {
  failures = 0;
  text = message;
  text_size = size;
  state = 1;
  // Each call gets memory that ends where its data ends, so a sanitizer or a guard page notices a read beyond it.
  for (size_t dimension = 0; dimension <= longest; dimension++) {
    float *queries = malloc(QUERIES * dimension * 4 + 1), *rows = malloc(ROWS * dimension * 4 + 1);
    for (int kind = 0; kind < KINDS; kind++) check_floats(kernels, dimension, kind, queries, rows);
    for (int kind = 0; kind < 3; kind++) check_int8(kernels, dimension, kind, (int16_t *)queries, (int8_t *)rows);
    free(queries);
    free(rows);
    uint8_t *table = malloc(dimension * 32 + 1), *codes = malloc(3 * dimension * 32 + 1);
    for (int kind = 0; kind < 2; kind++) check_bits(kernels, dimension, kind, table, codes);
    free(table);
    free(codes);
    if (dimension <= 300)
      for (int kind = 0; kind < KINDS; kind++) check_select(kernels, dimension, kind);
  }
  return failures;
}

#ifdef KERNEL_CHECK_MAIN
int main(int count, char **arguments) {
  char message[200] = "";
  const awl_kernels *kernels = count > 1 ? awl_kernels_named(arguments[1]) : NULL;
  if (kernels == NULL || awl_kernels_best() != kernels) return 2;
  int found = kernel_check(kernels, 300, message, sizeof message);
  printf("%s: %d differences %s\n", kernels->name, found, message);
  return found != 0;
}
#endif
