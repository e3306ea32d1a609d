// From a Float32 vector to the two smaller forms that are scanned: 8-bit integers with a scale, and one bit per
// dimension with the factors of RaBitQ (Gao and Long, SIGMOD 2024). Plain loops: the result is the same everywhere.
#include "CVectorKernels.h"

#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

int awl_normalise(const float *vector, size_t dimension, float *out) {
  double square = 0;
  for (size_t i = 0; i < dimension; i++) square += (double)vector[i] * vector[i];
  if (!isfinite(square)) return 2;
  if (square == 0) return 1;
  double length = sqrt(square);
  for (size_t i = 0; i < dimension; i++) out[i] = (float)(vector[i] / length);
  return 0;
}

// MARK: Rotation

/// The largest power of two that is at most `dimension`.
static size_t power_below(size_t dimension) {
  size_t power = 1;
  while (power * 2 <= dimension) power *= 2;
  return power;
}

void awl_rotation_signs(size_t dimension, float *out) {
  uint64_t state = 0x61776C;  // SplitMix64, one number for 64 signs
  for (size_t i = 0; i < 4 * dimension; i += 64) {
    uint64_t mixed = state += 0x9E3779B97F4A7C15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    mixed ^= mixed >> 31;
    for (size_t bit = 0; bit < 64; bit++) out[i + bit] = mixed >> bit & 1 ? 1 : -1;
  }
}

/// The fast Walsh–Hadamard transform, without its factor.
static void transform(float *vector, size_t power) {
  size_t half = 1;
  // Two levels at once while the partners are close, so that each value is loaded half as often.
  for (; half * 4 <= power; half *= 4) {
    for (size_t i = 0; i < power; i += half * 4) {
      float *restrict a = vector + i, *restrict b = a + half, *restrict c = b + half, *restrict d = c + half;
      for (size_t j = 0; j < half; j++) {
        float ab = a[j] + b[j], AB = a[j] - b[j], cd = c[j] + d[j], CD = c[j] - d[j];
        a[j] = ab + cd;
        b[j] = AB + CD;
        c[j] = ab - cd;
        d[j] = AB - CD;
      }
    }
  }
  for (; half < power; half *= 2) {
    for (size_t i = 0; i < power; i += half * 2) {
      float *restrict a = vector + i, *restrict b = a + half;
      for (size_t j = 0; j < half; j++) {
        float sum = a[j] + b[j];
        b[j] = a[j] - b[j];
        a[j] = sum;
      }
    }
  }
}

// Random signs and the transform, on the first and then on the last power of two of dimensions, twice; where the
// dimension is a power of two itself, on all of them twice.
void awl_rotate(float *vector, size_t dimension, const float *signs) {
  size_t power = power_below(dimension);
  float factor = 1 / sqrtf((float)power);
  size_t rounds = power == dimension ? 2 : 4;
  for (size_t round = 0; round < rounds; round++, signs += dimension) {
    float *part = vector + (round & 1 ? dimension - power : 0);
    for (size_t i = 0; i < dimension; i++) vector[i] *= signs[i];
    transform(part, power);
    for (size_t i = 0; i < power; i++) part[i] *= factor;
  }
}

// MARK: Rows

static float largest_magnitude(const float *vector, size_t dimension) {
  float largest = 0;
  for (size_t i = 0; i < dimension; i++) {
    float magnitude = fabsf(vector[i]);
    largest = magnitude > largest ? magnitude : largest;
  }
  return largest;
}

/// Rounds a length up: it was summed in Float64, so 2⁻²⁰ is far more than the error of the sum and of the conversion.
static float rounded_up(double length) { return (float)(length * (1 + 0x1p-20) + 0x1p-140); }

static void encode_int8(const float *row, size_t dimension, int8_t *codes, float *scale, float *residual) {
  float step = largest_magnitude(row, dimension) / 127;
  if (step < 0x1p-120f) step = 0x1p-120f;  // only rows of a lying file are that small
  float inverse = 1 / step;
  for (size_t i = 0; i < dimension; i++) {
    // Adding 1.5 × 2²³ rounds to the nearest integer; the clamp holds what rounding pushed over the edge.
    float code = (row[i] * inverse + 0x1.8p23f) - 0x1.8p23f;
    code = code > 127 ? 127 : code;
    code = code < -127 ? -127 : code;
    codes[i] = (int8_t)code;
  }
  double sums[4] = {0};
  for (size_t i = 0; i < dimension; i += 4)
    for (size_t lane = 0; lane < 4; lane++) {
      double rest = (double)row[i + lane] - (double)step * codes[i + lane];
      sums[lane] += rest * rest;
    }
  *scale = step;
  *residual = rounded_up(sqrt((sums[0] + sums[1]) + (sums[2] + sums[3])));
}

