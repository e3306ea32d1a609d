// A query in the three forms that the planes are scanned with, and the bounds that make the scans safe.

import CVectorKernels

/// A query of unit length, padded with zeros, with its 16-bit form.
final class EncodedQuery: @unchecked Sendable {
  let dimension: Int
  let floats: UnsafeMutablePointer<Float>
  let integers: UnsafeMutablePointer<Int16>
  private var scale: Float = 0
  private var residual: Float = 0

  /// - Parameter vector: Already normalised; `dimension` is its padded length.
  init(_ vector: [Float], dimension: Int) {
    self.dimension = dimension
    floats = .allocate(capacity: dimension)
    integers = .allocate(capacity: dimension)
    for index in 0..<dimension { floats[index] = index < vector.count ? vector[index] : 0 }
    awl_quantise_query(floats, dimension, integers, &scale, &residual)
  }

  deinit {
    floats.deallocate()
    integers.deallocate()
  }

  /// The bound of the integer scan, which holds for certain. With v = s·c + r the row and q = t·d + e the query:
  ///
  ///     ⟨v, q⟩ = s·t·⟨c, d⟩ + ⟨s·c, e⟩ + ⟨r, q⟩
  ///     |⟨s·c, e⟩| ≤ (‖v‖ + ‖r‖) ‖e‖       |⟨r, q⟩| ≤ ‖r‖ ‖q‖        (Cauchy and Schwarz)
  ///     ⟨v, q⟩ ≤ s·t·⟨c, d⟩ + ‖r‖ (‖q‖ + ‖e‖) + ‖v‖ ‖e‖
  ///
  /// ⟨c, d⟩ is exact in 32 bits. ‖r‖ and ‖e‖ are stored rounded up; ‖v‖ and ‖q‖ are 1 within 2⁻²³ × √D / 2 ≤ 2⁻¹⁶ (each
  /// number of a normalised vector is rounded once). What Float32 rounds while this is evaluated: the conversion of the
  /// sum, three products and three sums, each at most 2⁻²⁴ of a magnitude below 2, so less than 2⁻²⁰ together.
  func integerBounds(_ planes: SegmentPlanes) -> awl_bounds {
    let lengths: Float = 1 + 0x1p-15
    return awl_bounds(
      scale: planes.int8Scale, offset: nil, radius: planes.int8Residual, multiplier: scale, base: 0, constant: 0,
      radius_multiplier: (lengths + residual) * (1 + 0x1p-20), slack: lengths * residual + 0x1p-20, threshold: 0)
  }

  /// The bound of a Float32 scan: any order of n additions errs by at most n·2⁻²⁴ ÷ (1 − n·2⁻²⁴) of Σ|vᵢqᵢ| ≤ ‖v‖‖q‖
  /// (Higham, Accuracy and Stability of Numerical Algorithms, 3.5), here with room for both lengths.
  func floatBounds() -> awl_bounds {
    let slack = Float(dimension + 8) * 0x1p-24 * 1.02
    return awl_bounds(
      scale: nil, offset: nil, radius: nil, multiplier: 0, base: 0, constant: 0, radius_multiplier: 0, slack: slack,
      threshold: 0)
  }
}

/// A query as a table of the one-bit scan, for the segment whose centroid it was made with.
final class BitQuery: @unchecked Sendable {
  let table: UnsafeMutablePointer<UInt8>
  private var step: Float = 0
  private var base: Float = 0
  private var error: Float = 0
  private var constant: Float = 0
  private var length: Float = 0

  /// How many standard deviations of RaBitQ's estimator are allowed for. The deviation is that of a row at a right angle
  /// to the query; of a row that is near it is smaller, so that 3 here are nearer to 4 for those that matter.
  static let deviations: Float = 3

  init(_ query: EncodedQuery, centroid: [Float], signs: [Float]) {
    let dimension = query.dimension
    table = .allocate(capacity: dimension * 4)
    var rotated = [Float](repeating: 0, count: dimension)
    var product = 0.0
    for index in 0..<dimension {
      rotated[index] = query.floats[index] - centroid[index]
      product += Double(query.floats[index]) * Double(centroid[index])
    }
    awl_rotate(&rotated, dimension, signs)
    awl_bit_table(rotated, dimension, table, &step, &base, &error)
    constant = Float(product)
    length = Float(rotated.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot())
  }

  deinit { table.deallocate() }

  func bounds(_ planes: SegmentPlanes) -> awl_bounds {
    awl_bounds(
      scale: planes.bitScale, offset: planes.bitOffset, radius: planes.bitRadius, multiplier: step,
      base: base + error, constant: constant, radius_multiplier: BitQuery.deviations * length, slack: 0x1p-20,
      threshold: 0)
  }
}

/// Where the planes of a segment lie. To be followed only by guarded C.
struct SegmentPlanes: @unchecked Sendable {
  let rows: Int
  let dimension: Int
  let f32: UnsafePointer<Float>
  let int8: UnsafePointer<Int8>
  let int8Scale: UnsafePointer<Float>
  let int8Residual: UnsafePointer<Float>
  let bits: UnsafePointer<UInt8>
  let bitScale: UnsafePointer<Float>
  let bitOffset: UnsafePointer<Float>
  let bitRadius: UnsafePointer<Float>
}
