// The nodes of a document in one block of memory that the document owns. Plain memory and not an array: look-ups and
// the reader's appends run without retain, release and checks; the readers and the builder only make tapes whose
// indices stay within it.

/// One node of the tape; 16 bytes.
struct JSONNode: Sendable {
  enum Kind: UInt8, Sendable { case null, false_, true_, number, string, array, object }
  /// How the bytes of a string stand: as plain text that is also its JSON form, as JSON text with escapes, or as text
  /// that has to be escaped when it is written.
  enum Form: UInt8, Sendable { case plain, escaped, decoded }

  /// Byte offset of the content: the first byte of a scalar (within the quotes), the bracket of a container.
  var start: UInt32
  /// Bytes of a scalar; number of elements or members of a container.
  var length: UInt32
  /// Index of the node after this one's whole subtree; while a container is being read, the index of its parent.
  var next: UInt32
  var kind: Kind
  var form: Form

  var isContainer: Bool { kind == .array || kind == .object }
}

/// A growing block of nodes. A plain value: its owner calls `deallocate` once.
struct JSONTape: @unchecked Sendable {
  private var base: UnsafeMutablePointer<JSONNode>?
  private var capacity = 0
  private(set) var count = 0

  @inline(__always)
  subscript(index: Int) -> JSONNode {
    get {
      assert(index >= 0 && index < count)
      return base.unsafelyUnwrapped[index]
    }
    nonmutating _modify {
      assert(index >= 0 && index < count)
      yield &base.unsafelyUnwrapped[index]
    }
  }

  @inline(__always)
  mutating func append(_ kind: JSONNode.Kind, start: Int, length: Int, next: Int, form: JSONNode.Form) {
    if count == capacity { reserve(max(16, 2 * capacity)) }
    let node = JSONNode(
      start: UInt32(truncatingIfNeeded: start), length: UInt32(truncatingIfNeeded: length),
      next: UInt32(truncatingIfNeeded: next), kind: kind, form: form)
    (base.unsafelyUnwrapped + count).initialize(to: node)
    count += 1
  }

  @inline(never)
  mutating func reserve(_ minimum: Int) {
    guard minimum > capacity else { return }
    let larger = UnsafeMutablePointer<JSONNode>.allocate(capacity: minimum)
    if let base {
      larger.moveInitialize(from: base, count: count)
      base.deallocate()
    }
    base = larger
    capacity = minimum
  }

  mutating func removeLast() { count -= 1 }

  mutating func removeAll() { count = 0 }

  func deallocate() { base?.deallocate() }
}
