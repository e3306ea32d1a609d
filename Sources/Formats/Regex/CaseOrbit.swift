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
    var high = links.count
    while low < high {
      let middle = (low + high) / 2
      if links[middle].scalar < scalar { low = middle + 1 } else { high = middle }
    }
    return low < links.count && links[low].scalar == scalar ? links[low].next : scalar
  }

  /// Every scalar with case and the next of its orbit, sorted.
  private static let links: [(scalar: UInt32, next: UInt32)] = {
    var links: [(scalar: UInt32, next: UInt32)] = []
    for field in UnicodeTables.caseOrbits.split(separator: " ") {
      let parts = field.split(whereSeparator: { ":/+-".contains($0) })
      guard parts.count == 3, let first = UInt32(parts[0], radix: 36), let span = UInt32(parts[1], radix: 36),
        let distance = UInt32(parts[2], radix: 36)
      else { continue }
      for scalar in stride(from: first, through: first + span, by: field.contains("/") ? 2 : 1) {
        links.append((scalar, field.contains("-") ? scalar - distance : scalar + distance))
      }
    }
    return links.sorted { $0.scalar < $1.scalar }
  }()
}
