// Cuts a text into chunks: a scanner finds the places for cuts in one pass, then each chunk takes in as much as its size
// allows and ends at the best of the places that this leaves (a heading before a paragraph before a line). Compared with
// splitting from the coarsest separator down and merging again, each byte is looked at once and no tiny rests are left
// over. Works on UTF-8 bytes; bytes that are not UTF-8 are cut anywhere and never fail.

import Formats

/// Cuts texts into chunks.
///
///     var chunker = Chunker(ChunkOptions(strategy: .markdown))
///     try chunker.cut(text) { chunk in … }
///
/// A long text can be given in pieces: headings and open fences are kept from one to the next.
package struct Chunker {
  package let options: ChunkOptions
  private let hasBraces: Bool
  private var markdown = MarkdownScanner()
  /// Where the next piece starts.
  private var offset = 0
  private var line = 0

  /// - Parameter hasBraces: For code: a line that ends in `{` behind parentheses may declare a function.
  package init(_ options: ChunkOptions = ChunkOptions(), hasBraces: Bool = false) {
    self.options = options
    self.hasBraces = hasBraces
  }

  /// All chunks of a text.
  package static func chunks(
    _ text: String, _ options: ChunkOptions = ChunkOptions(), hasBraces: Bool = false
  ) -> [Chunk] {
    var (text, chunks) = (text, [Chunk]())
    var chunker = Chunker(options, hasBraces: hasBraces)
    text.withUTF8 { bytes in chunker.cut(UnsafeRawBufferPointer(bytes)) { chunks.append($0) } }
    return chunks
  }

  /// Cuts the next piece of a text; no chunk reaches over the end of a piece. Places count from the first piece's start.
  package mutating func cut<Failure: Error>(
    _ text: UnsafeRawBufferPointer, _ body: (Chunk) throws(Failure) -> Void
  ) throws(Failure) {
    guard !text.isEmpty else { return }
    var table = CutTable(text)
    switch options.strategy {
    case .markdown: markdown.scan(&table)
    case .code: CodeScanner(hasBraces: hasBraces).scan(&table)
    case .recursive, .sentence, .lines, .tokens:
      ProseScanner(options.strategy, size: options.size).scan(&table)
      table.finish()
    }
    try pack(table, offset, line, body)
    offset += text.count
    line += table.line
  }

  // MARK: Packing

  private func pack<Failure: Error>(
    _ table: CutTable, _ offset: Int, _ line: Int, _ body: (Chunk) throws(Failure) -> Void
  ) throws(Failure) {
    let last = table.cuts.count - 1
    var start = 0
    while start < last {
      let end = choose(table.cuts, start)
      guard end > start else {
        try packFine(table, start, offset, line, body)
        start += 1
        continue
      }
      let chunk = chunk(table, start, end, offset, line)
      if let chunk { try body(chunk) }
      start =
        end < last
        ? overlapStart(table.cuts, chunk.map { $0.bytes.lowerBound - offset } ?? table.cuts[start].offset, end) : end
    }
  }

  /// The cut that ends the chunk from `start`; `start` itself when not even the next cut is near enough.
  private func choose(_ cuts: [Cut], _ start: Int) -> Int {
    let from = cuts[start]
    let limit = Double(options.size) * Double(options.size)
    var index = start + 1
    var best = start
    var bestLevel: UInt8 = 0
    var anyBest = start
    var reluctant = start
    while index < cuts.count {
      let size = CutTable.squaredTokens(from, cuts[index])
      guard size <= limit else { break }
      let level = cuts[index].level
      if level <= CutLevel.reluctant {
        reluctant = index
      } else {
        anyBest = index
        // A quarter of the size is the least that a chunk should have, an eighth where a heading ends it.
        let least = level > CutLevel.inner ? limit / 64 : limit / 16
        if level >= bestLevel, size >= least || level == CutLevel.end { (best, bestLevel) = (index, level) }
      }
      index += 1
    }
    if best > start { return best }
    if anyBest > start { return anyBest }
    guard index < cuts.count, cuts[index].isSolid || reluctant > start else { return reluctant }
    let cap = Double(options.cap) * Double(options.cap)
    var isSolid = true
    while index < cuts.count, CutTable.squaredTokens(from, cuts[index]) <= cap {
      isSolid = isSolid && cuts[index].isSolid
      guard isSolid else { break }
      if cuts[index].level > CutLevel.reluctant { return index }
      index += 1
    }
    return reluctant
  }

  /// Where the chunk after the one from byte `begun` to the cut `end` starts, so that they overlap by whole pieces.
  private func overlapStart(_ cuts: [Cut], _ begun: Int, _ end: Int) -> Int {
    let limit = Double(options.overlap) * Double(options.overlap)
    guard limit > 0 else { return end }
    var index = end
    while cuts[index - 1].offset > begun, CutTable.squaredTokens(cuts[index - 1], cuts[end]) <= limit { index -= 1 }
    // The overlap must leave room for something new.
    while index < end, end + 1 < cuts.count,
      CutTable.squaredTokens(cuts[index], cuts[end + 1]) > Double(options.size * options.size)
    {
      index += 1
    }
    return index
  }

  /// Cuts the piece behind cut `start`, which is larger than a chunk, at words and characters.
  private func packFine<Failure: Error>(
    _ table: CutTable, _ start: Int, _ offset: Int, _ line: Int, _ body: (Chunk) throws(Failure) -> Void
  ) throws(Failure) {
    let (from, end) = (table.cuts[start], table.cuts[start + 1].offset)
    var at = from.offset
    var lines = line + from.line
    let step = min(64, max(4, options.size / 4))
    // In parts, so that a line of any length needs little memory.
    while at < end {
      var stop = min(end, at + 1 << 17)
      while stop < end, stop > at + 1, table.text[stop] & 0xC0 == 0x80 { stop -= 1 }
      var fine = CutTable(UnsafeRawBufferPointer(rebasing: table.text[at..<stop]), section: from.section)
      ProseScanner.markAll(step: step, &fine)
      let last = fine.cuts.count - 1
      var place = 0
      while place < last {
        let next = max(choose(fine.cuts, place), place + 1)
        var begun = fine.cuts[place].offset
        if var chunk = chunk(fine, place, next, offset + at, lines) {
          begun = chunk.bytes.lowerBound - offset - at
          chunk.headings = path(from.section)
          // Ends of pieces within a word are counted too high, so this one is estimated anew.
          let bytes = (chunk.bytes.lowerBound - offset)..<(chunk.bytes.upperBound - offset)
          chunk.tokens = max(1, TokenEstimate.count(utf8: UnsafeRawBufferPointer(rebasing: table.text[bytes])))
          try body(chunk)
        }
        place = next < last ? max(overlapStart(fine.cuts, begun, next), place + 1) : next
      }
      lines += fine.line
      at = stop
    }
  }

  // MARK: Chunks

  /// The text between two cuts without blank lines before it and white space behind it; `nil` where nothing is left.
  private func chunk(_ table: CutTable, _ first: Int, _ last: Int, _ offset: Int, _ line: Int) -> Chunk? {
    let (from, to) = (table.cuts[first], table.cuts[last])
    let text = table.text
    var start = from.offset
    var firstLine = from.line
    var at = start
    while at < to.offset, text[at] <= 0x20 {
      if text[at] == 0x0A {
        start = at + 1
        firstLine += 1
      }
      at += 1
    }
    var end = to.offset
    var lastLine = to.line
    while end > start, text[end - 1] <= 0x20 {
      if text[end - 1] == 0x0A { lastLine -= 1 }
      end -= 1
    }
    guard start < end else { return nil }
    let tokens = CutTable.squaredTokens(from, to).squareRoot().rounded()
    return Chunk(
      bytes: (offset + start)..<(offset + end), lines: (line + firstLine + 1)...(line + max(firstLine, lastLine) + 1),
      tokens: max(1, Int(tokens)), headings: headings(table.cuts, first, last))
  }

  /// The headings that all text between two cuts stands under.
  private func headings(_ cuts: [Cut], _ first: Int, _ last: Int) -> [String] {
    guard options.strategy == .markdown else { return [] }
    var common = cuts[first].section
    for index in first..<last where cuts[index].section != common {
      var other = cuts[index].section
      // A section's number is larger than that of what it stands under.
      while common != other {
        if common > other { common = parent(common) } else { other = parent(other) }
      }
    }
    return path(common)
  }

  private func parent(_ section: Int) -> Int { markdown.sections[section].parent }

  private func path(_ section: Int) -> [String] {
    var titles: [String] = []
    var section = section
    while section != 0, markdown.sections.indices.contains(section) {
      titles.append(markdown.sections[section].title)
      section = parent(section)
    }
    return titles.reversed()
  }
}