// With v the row, c the centroid, y = R(v − c) rotated, z = R(q − c) and x = the signs of y:
//
//     ⟨v, q⟩ = ⟨c, q⟩ + ⟨v − c, c⟩ + ⟨y, z⟩        ⟨y, z⟩ ≈ (‖y‖² ÷ Σ|yᵢ|) × Σ xᵢ zᵢ
//
// the paper's estimator ⟨x,z⟩ ÷ ⟨x,y⟩ with the lengths put back, whose error is at most
// ε ‖z‖ ‖y‖ √((1 − a²) ÷ a²) ÷ √(D − 1) with high probability, where a = Σ|yᵢ| ÷ (‖y‖ √D) (Theorem 3.2).
static void encode_bits(const awl_encoding *job, size_t number) {
  size_t dimension = job->dimension;
  const float *row = job->rows + number * dimension;
  float *rotated = job->scratch;
  double offset = 0;
  for (size_t i = 0; i < dimension; i++) {
    rotated[i] = row[i] - job->centroid[i];
    offset += (double)rotated[i] * job->centroid[i];
  }
  awl_rotate(rotated, dimension, job->signs);
  double square = 0, magnitudes = 0;
  for (size_t i = 0; i < dimension; i++) {
    square += (double)rotated[i] * rotated[i];
    magnitudes += fabsf(rotated[i]);
  }
  uint8_t *code = job->bits + number / AWL_BLOCK_ROWS * (dimension / 8) * AWL_BLOCK_ROWS + number % AWL_BLOCK_ROWS;
  for (size_t column = 0; column < dimension / 8; column++) {
    unsigned byte = 0;
    for (unsigned bit = 0; bit < 8; bit++) byte |= (unsigned)(rotated[column * 8 + bit] >= 0) << bit;
    code[column * AWL_BLOCK_ROWS] = (uint8_t)byte;
  }
  double spread = magnitudes == 0 ? 0 : square * square * (double)dimension / (magnitudes * magnitudes) - square;
  job->bit_scale[number] = magnitudes == 0 ? 0 : (float)(square / magnitudes);
  job->bit_offset[number] = (float)offset;
  job->bit_radius[number] = rounded_up(sqrt(spread > 0 ? spread : 0) / sqrt((double)(dimension - 1)));
}

void awl_encode(const awl_encoding *job) {
  for (size_t row = 0; row < job->count; row++) {
    size_t start = row * job->dimension;
    encode_int8(job->rows + start, job->dimension, job->codes + start, job->scale + row, job->residual + row);
    encode_bits(job, row);
  }
}

// MARK: Queries

void awl_quantise_query(const float *query, size_t dimension, int16_t *out, float *scale, float *residual) {
  double largest = largest_magnitude(query, dimension), magnitudes = 0;
  for (size_t i = 0; i < dimension; i++) magnitudes += fabsf(query[i]);
  // As fine as 16 bits allow, and no sum of products with 128 reaches 2³¹ (rounding adds a half to each).
  double most = (0x1p31 - 1) / 128 - (double)dimension;
  double inverse = largest == 0 ? 0 : 32767 / largest;
  if (magnitudes * inverse > most) inverse = most / magnitudes;
  float step = inverse == 0 ? 0 : (float)(1 / inverse);
  double square = 0;
  for (size_t i = 0; i < dimension; i++) {
    double code = rint(query[i] * inverse);
    out[i] = (int16_t)code;
    double rest = (double)query[i] - (double)step * code;
    square += rest * rest;
  }
  *scale = step;
  *residual = rounded_up(sqrt(square));
}

void awl_bit_table(
  const float *rotated, size_t dimension, uint8_t *table, float *step, float *base, float *error) {
  float widest = 0;
  double all = 0;
  for (size_t i = 0; i < dimension; i += 4) {
    float magnitude = (fabsf(rotated[i]) + fabsf(rotated[i + 1])) + (fabsf(rotated[i + 2]) + fabsf(rotated[i + 3]));
    widest = magnitude > widest ? magnitude : widest;
    all += magnitude;
  }
  double size = widest == 0 ? 1 : 2 * (double)widest / 126;
  double square = 0;
  for (size_t i = 0; i < dimension; i += 4) {
    double lowest = 0, worst = 0;
    for (size_t lane = 0; lane < 4; lane++) lowest += fabsf(rotated[i + lane]);
    for (unsigned bits = 0; bits < 16; bits++) {
      double sum = lowest;
      for (size_t lane = 0; lane < 4; lane++) sum += bits >> lane & 1 ? rotated[i + lane] : -rotated[i + lane];
      double entry = rint(sum / size);
      worst = fmax(worst, fabs(entry * size - sum));
      table[i * 4 + bits] = (uint8_t)entry;
    }
    square += worst * worst;
  }
  *step = (float)size;
  *base = (float)-all;
  *error = (float)(3 * sqrt(square));
}
