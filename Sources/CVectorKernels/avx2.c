// AVX2 and FMA: 8 floats, 16 short products or 32 table look-ups at a time. Each function carries its own target
// attribute, so the file needs no compiler flag and nothing here runs before the processor has been asked.
#include "CVectorKernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF

#define AVX2 __attribute__((target("avx2,fma")))

AVX2 static inline float sum_of_lanes(__m256 sums) {
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(sums), _mm256_extractf128_ps(sums, 1));
  __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

/// Lane i of the result is the sum of the lanes of sums[i].
AVX2 static inline __m128 sums_of_lanes(__m256 a, __m256 b, __m256 c, __m256 d) {
  __m256 all = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
  return _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1));
}

AVX2 static inline float product(const float *query, const float *row, size_t dimension) {
  __m256 a = _mm256_setzero_ps(), b = a, c = a, d = a;
  size_t i = 0;
  for (; i + 32 <= dimension; i += 32) {
    // The next rows, further ahead than the processor's own prefetching goes: two lines for two lines read.
    _mm_prefetch((const char *)(row + i) + 4096, _MM_HINT_T0);
    _mm_prefetch((const char *)(row + i) + 4160, _MM_HINT_T0);
    a = _mm256_fmadd_ps(_mm256_loadu_ps(query + i), _mm256_loadu_ps(row + i), a);
    b = _mm256_fmadd_ps(_mm256_loadu_ps(query + i + 8), _mm256_loadu_ps(row + i + 8), b);
    c = _mm256_fmadd_ps(_mm256_loadu_ps(query + i + 16), _mm256_loadu_ps(row + i + 16), c);
    d = _mm256_fmadd_ps(_mm256_loadu_ps(query + i + 24), _mm256_loadu_ps(row + i + 24), d);
  }
  for (; i + 8 <= dimension; i += 8)
    a = _mm256_fmadd_ps(_mm256_loadu_ps(query + i), _mm256_loadu_ps(row + i), a);
  float sum = sum_of_lanes(_mm256_add_ps(_mm256_add_ps(a, b), _mm256_add_ps(c, d)));
  for (; i < dimension; i++) sum += query[i] * row[i];
  return sum;
}

AVX2 static void products(const float *query, const float *rows, size_t count, size_t dimension, float *out) {
  for (size_t row = 0; row < count; row++) out[row] = product(query, rows + row * dimension, dimension);
}

/// Four queries × three rows: twelve sums, three rows and the query at hand fill the sixteen registers, and seven loads
/// feed twelve multiplications.
AVX2 static inline void tile(
  const float *queries, const float *rows, size_t dimension, size_t count, float *out) {
  __m256 sums[3][4];
  for (int r = 0; r < 3; r++)
    for (int q = 0; q < 4; q++) sums[r][q] = _mm256_setzero_ps();
  size_t i = 0;
  for (; i + 8 <= dimension; i += 8) {
    __m256 r0 = _mm256_loadu_ps(rows + i), r1 = _mm256_loadu_ps(rows + dimension + i);
    __m256 r2 = _mm256_loadu_ps(rows + 2 * dimension + i);
#pragma clang loop unroll(full)
    for (int q = 0; q < 4; q++) {
      __m256 query = _mm256_loadu_ps(queries + q * dimension + i);
      sums[0][q] = _mm256_fmadd_ps(query, r0, sums[0][q]);
      sums[1][q] = _mm256_fmadd_ps(query, r1, sums[1][q]);
      sums[2][q] = _mm256_fmadd_ps(query, r2, sums[2][q]);
    }
  }
  for (int r = 0; r < 3; r++) {
    float four[4];
    _mm_storeu_ps(four, sums_of_lanes(sums[r][0], sums[r][1], sums[r][2], sums[r][3]));
    for (int q = 0; q < 4; q++) {
      for (size_t rest = i; rest < dimension; rest++)
        four[q] += queries[q * dimension + rest] * rows[r * dimension + rest];
      out[q * count + r] = four[q];
    }
  }
}

