// Simple case folding (Unicode CaseFolding.txt, statuses C and S) as orbits: from every scalar with case to the next
// one that folds alike, and round again. The standard library has full mappings only, hence the table.

enum CaseOrbit {
  /// Whether the scalar or one that folds to the same as it satisfies the test.
  static func contains(of scalar: UInt32, where test: (UInt32) -> Bool) -> Bool {
    var current = scalar
    repeat {
      if test(current) { return true }
      current = next(after: current)
    } while current != scalar
    return false
  }

  /// All scalars that fold to the same as this one, itself first.
  static func members(of scalar: UInt32) -> [UInt32] {
    var result = [scalar]
    var current = next(after: scalar)
    while current != scalar {
      result.append(current)
      current = next(after: current)
    }
    return result
  }

  /// Whether both fold to the same scalar.
  static func areEqual(_ a: UInt32, _ b: UInt32) -> Bool {
    a == b || contains(of: a) { $0 == b }
  }

  private static func next(after scalar: UInt32) -> UInt32 {
    if scalar < 0x80 {
      // K and S also fold with the Kelvin sign and the long s; all other letters have just two forms.
      switch scalar {
      case 0x4B, 0x53, 0x6B, 0x73: break
      case 0x41...0x5A: return scalar + 32
      case 0x61...0x7A: return scalar - 32
      default: return scalar
      }
    }
    var low = 0
    var high = rows.count
    while low < high {
      let middle = (low + high) / 2
      if rows[middle].first <= scalar { low = middle + 1 } else { high = middle }
    }
    // Rows of stride 2 interleave in pairs, so the row may be the one before the last that starts at or below.
    for row in rows[max(0, low - 2)..<low].reversed() where scalar <= row.last {
      if (scalar - row.first) % row.stride == 0 { return UInt32(bitPattern: Int32(bitPattern: scalar) + row.delta) }
    }
    return scalar
  }

  private struct Row {
    let first: UInt32
    let last: UInt32
    let stride: UInt32
    let delta: Int32
  }

  private static let rows: [Row] = {
    var rows: [Row] = []
    for field in UnicodeTables.caseOrbits.split(separator: " ") {
      let parts = field.split(whereSeparator: { ":/+-".contains($0) })
      guard parts.count == 3, let first = UInt32(parts[0], radix: 36), let span = UInt32(parts[1], radix: 36),
        let delta = Int32(parts[2], radix: 36)
      else { continue }
      rows.append(
        Row(
          first: first, last: first + span, stride: field.contains("/") ? 2 : 1,
          delta: field.contains("-") ? -delta : delta))
    }
    return rows
  }()
}
