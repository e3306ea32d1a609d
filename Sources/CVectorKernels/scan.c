// What runs over a memory-mapped plane: plain C from entry to exit, so that it may be left in the middle when a page
// cannot be read. Sums of a few hundred rows at a time stay in the first-level cache until they are selected from.
#include "CVectorKernels.h"

enum { PART = 512 };

static void scan_int_sums(awl_scan *scan, int bits) {
  int32_t sums[PART];
  awl_bounds bounds = scan->bounds;
  size_t row_bytes = bits ? scan->dimension / 8 : scan->dimension;
  scan->found = 0;
  for (size_t first = 0; first < scan->count; first += PART) {
    size_t count = scan->count - first < PART ? scan->count - first : PART;
    const char *rows = (const char *)scan->rows + first * row_bytes;
    if (bits) {
      size_t blocks = (count + AWL_BLOCK_ROWS - 1) / AWL_BLOCK_ROWS;
      scan->kernels->bit_sums(scan->query, (const uint8_t *)rows, blocks, row_bytes, sums);
    } else {
      scan->kernels->int8_sums(scan->query, (const int8_t *)rows, count, scan->dimension, sums);
    }
    awl_candidate *out = scan->out + scan->found;
    size_t found = scan->kernels->select(&bounds, sums, count, out);
    for (size_t i = 0; i < found; i++) out[i].row += (uint32_t)first;
    scan->found += found;
    bounds.scale += count;
    bounds.radius += count;
    if (bounds.offset != NULL) bounds.offset += count;
  }
}

void awl_scan_int8(void *scan) { scan_int_sums(scan, 0); }

void awl_scan_bits(void *scan) { scan_int_sums(scan, 1); }

size_t awl_select_floats(
  const float *products, size_t count, float slack, float threshold, uint32_t first, awl_candidate *out) {
  size_t found = 0;
  for (size_t start = 0; start < count; start += 32) {
    size_t end = start + 32 < count ? start + 32 : count;
    int reached = 0;
    for (size_t i = start; i < end; i++) reached |= !(products[i] + slack < threshold);
    if (!reached) continue;
    for (size_t i = start; i < end; i++) {
      float upper = products[i] + slack;
      if (!(upper < threshold)) out[found++] = (awl_candidate){first + (uint32_t)i, products[i], upper};
    }
  }
  return found;
}

void awl_scan_floats(void *context) {
  awl_scan *scan = context;
  const awl_bounds *bounds = &scan->bounds;
  float products[PART];
  scan->found = 0;
  for (size_t first = 0; first < scan->count; first += PART) {
    size_t count = scan->count - first < PART ? scan->count - first : PART;
    const float *rows = (const float *)scan->rows + first * scan->dimension;
    scan->kernels->products(scan->query, rows, count, scan->dimension, products);
    scan->found += awl_select_floats(
      products, count, bounds->slack, bounds->threshold, (uint32_t)first, scan->out + scan->found);
  }
}

void awl_products(void *context) {
  awl_product *job = context;
  job->kernels->products_batch(job->queries, job->query_count, job->rows, job->count, job->dimension, job->out);
}

void awl_rescore(void *context) {
  awl_rescoring *job = context;
  for (size_t i = 0; i < job->count; i++) {
    if (i + 1 < job->count) {
      // The rows lie far apart: the next one is fetched while this one is summed.
      const float *next = job->rows + job->chosen[i + 1] * job->dimension;
      for (size_t at = 0; at < job->dimension && at < 512; at += 16) __builtin_prefetch(next + at);
    }
    job->out[i] = awl_exact_product(job->query, job->rows + job->chosen[i] * job->dimension, job->dimension);
  }
}
