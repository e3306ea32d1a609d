// Which instruction set the scans use, as a value that is passed down.

import CVectorKernels

/// The inner loops for this machine. The results do not depend on which one it is, only the time.
package struct VectorKernels: @unchecked Sendable {
  let table: UnsafePointer<awl_kernels>

  /// The fastest of this machine.
  package static let best = VectorKernels(table: awl_kernels_best())

  /// `scalar`, `avx2` or `neon`; nil where this machine lacks it or the name is unknown.
  package static func named(_ name: String) -> VectorKernels? { awl_kernels_named(name).map(VectorKernels.init) }

  package static let names = ["scalar", "avx2", "neon"]

  package var name: String { String(cString: table.pointee.name) }
}
