// A vector brought to the length 1, as a store keeps it.

import CVectorKernels

package enum UnitVector {
  /// The vector of the same direction; nil where it consists of zeros or holds what is no number.
  package static func of(_ vector: [Float]) -> [Float]? {
    var unit = [Float](repeating: 0, count: vector.count)
    return awl_normalise(vector, vector.count, &unit) == 0 ? unit : nil
  }
}
