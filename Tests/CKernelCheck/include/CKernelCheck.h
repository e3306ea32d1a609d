// Compares an instruction set with the reference. In C, so that it can be built alone for another processor and run
// under an emulator.
#ifndef CKERNELCHECK_H
#define CKERNELCHECK_H

#include <stddef.h>

#include "CVectorKernels.h"

/// Every function of the table on random, denormal, huge, tiny and adversarial rows of every length from 0 to `longest`.
///
/// - Returns: The number of differences; `message` tells the first.
int kernel_check(const awl_kernels *kernels, size_t longest, char *message, size_t size);

#endif
