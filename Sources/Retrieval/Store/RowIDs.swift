// The ids and names of a segment while it is built: bytes one after another with the place where each begins.

/// The ids of the rows in order.
struct RowIDs {
  private(set) var bytes: [UInt8] = []
  /// Where each begins, and at last where the last ends.
  private(set) var starts: [UInt64] = [0]

  var count: Int { starts.count - 1 }

  mutating func append(_ id: String) {
    bytes.append(contentsOf: id.utf8)
    starts.append(UInt64(bytes.count))
  }

  /// The rows sorted by id; of rows with one id the last comes first and the others are told.
  func order() -> (order: [UInt32], replaced: [Int]) {
    let order = bytes.withUnsafeBufferPointer { bytes in
      starts.withUnsafeBufferPointer { starts in
        func id(_ row: UInt32) -> UnsafeRawBufferPointer {
          let start = Int(starts[Int(row)])
          return UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[start..<Int(starts[Int(row) + 1])]))
        }
        return (0..<UInt32(count)).sorted { left, right in
          let comparison = compareBytes(id(left), id(right))
          return comparison == 0 ? left > right : comparison < 0
        }
      }
    }
    var replaced: [Int] = []
    for index in order.indices.dropFirst() {
      if slice(Int(order[index])).elementsEqual(slice(Int(order[index - 1]))) { replaced.append(Int(order[index])) }
    }
    return (order, replaced)
  }

  private func slice(_ row: Int) -> ArraySlice<UInt8> { bytes[Int(starts[row])..<Int(starts[row + 1])] }
}

/// Strings that many rows share, each kept once.
struct NameTable {
  private(set) var bytes: [UInt8] = []
  private(set) var starts: [UInt64] = [0]
  private var numbers: [String: UInt32] = [:]
  private var last: (name: String, number: UInt32)?

  mutating func number(of name: String) -> UInt32 {
    if let last, last.name == name { return last.number }
    let number = numbers[name] ?? UInt32(starts.count - 1)
    if number == UInt32(starts.count - 1) {
      numbers[name] = number
      bytes.append(contentsOf: name.utf8)
      starts.append(UInt64(bytes.count))
    }
    last = (name, number)
    return number
  }
}

/// Below, at or above 0 as `left` comes before, is, or comes after `right` in the order of their bytes.
func compareBytes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
  let shared = min(left.count, right.count)
  for index in 0..<shared where left[index] != right[index] { return Int(left[index]) - Int(right[index]) }
  return left.count - right.count
}
