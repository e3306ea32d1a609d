// The product that decides order and printed score. Eight partial sums in a fixed order, whatever the compiler does
// with them: a product of two floats is exact in Float64, so fusing it into the addition changes nothing either.
#include "CVectorKernels.h"

double awl_exact_product(const float *left, const float *right, size_t dimension) {
  double sums[8] = {0};
  size_t i = 0;
  for (; i + 8 <= dimension; i += 8)
    for (size_t lane = 0; lane < 8; lane++) sums[lane] += (double)left[i + lane] * (double)right[i + lane];
  for (size_t lane = 0; i < dimension; i++, lane++) sums[lane] += (double)left[i] * (double)right[i];
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}
