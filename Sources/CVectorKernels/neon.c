// NEON as every 64-bit ARM processor has it: 4 floats, 8 short products or 16 table look-ups at a time.
#include "CVectorKernels.h"

#if defined(__aarch64__)

#include <arm_neon.h>

#pragma STDC FP_CONTRACT OFF

static inline float product(const float *query, const float *row, size_t dimension) {
  float32x4_t a = vdupq_n_f32(0), b = a, c = a, d = a;
  size_t i = 0;
  for (; i + 16 <= dimension; i += 16) {
    a = vfmaq_f32(a, vld1q_f32(query + i), vld1q_f32(row + i));
    b = vfmaq_f32(b, vld1q_f32(query + i + 4), vld1q_f32(row + i + 4));
    c = vfmaq_f32(c, vld1q_f32(query + i + 8), vld1q_f32(row + i + 8));
    d = vfmaq_f32(d, vld1q_f32(query + i + 12), vld1q_f32(row + i + 12));
  }
  for (; i + 4 <= dimension; i += 4) a = vfmaq_f32(a, vld1q_f32(query + i), vld1q_f32(row + i));
  float sum = vaddvq_f32(vaddq_f32(vaddq_f32(a, b), vaddq_f32(c, d)));
  for (; i < dimension; i++) sum += query[i] * row[i];
  return sum;
}

static void products(const float *query, const float *rows, size_t count, size_t dimension, float *out) {
  for (size_t row = 0; row < count; row++) out[row] = product(query, rows + row * dimension, dimension);
}

/// Four queries × four rows: sixteen of the 32 registers hold sums.
static inline void tile(const float *queries, const float *rows, size_t dimension, size_t count, float *out) {
  float32x4_t sums[4][4];
  for (int r = 0; r < 4; r++)
    for (int q = 0; q < 4; q++) sums[r][q] = vdupq_n_f32(0);
  size_t i = 0;
  for (; i + 4 <= dimension; i += 4) {
    float32x4_t query[4];
    for (int q = 0; q < 4; q++) query[q] = vld1q_f32(queries + q * dimension + i);
    for (int r = 0; r < 4; r++) {
      float32x4_t row = vld1q_f32(rows + r * dimension + i);
      for (int q = 0; q < 4; q++) sums[r][q] = vfmaq_f32(sums[r][q], query[q], row);
    }
  }
  for (int r = 0; r < 4; r++) {
    for (int q = 0; q < 4; q++) {
      float sum = vaddvq_f32(sums[r][q]);
      for (size_t rest = i; rest < dimension; rest++)
        sum += queries[q * dimension + rest] * rows[r * dimension + rest];
      out[q * count + r] = sum;
    }
  }
}

static void products_batch(
  const float *queries, size_t query_count, const float *rows, size_t count, size_t dimension, float *out) {
  // Eight rows stay in the first-level cache while all queries pass by.
  for (size_t first = 0; first < count; first += 8) {
    size_t last = first + 8 < count ? first + 8 : count;
    size_t query = 0;
    for (; query + 4 <= query_count; query += 4) {
      size_t row = first;
      for (; row + 4 <= last; row += 4)
        tile(queries + query * dimension, rows + row * dimension, dimension, count, out + query * count + row);
      for (; row < last; row++)
        for (size_t q = query; q < query + 4; q++)
          out[q * count + row] = product(queries + q * dimension, rows + row * dimension, dimension);
    }
    for (; query < query_count; query++)
      for (size_t row = first; row < last; row++)
        out[query * count + row] = product(queries + query * dimension, rows + row * dimension, dimension);
  }
}

static inline int32_t int8_sum(const int16_t *query, const int8_t *row, size_t dimension) {
  int32x4_t a = vdupq_n_s32(0), b = a;
  size_t i = 0;
  for (; i + 16 <= dimension; i += 16) {
    int8x16_t codes = vld1q_s8(row + i);
    int16x8_t low = vmovl_s8(vget_low_s8(codes)), high = vmovl_high_s8(codes);
    int16x8_t first = vld1q_s16(query + i), second = vld1q_s16(query + i + 8);
    a = vmlal_s16(a, vget_low_s16(first), vget_low_s16(low));
    b = vmlal_high_s16(b, first, low);
    a = vmlal_s16(a, vget_low_s16(second), vget_low_s16(high));
    b = vmlal_high_s16(b, second, high);
  }
  int32_t sum = vaddvq_s32(vaddq_s32(a, b));
  for (; i < dimension; i++) sum += (int32_t)query[i] * row[i];
  return sum;
}

