// Words of a text for the keyword index, and of a query in the same way: runs of letters, digits and `_` in small letters.
// Identifiers give their parts too (`fooBar`, `foo_bar`, `HTTPServer`), so that either spelling finds the other. Scripts
// written without spaces give pairs of neighbouring characters, and single ones for queries of one character. No stemming.
//
// One pass over the bytes; ASCII, which is nearly all of most texts, never leaves a table. Words of more than 64 bytes
// (keys, encoded data) are left out: nobody types them, and they would fill the dictionary.

/// What takes the words of a text. A type and not a closure, so that taking one costs no call and no check of access.
protocol TokenSink: ~Copyable {
  /// - Parameter word: `count` bytes of UTF-8, valid during the call and followed by eight more that can be read.
  mutating func take(_ word: UnsafePointer<UInt8>, _ count: Int, _ kind: Tokenizer.Kind)
}

/// A closure as a sink.
private struct ClosureSink: TokenSink {
  let emit: (UnsafePointer<UInt8>, Int, Tokenizer.Kind) -> Void
  func take(_ word: UnsafePointer<UInt8>, _ count: Int, _ kind: Tokenizer.Kind) { emit(word, count, kind) }
}

/// Cuts text into words.
struct Tokenizer {
  /// Longest word that is indexed, in bytes.
  static let maximumLength = 64

  /// What a token counts for.
  enum Kind {
    /// A word, a part of an identifier, a pair of characters.
    case word
    /// A character of a longer run; a query of a longer run does not look for it, and it adds nothing to the length.
    case single
  }

