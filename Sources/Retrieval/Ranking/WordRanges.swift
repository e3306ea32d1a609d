// Where the keyword index's words stand in a text: for marking them. The index itself does not keep places, since only the
// few texts that are shown need them.

enum WordRanges {
  /// Calls `body` with each word of a text as the index has it, and where it stands; identifiers with their parts too.
  static func scan(_ text: UnsafeRawBufferPointer, _ body: (Range<Int>, [UInt8]) -> Void) {
    var tokenizer = Tokenizer()
    defer { tokenizer.deallocate() }
    var scalars = ScalarClasses()
    var at = 0
    while at < text.count {
      let start = at
      let (scalar, length) = Tokenizer.decode(text, at)
      let kind = scalars.look(scalar).0
      at += length
      if kind == .separator { continue }
      if kind == .unspaced {
        // The character alone, and with the one behind it.
        give(text, start..<at, &tokenizer, body)
        if at < text.count {
          let (next, size) = Tokenizer.decode(text, at)
          if scalars.look(next).0 == .unspaced { give(text, start..<(at + size), &tokenizer, body) }
        }
        continue
      }
      while at < text.count {
        let (next, size) = Tokenizer.decode(text, at)
        guard scalars.look(next).0 == .letter else { break }
        at += size
      }
      give(text, start..<at, &tokenizer, body)
    }
  }

  private static func give(
    _ text: UnsafeRawBufferPointer, _ range: Range<Int>, _ tokenizer: inout Tokenizer,
    _ body: (Range<Int>, [UInt8]) -> Void
  ) {
    var words: [[UInt8]] = []
    tokenizer.scan(UnsafeRawBufferPointer(rebasing: text[range])) { start, count, kind in
      if kind == .word { words.append(Array(UnsafeBufferPointer(start: start, count: count))) }
    }
    // The whole comes last; its parts come in order and lie side by side, `_` aside.
    guard words.count > 1, words.last?.count == range.count else {
      for word in words { body(range, word) }
      return
    }
    if let whole = words.popLast() { body(range, whole) }
    var at = range.lowerBound
    for word in words {
      while at < range.upperBound, text[at] == 0x5F { at += 1 }
      guard at + word.count <= range.upperBound else { return }
      body(at..<(at + word.count), word)
      at += word.count
    }
  }
}