static void int8_sums(const int16_t *query, const int8_t *rows, size_t count, size_t dimension, int32_t *out) {
  for (size_t row = 0; row < count; row++) out[row] = int8_sum(query, rows + row * dimension, dimension);
}

/// Adds the 16-bit sums of eight rows to 32 bits each.
static inline void widen(uint16x8_t sums, int32_t *out) {
  vst1q_s32(out, vaddq_s32(vld1q_s32(out), vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(sums)))));
  vst1q_s32(out + 4, vaddq_s32(vld1q_s32(out + 4), vreinterpretq_s32_u32(vmovl_high_u16(sums))));
}

static void bit_sums(const uint8_t *table, const uint8_t *codes, size_t blocks, size_t columns, int32_t *out) {
  const uint8x16_t nibble = vdupq_n_u8(15);
  for (size_t block = 0; block < blocks; block++, codes += columns * 32, out += 32) {
    for (int part = 0; part < 8; part++) vst1q_s32(out + part * 4, vdupq_n_s32(0));
    // A column adds at most 254, so 256 columns fit into 16 bits.
    for (size_t first = 0; first < columns; first += 256) {
      size_t last = first + 256 < columns ? first + 256 : columns;
      uint16x8_t sums[4];
      for (int part = 0; part < 4; part++) sums[part] = vdupq_n_u16(0);
      for (size_t column = first; column < last; column++) {
        uint8x16_t low = vld1q_u8(table + column * 32), high = vld1q_u8(table + column * 32 + 16);
        for (int half = 0; half < 2; half++) {
          uint8x16_t code = vld1q_u8(codes + column * 32 + half * 16);
          uint8x16_t sum = vaddq_u8(vqtbl1q_u8(low, vandq_u8(code, nibble)), vqtbl1q_u8(high, vshrq_n_u8(code, 4)));
          sums[half * 2] = vaddw_u8(sums[half * 2], vget_low_u8(sum));
          sums[half * 2 + 1] = vaddw_high_u8(sums[half * 2 + 1], sum);
        }
      }
      for (int part = 0; part < 4; part++) widen(sums[part], out + part * 8);
    }
  }
}

static size_t select_rows(const awl_bounds *bounds, const int32_t *sums, size_t count, awl_candidate *out) {
  // Multiplied and added apart, never fused: the same bits as the reference.
  const float32x4_t threshold = vdupq_n_f32(bounds->threshold), zero = vdupq_n_f32(0);
  size_t found = 0;
  size_t row = 0;
  for (; row + 4 <= count; row += 4) {
    float32x4_t sum = vmulq_f32(vdupq_n_f32(bounds->multiplier), vcvtq_f32_s32(vld1q_s32(sums + row)));
    sum = vaddq_f32(sum, vdupq_n_f32(bounds->base));
    float32x4_t offset = bounds->offset == NULL ? zero : vld1q_f32(bounds->offset + row);
    offset = vaddq_f32(offset, vdupq_n_f32(bounds->constant));
    float32x4_t estimate = vaddq_f32(vmulq_f32(vld1q_f32(bounds->scale + row), sum), offset);
    float32x4_t radius = vmulq_f32(vld1q_f32(bounds->radius + row), vdupq_n_f32(bounds->radius_multiplier));
    float32x4_t upper = vaddq_f32(vaddq_f32(estimate, radius), vdupq_n_f32(bounds->slack));
    if (vminvq_u32(vcltq_f32(upper, threshold)) != 0) continue;
    float estimates[4], uppers[4];
    vst1q_f32(estimates, estimate);
    vst1q_f32(uppers, upper);
    for (unsigned lane = 0; lane < 4; lane++) {
      if (uppers[lane] < bounds->threshold) continue;
      out[found++] = (awl_candidate){(uint32_t)(row + lane), estimates[lane], uppers[lane]};
    }
  }
  if (row == count) return found;
  awl_bounds rest = *bounds;
  rest.scale += row;
  rest.radius += row;
  if (rest.offset != NULL) rest.offset += row;
  size_t more = awl_kernels_scalar()->select(&rest, sums + row, count - row, out + found);
  for (size_t i = found; i < found + more; i++) out[i].row += (uint32_t)row;
  return found + more;
}

const awl_kernels *awl_kernels_neon(void) {
  static const awl_kernels table = {"neon", products, products_batch, int8_sums, bit_sums, select_rows};
  return &table;
}

#else

const awl_kernels *awl_kernels_neon(void) { return NULL; }

#endif