AVX2 static void products_batch(
  const float *queries, size_t query_count, const float *rows, size_t count, size_t dimension, float *out) {
  // Twelve rows stay in the first-level cache while all queries pass by.
  for (size_t first = 0; first < count; first += 12) {
    size_t last = first + 12 < count ? first + 12 : count;
    size_t query = 0;
    for (; query + 4 <= query_count; query += 4) {
      size_t row = first;
      for (; row + 3 <= last; row += 3)
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

AVX2 static inline int32_t int8_sum(const int16_t *query, const int8_t *row, size_t dimension) {
  __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
  size_t i = 0;
#define STEP(sum, at)                                                                    \
  sum = _mm256_add_epi32(                                                                \
    sum, _mm256_madd_epi16(                                                              \
           _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(row + i + (at)))),     \
           _mm256_loadu_si256((const __m256i *)(query + i + (at)))))
  for (; i + 64 <= dimension; i += 64) {
    _mm_prefetch((const char *)(row + i) + 4096, _MM_HINT_T0);
    STEP(a, 0);
    STEP(b, 16);
    STEP(c, 32);
    STEP(d, 48);
  }
  for (; i + 16 <= dimension; i += 16) STEP(a, 0);
#undef STEP
  __m256i all = _mm256_add_epi32(_mm256_add_epi32(a, b), _mm256_add_epi32(c, d));
  __m128i four = _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
  __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
  int32_t sum = _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
  for (; i < dimension; i++) sum += (int32_t)query[i] * row[i];
  return sum;
}

AVX2 static void int8_sums(const int16_t *query, const int8_t *rows, size_t count, size_t dimension, int32_t *out) {
  for (size_t row = 0; row < count; row++) out[row] = int8_sum(query, rows + row * dimension, dimension);
}

/// Adds 16 sums of 16 bits, of which `even` belongs to the rows 0, 2, 4 … and `odd` to 1, 3, 5 …, to 32 bits each.
AVX2 static inline void widen(__m256i even, __m256i odd, int32_t *out) {
  __m256i low = _mm256_unpacklo_epi16(even, odd), high = _mm256_unpackhi_epi16(even, odd);
  __m128i parts[4] = {
    _mm256_castsi256_si128(low), _mm256_castsi256_si128(high), _mm256_extracti128_si256(low, 1),
    _mm256_extracti128_si256(high, 1)};
  for (int part = 0; part < 4; part++) {
    __m256i *place = (__m256i *)(out + part * 8);
    _mm256_storeu_si256(place, _mm256_add_epi32(_mm256_loadu_si256(place), _mm256_cvtepu16_epi32(parts[part])));
  }
}

AVX2 static void bit_sums(const uint8_t *table, const uint8_t *codes, size_t blocks, size_t columns, int32_t *out) {
  const __m256i nibble = _mm256_set1_epi8(15);
  for (size_t block = 0; block < blocks; block++, codes += columns * 32, out += 32) {
    for (int part = 0; part < 4; part++) _mm256_storeu_si256((__m256i *)out + part, _mm256_setzero_si256());
    // A column adds at most 254, so 256 columns fit into 16 bits.
    for (size_t first = 0; first < columns; first += 256) {
      size_t last = first + 256 < columns ? first + 256 : columns;
      // `both` adds even + 256 × odd and `odd` the odd bytes alone; overflow of the first cancels in the difference.
      __m256i both = _mm256_setzero_si256(), odd = both;
      for (size_t column = first; column < last; column++) {
        __m256i code = _mm256_loadu_si256((const __m256i *)(codes + column * 32));
        _mm_prefetch((const char *)(codes + column * 32) + 4096, _MM_HINT_T0);
        const __m128i *entries = (const __m128i *)(table + column * 32);
        __m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128(entries));
        __m256i high = _mm256_broadcastsi128_si256(_mm_loadu_si128(entries + 1));
        __m256i sum = _mm256_add_epi8(
          _mm256_shuffle_epi8(low, _mm256_and_si256(code, nibble)),
          _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(code, 4), nibble)));
        both = _mm256_add_epi16(both, sum);
        odd = _mm256_add_epi16(odd, _mm256_srli_epi16(sum, 8));
      }
      widen(_mm256_sub_epi16(both, _mm256_slli_epi16(odd, 8)), odd, out);
    }
  }
}

AVX2 static size_t select_rows(const awl_bounds *bounds, const int32_t *sums, size_t count, awl_candidate *out) {
  // Multiplied and added apart, never fused: the same bits as the reference.
  const __m256 multiplier = _mm256_set1_ps(bounds->multiplier), base = _mm256_set1_ps(bounds->base);
  const __m256 constant = _mm256_set1_ps(bounds->constant), slack = _mm256_set1_ps(bounds->slack);
  const __m256 widening = _mm256_set1_ps(bounds->radius_multiplier), threshold = _mm256_set1_ps(bounds->threshold);
  size_t found = 0;
  size_t row = 0;
  for (; row + 8 <= count; row += 8) {
    __m256 sum = _mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i *)(sums + row)));
    sum = _mm256_add_ps(_mm256_mul_ps(multiplier, sum), base);
    __m256 offset = bounds->offset == NULL ? _mm256_setzero_ps() : _mm256_loadu_ps(bounds->offset + row);
    __m256 estimate = _mm256_add_ps(
      _mm256_mul_ps(_mm256_loadu_ps(bounds->scale + row), sum), _mm256_add_ps(offset, constant));
    __m256 radius = _mm256_mul_ps(_mm256_loadu_ps(bounds->radius + row), widening);
    __m256 upper = _mm256_add_ps(_mm256_add_ps(estimate, radius), slack);
    unsigned reached = (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(upper, threshold, _CMP_NLT_UQ));
    if (reached == 0) continue;
    float estimates[8], uppers[8];
    _mm256_storeu_ps(estimates, estimate);
    _mm256_storeu_ps(uppers, upper);
    for (; reached != 0; reached &= reached - 1) {
      unsigned lane = (unsigned)__builtin_ctz(reached);
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

const awl_kernels *awl_kernels_avx2(void) {
  static const awl_kernels table = {"avx2", products, products_batch, int8_sums, bit_sums, select_rows};
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &table : NULL;
}

#else

const awl_kernels *awl_kernels_avx2(void) { return NULL; }

#endif
