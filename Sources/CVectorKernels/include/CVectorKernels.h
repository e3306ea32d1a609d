// The inner loops of vector search: inner products over rows in memory, one file per instruction set behind one table
// of function pointers. A new instruction set is one more file that fills a table, and a line in kernels.c.
//
// Shapes stand in brackets. Rows lie one after another without gaps; no pointer need be aligned, though rows that begin
// at 64 bytes are read faster. Integer results are the same whatever the instruction set; so are those of `select`.
#ifndef AWL_CVECTORKERNELS_H
#define AWL_CVECTORKERNELS_H

#include <stddef.h>
#include <stdint.h>

/// How `select` turns the sum of a row into an estimate of its score and the most that the score can be:
///
///     estimate = scale[row] × (multiplier × sum[row] + base) + offset[row] + constant
///     upper    = estimate + radius[row] × radius_multiplier + slack
typedef struct {
  const float *scale;   // [count]
  const float *offset;  // [count], or NULL for zeros
  const float *radius;  // [count]
  float multiplier;
  float base;
  float constant;
  float radius_multiplier;
  float slack;
  /// Rows whose upper bound is below this are left out. One that is not a number stays in.
  float threshold;
} awl_bounds;

/// A row that may belong to the result.
typedef struct {
  uint32_t row;
  float estimate;
  float upper;
} awl_candidate;

/// One instruction set.
typedef struct {
  const char *name;

  /// out[row] = Σ query[i] × rows[row][i], in Float32; rows [count × dimension].
  void (*products)(const float *query, const float *rows, size_t count, size_t dimension, float *out);

  /// out[query][row], in Float32: every row is read once for all queries. queries [query_count × dimension].
  void (*products_batch)(
    const float *queries, size_t query_count, const float *rows, size_t count, size_t dimension, float *out);

  /// out[row] = Σ query[i] × rows[row][i] in 32 bits. The caller keeps Σ |query[i]| × 128 below 2³¹.
  void (*int8_sums)(const int16_t *query, const int8_t *rows, size_t count, size_t dimension, int32_t *out);

  /// Sums of table entries chosen by bits ("fast scan", André, Kermarrec and Le Scouarnec, VLDB 2015). Rows come in
  /// blocks of 32: byte `column × 32 + row` of a block [columns × 32] holds the bits of eight dimensions of a row, and
  ///
  ///     out[row] = Σ over columns of table[column][0][low four bits] + table[column][1][high four bits]
  ///
  /// - table: [columns × 2 × 16], entries at most 127, so that two of them fit into a byte.
  /// - out: [blocks × 32].
  void (*bit_sums)(const uint8_t *table, const uint8_t *codes, size_t blocks, size_t columns, int32_t *out);

  /// Writes the rows that reach the threshold, in order, and gives their number; out [count].
  size_t (*select)(const awl_bounds *bounds, const int32_t *sums, size_t count, awl_candidate *out);
} awl_kernels;

/// Rows in a block of bit codes.
#define AWL_BLOCK_ROWS 32

/// The table of an instruction set by name: "scalar", "avx2", "neon". NULL where this machine lacks it.
const awl_kernels *awl_kernels_named(const char *name);

/// The fastest table of this machine.
const awl_kernels *awl_kernels_best(void);

// The files of the instruction sets; NULL where they are not compiled in or the processor lacks them.
const awl_kernels *awl_kernels_scalar(void);
const awl_kernels *awl_kernels_avx2(void);
const awl_kernels *awl_kernels_neon(void);

/// The sum of `left[i] × right[i]` in Float64, always added in the same order: the same bits on every machine.
double awl_exact_product(const float *left, const float *right, size_t dimension);

// MARK: Encoding

/// Divides a vector by its length, which is taken in Float64.
///
/// - Returns: 0, or 1 for a vector of zeros, or 2 when a number is infinite or none; `out` is then not to be used.
int awl_normalise(const float *vector, size_t dimension, float *out);

/// The random signs of the rotation, ±1; out [4 × dimension]. `dimension` is a multiple of 64. Fixed for ever.
void awl_rotation_signs(size_t dimension, float *out);

/// Rotates a vector in place: distances and products stay, and no direction is special any more.
void awl_rotate(float *vector, size_t dimension, const float *signs);

/// Rows to be encoded for the two scans.
typedef struct {
  const float *rows;  // [count × dimension], unit vectors
  size_t count;
  size_t dimension;       // a multiple of 64
  const float *centroid;  // [dimension]
  const float *signs;     // [4 × dimension]
  int8_t *codes;          // [count × dimension]
  float *scale;           // [count]
  float *residual;        // [count]
  uint8_t *bits;          // [count in blocks of 32 × dimension / 8 × 32], zeros before
  float *bit_scale;       // [count]
  float *bit_offset;      // [count]
  float *bit_radius;      // [count]
  float *scratch;         // [dimension]
} awl_encoding;

void awl_encode(const awl_encoding *job);

/// A query as 16-bit integers: query ≈ scale × out, and the length of what is left over, rounded up.
void awl_quantise_query(const float *query, size_t dimension, int16_t *out, float *scale, float *residual);

/// A rotated query as the table of `bit_sums`: Σ ±query[i] ≈ step × sum + base. `error` is three times the root mean
/// square of the worst rounding errors of the groups.
void awl_bit_table(
  const float *rotated, size_t dimension, uint8_t *table, float *step, float *base, float *error);

// MARK: Scans that run guarded

/// Rows of a plane, for one query: sums, then selection. The functions below take it as `void *`.
typedef struct {
  const awl_kernels *kernels;
  const void *rows;   // the plane from the first row on
  size_t count;       // for bits: from a multiple of 32 on
  size_t dimension;   // for bits: a multiple of 8
  const void *query;  // int16_t [dimension], float [dimension], or the table of bits
  awl_bounds bounds;  // its arrays from the first row on; for floats only slack and threshold count
  awl_candidate *out;  // [count]
  size_t found;
} awl_scan;

void awl_scan_int8(void *scan);
void awl_scan_bits(void *scan);
void awl_scan_floats(void *scan);

/// The rows whose product plus `slack` is not below the threshold, numbered from `first`.
size_t awl_select_floats(
  const float *products, size_t count, float slack, float threshold, uint32_t first, awl_candidate *out);

/// Rows of the Float32 plane for many queries at once.
typedef struct {
  const awl_kernels *kernels;
  const float *queries;  // [query_count × dimension]
  size_t query_count;
  const float *rows;  // [count × dimension]
  size_t count;
  size_t dimension;
  float *out;  // [query_count × count]
} awl_product;

void awl_products(void *product);

/// Chosen rows in Float64.
typedef struct {
  const float *query;
  const float *rows;  // the whole plane
  size_t dimension;
  const uint32_t *chosen;  // [count]
  size_t count;
  double *out;  // [count]
} awl_rescoring;

void awl_rescore(void *rescoring);

#endif
