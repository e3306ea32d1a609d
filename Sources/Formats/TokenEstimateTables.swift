// Where the token estimate's constants lie in memory, taken once for a run of text: asking for a global table at each word
// costs a call.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The constants that every word needs.
struct TokenEstimateTables {
  /// See `TokenEstimateTable.words`.
  let weights: UnsafeBufferPointer<Int8>
  private let logarithms: UnsafeBufferPointer<Double>

  /// ln(1 + e^x) of a sum of weights in twelfths.
  @inline(__always)
  func softplus(_ score: Int) -> Double {
    score >= 96 ? Double(score) / 12 : score < -96 ? 0 : logarithms[score + 96]
  }

  @inline(__always)
  static func with(_ body: (TokenEstimateTables) -> Void) {
    TokenEstimateTable.words.withUnsafeBufferPointer { weights in
      logarithmTable.withUnsafeBufferPointer { body(TokenEstimateTables(weights: weights, logarithms: $0)) }
    }
  }

  private static let logarithmTable: [Double] = (-96..<96).map { log1p(exp(Double($0) / 12)) }
}