  private var scalars = ScalarClasses()
  /// The word in small letters, with room for one more character and for reading eight bytes at once.
  private let word = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 96)

  init() { word.initialize(repeating: 0) }

  /// Frees the buffer; call it once, at the end.
  func deallocate() { word.deallocate() }

  /// Calls `emit` with each token of a text in UTF-8. The bytes are valid during the call.
  mutating func scan(_ text: UnsafeRawBufferPointer, _ emit: (UnsafePointer<UInt8>, Int, Kind) -> Void) {
    withoutActuallyEscaping(emit) { emit in
      var sink = ClosureSink(emit: emit)
      scan(text, into: &sink)
    }
  }

  /// Gives each token of a text in UTF-8 to a sink.
  @inline(__always)
  mutating func scan<Sink: TokenSink & ~Copyable>(_ text: UnsafeRawBufferPointer, into sink: inout Sink) {
    guard let buffer = word.baseAddress else { return }
    let folded = Tokenizer.asciiTable
    var at = 0
    let end = text.count
    folded.withUnsafeBufferPointer { table in
      while at < end {
        let first = text[at]
        if first < 0x80, table[Int(first)] == 0 {
          at += 1
          continue
        }
        let start = at
        var count = 0
        var isMixed = false
        var isASCII = true
        while at < end {
          let byte = text[at]
          if byte >= 0x80 {
            isASCII = false
            break
          }
          let small = table[Int(byte)]
          if small == 0 { break }
          if count < Tokenizer.maximumLength { buffer[count] = small }
          if small != byte || byte == 0x5F { isMixed = isMixed || at > start || byte == 0x5F }
          count += 1
          at += 1
        }
        if isASCII {
          guard count <= Tokenizer.maximumLength else { continue }
          if isMixed { emitIdentifier(text, start..<at, &sink) } else { sink.take(UnsafePointer(buffer), count, .word) }
        } else {
          at = start
          scanWide(text, &at, &sink)
        }
      }
    }
  }

  /// A word with characters beyond ASCII, or a run of a script without spaces.
  private mutating func scanWide<Sink: TokenSink & ~Copyable>(
    _ text: UnsafeRawBufferPointer, _ at: inout Int, _ sink: inout Sink
  ) {
    guard let buffer = word.baseAddress else { return }
    var count = 0
    /// Where the character before stands in the buffer, in a run without spaces.
    var previous: Int?
    var runLength = 0
    while at < text.count {
      let (scalar, length) = Tokenizer.decode(text, at)
      let (kind, small) = scalars.look(scalar)
      if kind == .separator { break }
      if kind == .unspaced {
        if count > 0, runLength == 0 { break }
        let place = previous == nil ? 0 : count
        var next = place
        Tokenizer.append(small, buffer, &next)
        if let before = previous {
          // Buffer: the character before, then this one.
          if runLength == 1 { sink.take(UnsafePointer(buffer) + before, count - before, .single) }
          sink.take(UnsafePointer(buffer) + before, next - before, .word)
          let size = next - place
          for index in 0..<size { buffer[index] = buffer[place + index] }
          sink.take(UnsafePointer(buffer), size, .single)
          count = size
        } else {
          count = next
        }
        previous = 0
        runLength += 1
      } else {
        if runLength > 0 { break }
        if kind == .letter {
          if count + 4 <= Tokenizer.maximumLength {
            Tokenizer.append(small, buffer, &count)
          } else {
            count = Tokenizer.maximumLength + 1
          }
        }
      }
      at += length
    }
    if runLength == 1 || (runLength == 0 && count > 0 && count <= Tokenizer.maximumLength) {
      sink.take(UnsafePointer(buffer), count, .word)
    }
    if runLength == 0, count == 0, at < text.count {
      // A mark without a letter before it.
      at += Tokenizer.decode(text, at).length
    }
  }

  // MARK: Identifiers

  /// The whole in small letters, which is in the buffer, and its parts.
  private func emitIdentifier<Sink: TokenSink & ~Copyable>(
    _ text: UnsafeRawBufferPointer, _ range: Range<Int>, _ sink: inout Sink
  ) {
    guard let buffer = word.baseAddress else { return }
    let count = range.count
    func isUpper(_ index: Int) -> Bool { text[range.lowerBound + index] &- 0x41 < 26 }
    func isLower(_ index: Int) -> Bool { text[range.lowerBound + index] &- 0x61 < 26 }
    var parts = 0
    var firstPart = 0..<0
    var start = 0
    for index in 0...count {
      let isMark = index < count && buffer[index] == 0x5F
      let isEnd =
        index == count || isMark
        || (index > start && isUpper(index)
          && (!isUpper(index - 1) || (index + 1 < count && isLower(index + 1))))
      guard isEnd else { continue }
      if index > start {
        parts += 1
        if parts == 1 {
          firstPart = start..<index
        } else {
          if parts == 2 { sink.take(UnsafePointer(buffer) + firstPart.lowerBound, firstPart.count, .word) }
          sink.take(UnsafePointer(buffer) + start, index - start, .word)
        }
      }
      start = isMark ? index + 1 : index
    }
    if parts == 0 { return }
    // `_name` and `Name` have one part: it is given alone, or as the whole.
    if parts == 1 {
      sink.take(UnsafePointer(buffer) + firstPart.lowerBound, firstPart.count, .word)
      if firstPart.count == count { return }
    }
    sink.take(UnsafePointer(buffer), count, .word)
  }

  // MARK: UTF-8

  /// The scalar at `at` and its length; what is not UTF-8 is U+FFFD of one byte.
  @inline(__always)
  static func decode(_ text: UnsafeRawBufferPointer, _ at: Int) -> (scalar: UInt32, length: Int) {
    let first = text[at]
    if first < 0x80 { return (UInt32(first), 1) }
    let length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0
    guard length > 0, at + length <= text.count else { return (0xFFFD, 1) }
    var scalar = UInt32(first & (0x7F >> UInt8(length)))
    for index in 1..<length {
      guard text[at + index] & 0xC0 == 0x80 else { return (0xFFFD, 1) }
      scalar = scalar << 6 | UInt32(text[at + index] & 0x3F)
    }
    return (scalar, length)
  }

  private static func append(_ scalar: UInt32, _ buffer: UnsafeMutablePointer<UInt8>, _ count: inout Int) {
    func put(_ byte: UInt32) {
      buffer[count] = UInt8(truncatingIfNeeded: byte)
      count += 1
    }
    switch scalar {
    case ..<0x80: put(scalar)
    case ..<0x800:
      put(0xC0 | scalar >> 6)
      put(0x80 | scalar & 0x3F)
    case ..<0x10000:
      put(0xE0 | scalar >> 12)
      put(0x80 | scalar >> 6 & 0x3F)
      put(0x80 | scalar & 0x3F)
    default:
      put(0xF0 | scalar >> 18)
      put(0x80 | scalar >> 12 & 0x3F)
      put(0x80 | scalar >> 6 & 0x3F)
      put(0x80 | scalar & 0x3F)
    }
  }

  /// The small letter of a letter, digits and `_` themselves, 0 for all other bytes.
  private static let asciiTable: [UInt8] = (0..<128).map { byte in
    switch UInt8(byte) {
    case 0x30...0x39, 0x61...0x7A, 0x5F: UInt8(byte)
    case 0x41...0x5A: UInt8(byte) + 32
    default: 0
    }
  }
}
