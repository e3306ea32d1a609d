// The product that decides a ranking, beside the same sum written out.

import CVectorKernels
import Testing

@Suite struct ExactProductTests {
  @Test("sums in Float64 in one fixed order for every length")
  func order() {
    for length in 0...300 {
      let left = (0..<length).map { Float($0 % 7) * 0.37 - 1 }
      let right = (0..<length).map { Float($0 % 11) * 1e10 - 3e10 }
      var sums = [Double](repeating: 0, count: 8)
      for index in 0..<length { sums[index % 8] += Double(left[index]) * Double(right[index]) }
      let even = (sums[0] + sums[4]) + (sums[2] + sums[6])
      let odd = (sums[1] + sums[5]) + (sums[3] + sums[7])
      #expect(awl_exact_product(left, right, length) == even + odd)
    }
  }
}
