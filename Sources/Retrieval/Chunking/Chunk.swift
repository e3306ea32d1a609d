// What a text is cut into, and how it is to be cut. Sizes are in estimated tokens, places in UTF-8 bytes and lines, so
// that a chunk can always be shown as a part of its text.

import Formats

/// A part of a text that is embedded, indexed and found as one.
package struct Chunk: Sendable, Equatable {
  /// Where it stands in the text, in UTF-8 bytes.
  package var bytes: Range<Int>
  /// Where it stands in the text, in lines from 1. Lines end at LF.
  package var lines: ClosedRange<Int>
  /// Estimated tokens. Within two of the estimate of its text alone, since a text is estimated once and not by chunk.
  package var tokens: Int
  /// The headings above it, the outermost first; those that all of the chunk stands under.
  package var headings: [String]

  package init(bytes: Range<Int>, lines: ClosedRange<Int>, tokens: Int, headings: [String] = []) {
    self.bytes = bytes
    self.lines = lines
    self.tokens = tokens
    self.headings = headings
  }
}

/// How a text is cut.
package struct ChunkOptions: Sendable, Equatable {
  /// Where cuts are made first.
  package enum Strategy: String, Sendable, CaseIterable {
    /// At paragraphs, else lines, else sentences, else words, else characters.
    case recursive
    /// At headings, else blocks; code fences and table rows stay whole. Chunks know the headings above them.
    case markdown
    /// After whole sentences.
    case sentence
    /// After whole lines.
    case lines
    /// Before declarations with their comments, else at blank lines, else at lines.
    case code
    /// After any word: all chunks but the last are as large as they may be.
    case tokens
  }

  package var strategy: Strategy
  /// Largest size in estimated tokens, at least 1.
  package var size: Int
  /// Tokens of a chunk that the next one repeats, less than `size`.
  package var overlap: Int
  /// What may not be split (a code fence, a table row) is kept whole up to this many tokens.
  package var cap: Int

  /// 300 tokens without overlap: of the sizes compared by Chroma's report on chunking, 200 and 400 found best.
  package init(strategy: Strategy = .recursive, size: Int = 300, overlap: Int = 0, cap: Int = 2000) {
    self.strategy = strategy
    self.size = max(1, size)
    self.overlap = min(max(0, overlap), max(0, self.size - 1))
    self.cap = max(cap, self.size)
  }
}
