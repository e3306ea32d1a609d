// How many tokens a text has, without a vocabulary: the text is cut as GPT-4's tokenisers cut it before they merge (a
// word with the space before it, up to three digits, a run of punctuation, white space), and each piece is given the
// number of tokens that pieces with such letters have on average. Letter pairs and triples tell common words of a
// language from rare ones; about 16 KB of constants stand for vocabularies of several megabytes.

/// An estimate of the number of tokens of a text, made in one pass and fed with pieces cut anywhere.
///
///     TokenEstimate.count("Hello, world!")
///
/// On texts of some length within about 7 % of the true count for English, code and data, and within about 10 % for most
/// languages; a single short text can be further off. Where the two vocabularies differ much (o200k needs a half to a
/// sixth of cl100k's tokens for Indic and Caucasian scripts), `middle` is the geometric mean of the two estimates: it
/// lies between them and is right for neither.
package struct TokenEstimate: Sendable {
  package enum Vocabulary: Sendable {
    /// GPT-4, GPT-3.5, the third embedding models.
    case cl100k
    /// GPT-4o and later.
    case o200k
    /// Geometric mean of both, for models whose vocabulary is not known.
    case middle
  }

  private enum Run { case none, latin, cyrillic, digits, space, punctuation, punctuationEnd, script }

  /// What stands before a piece and belongs to it.
  private enum Prefix: Int { case none, space, mark, apostrophe }

  private var cl100k = 0.0
  private var o200k = 0.0

  private var run = Run.none
  private var prefix = Prefix.none
  private var prefixIsSpaceCharacter = false
  /// Scalars of the piece so far.
  private var length = 0
  /// Sums of weights for both vocabularies.
  private var scores = (0, 0)
  /// The symbols before, the nearer one first.
  private var before = (0, 0)
  private var wordCase = (isFirstUpper: false, isAllUpper: true, isLastUpper: false)
  private var repeats = 0
  private var newlines = 0
  private var firstMark: UInt8 = 0
  private var script = 0
  /// Sums of costs of Han characters for both vocabularies, in twentieths.
  private var han = (0, 0)
  /// The range of scalars that `script` was last looked up for.
  private var scriptRange: ClosedRange<UInt32> = 0...0
  /// A code point that the end of a piece cut, and how many bytes of it are missing.
  private var pendingScalar: UInt32 = 0
  private var missing = 0

  package init() {}

  /// The estimate for a whole text.
  package static func count(_ text: String, vocabulary: Vocabulary = .middle) -> Int {
    var text = text
    return text.withUTF8 { count(utf8: UnsafeRawBufferPointer($0), vocabulary: vocabulary) }
  }

  /// The estimate for a whole text in UTF-8.
  package static func count(utf8: UnsafeRawBufferPointer, vocabulary: Vocabulary = .middle) -> Int {
    var estimate = TokenEstimate()
    estimate.append(utf8)
    return estimate.count(vocabulary)
  }

  /// The estimate for a whole text in UTF-8.
  package static func count(utf8: [UInt8], vocabulary: Vocabulary = .middle) -> Int {
    utf8.withUnsafeBytes { count(utf8: $0, vocabulary: vocabulary) }
  }

  /// The estimate for everything appended so far.
  package func count(_ vocabulary: Vocabulary = .middle) -> Int {
    var whole = self
    TokenEstimateTables.with { whole.close(words: $0, isEnd: true) }
    if whole.missing > 0 { whole.add(1) }
    switch vocabulary {
    case .cl100k: return Int(whole.cl100k.rounded())
    case .o200k: return Int(whole.o200k.rounded())
    case .middle: return Int((whole.cl100k * whole.o200k).squareRoot().rounded())
    }
  }

  /// Tokens of the pieces that have ended so far. Differences of it tell the sizes of parts of a text that is read once;
  /// they leave out the piece that a part's end cut, so they are off by about a token.
  package var ended: (cl100k: Double, o200k: Double) {
    guard run == .punctuationEnd else { return (cl100k, o200k) }
    // Behind punctuation and a line end only more line ends would belong to the piece, and they cost nothing.
    var whole = self
    TokenEstimateTables.with { whole.close(words: $0, isEnd: true) }
    return (whole.cl100k, whole.o200k)
  }

  /// Ends the piece being read, as the end of the text does; what follows is a piece of its own.
  package mutating func endPiece() { TokenEstimateTables.with { close(words: $0, isEnd: true) } }

  /// Takes the next bytes of the text, cut anywhere. Bytes that are not UTF-8 count as replacement characters.
  package mutating func append(_ utf8: UnsafeRawBufferPointer) {
    TokenEstimateTables.with { words in
      for byte in utf8 {
        if byte < 0x80 {
          if missing > 0 { endInvalid(words) }
          takeASCII(byte, words)
        } else if byte < 0xC0 {
          guard missing > 0 else {
            take(0xFFFD, words)
            continue
          }
          pendingScalar = pendingScalar << 6 | UInt32(byte & 0x3F)
          missing -= 1
          if missing == 0 { take(pendingScalar, words) }
        } else {
          if missing > 0 { endInvalid(words) }
          missing = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3
          pendingScalar = UInt32(byte) & (0x3F >> UInt32(missing))
        }
      }
    }
  }

  private mutating func endInvalid(_ words: TokenEstimateTables) {
    missing = 0
    take(0xFFFD, words)
  }

  // MARK: Classes of characters

  @inline(__always)
  private mutating func takeASCII(_ byte: UInt8, _ words: TokenEstimateTables) {
    let folded = byte | 0x20
    if folded &- 0x61 < 26 {
      takeLetter(Int(folded) - 0x60, isUpper: byte == folded ? false : true, .latin, words)
    } else if byte == 0x20 || byte == 0x09 {
      takeSpace(words, isPlain: byte == 0x20)
    } else if byte &- 0x30 < 10 {
      takeDigit(words)
    } else if byte == 0x0A || byte == 0x0D {
      takeNewline(words)
    } else {
      takeMark(byte, words)
    }
  }

  private mutating func take(_ scalar: UInt32, _ words: TokenEstimateTables) {
    switch scalar {
    case 0xA0: takeSpace(words, isPlain: false)
    case 0xD7, 0xF7: takeMark(0, words)
    case 0xC0...0xFF: takeLetter(27, isUpper: scalar <= 0xDE, .latin, words)
    case 0x100...0x17F: takeLetter(28, isUpper: false, .latin, words)
    case 0x180...0x24F, 0x1E00...0x1EFF: takeLetter(29, isUpper: false, .latin, words)
    case 0x400...0x481, 0x48A...0x52F:
      let folded = scalar < 0x410 ? scalar + 80 : scalar < 0x430 ? scalar + 32 : scalar
      takeLetter(64 + Int(folded & 63), isUpper: false, .cyrillic, words)
    default: takeScript(scalar, words)
    }
  }

  // MARK: Pieces

  @inline(__always)
  private mutating func takeLetter(_ symbol: Int, isUpper: Bool, _ kind: Run, _ words: TokenEstimateTables) {
    // A capital after a small letter starts a word of its own: camelCase.
    if run != kind || (isUpper && !wordCase.isLastUpper && kind == .latin) {
      close(words: words, isEnd: false, isBeforeLetter: true)
      run = kind
      length = 0
      scores = (0, 0)
      before = (0, 0)
      repeats = 0
      wordCase = (isUpper, true, isUpper)
    }
    if length >= 2, before.0 == symbol, before.1 == symbol {
      // `aaaa…`, `======`: long runs of one character have tokens of their own.
      repeats += 1
    } else {
      addFeatures(symbol, words)
    }
    length += 1
    before = (symbol, before.0)
    wordCase.isLastUpper = isUpper
    if !isUpper { wordCase.isAllUpper = false }
  }

  /// The weights of the letter pair and triple that end in `symbol` (0 is the edge of the word).
  @inline(__always)
  private mutating func addFeatures(_ symbol: Int, _ words: TokenEstimateTables) {
    let pair = (run == .cyrillic ? 1_024 : 0) + (before.0 & 31) * 32 + symbol & 31
    addWeight(TokenEstimateTable.pairs + pair, words)
    guard length > 0 else { return }
    let triple = UInt32(truncatingIfNeeded: before.1 << 14 | before.0 << 7 | symbol) &* 0x9E37_79B1
    addWeight(TokenEstimateTable.triples + Int(triple >> 20) % TokenEstimateTable.tripleBuckets, words)
  }

  @inline(__always)
  private mutating func addWeight(_ index: Int, _ words: TokenEstimateTables) {
    scores.0 += Int(words.weights[2 * index])
    scores.1 += Int(words.weights[2 * index + 1])
  }

  private mutating func takeDigit(_ words: TokenEstimateTables) {
    if run != .digits || length == 3 {
      close(words: words, isEnd: false)
      // A space before a number is a token of its own.
      if prefix != .none { add(1) }
      prefix = .none
      run = .digits
      length = 0
    }
    length += 1
  }

  @inline(__always)
  private mutating func takeSpace(_ words: TokenEstimateTables, isPlain: Bool) {
    if run != .space { startSpace(words) }
    length += 1
    prefixIsSpaceCharacter = isPlain
  }

  private mutating func takeNewline(_ words: TokenEstimateTables) {
    if run == .punctuation || run == .punctuationEnd {
      // Line ends right after punctuation belong to it.
      run = .punctuationEnd
      return
    }
    if run != .space { startSpace(words) }
    newlines += length + 1
    length = 0
  }

  private mutating func startSpace(_ words: TokenEstimateTables) {
    close(words: words, isEnd: false)
    prefix = .none
    run = .space
    length = 0
    newlines = 0
  }

  private mutating func takeMark(_ byte: UInt8, _ words: TokenEstimateTables) {
    let symbol = TokenEstimate.markSymbol(byte)
    if run != .punctuation {
      close(words: words, isEnd: false)
      if prefix == .space, !prefixIsSpaceCharacter {
        add(1)
        prefix = .none
      }
      run = .punctuation
      length = 0
      scores = (0, 0)
      before = (prefix == .space ? 33 : 32, 0)
      firstMark = byte
    }
    addMarkPair(symbol)
    before = (symbol, 0)
    length += 1
  }

  private mutating func addMarkPair(_ symbol: Int) {
    scores.0 += Int(TokenEstimateTable.punctuation[before.0 * 36 + symbol])
  }

  /// 0–31 for the printable ASCII marks in their order, 35 for all others.
  private static func markSymbol(_ byte: UInt8) -> Int {
    switch byte {
    case 0x21...0x2F: Int(byte) - 0x21
    case 0x3A...0x40: Int(byte) - 0x3A + 15
    case 0x5B...0x60: Int(byte) - 0x5B + 22
    case 0x7B...0x7E: Int(byte) - 0x7B + 28
    default: 35
    }
  }

  private mutating func takeScript(_ scalar: UInt32, _ words: TokenEstimateTables) {
    let known = run == .script && scriptRange.contains(scalar)
    if !known {
      let (found, range) = TokenEstimate.script(of: scalar)
      if run != .script || found != script {
        close(words: words, isEnd: false)
        if prefix == .space, !prefixIsSpaceCharacter {
          add(1)
          prefix = .none
        }
        run = .script
        length = 0
        script = found
        han = (0, 0)
      }
      scriptRange = range
    }
    length += 1
    if script == TokenEstimateTable.hanScript {
      let bucket = 2 * Int((scalar &* 0x9E37_79B1) >> 22)
      han.0 += Int(TokenEstimateTable.han[bucket])
      han.1 += Int(TokenEstimateTable.han[bucket + 1])
    }
  }

  private static func script(of scalar: UInt32) -> (Int, ClosedRange<UInt32>) {
    let ranges = TokenEstimateTable.ranges
    var low = 0
    var high = ranges.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if ranges[middle].first <= scalar { low = middle } else { high = middle }
    }
    let last = high < ranges.count ? ranges[high].first - 1 : UInt32.max
    return (Int(ranges[low].script), ranges[low].first...max(last, ranges[low].first))
  }

  // MARK: Costs

  private mutating func add(_ tokens: Double) {
    cl100k += tokens
    o200k += tokens
  }

  /// Ends the piece being read: adds its cost, or keeps its last character as the prefix of the next piece.
  private mutating func close(words: TokenEstimateTables, isEnd: Bool, isBeforeLetter: Bool = false) {
    var next = Prefix.none
    switch run {
    case .none: break
    case .latin, .cyrillic: closeWord(words)
    case .digits: add(1)
    case .space: next = closeSpace(isEnd: isEnd)
    case .punctuation:
      if isBeforeLetter, length == 1, prefix == .none {
        next = firstMark == UInt8(ascii: "'") ? .apostrophe : .mark
      } else {
        addMarkPair(32)
        add(1 + words.softplus(scores.0))
      }
    case .punctuationEnd:
      addMarkPair(34)
      add(1 + words.softplus(scores.0))
    case .script: closeScript()
    }
    prefix = next
    run = .none
  }

  private mutating func closeWord(_ words: TokenEstimateTables) {
    if prefix == .apostrophe, isContraction {
      // cl100k cuts `'s` off; o200k leaves it with its word, most often in one token.
      cl100k += 1
      o200k += 0.2
      return
    }
    addFeatures(0, words)
    let form =
      run == .cyrillic ? 3 : !wordCase.isFirstUpper ? 0 : length > 1 && wordCase.isAllUpper ? 2 : 1
    addWeight(TokenEstimateTable.lengths + form * 16 + min(length, 16) - 1, words)
    addWeight(TokenEstimateTable.prefixes + form * 3 + min(prefix.rawValue, 2), words)
    let repeated = Double(repeats) / 8
    cl100k += 1 + repeated + words.softplus(scores.0)
    o200k += 1 + repeated + words.softplus(scores.1)
  }

  private mutating func closeScript() {
    guard script != TokenEstimateTable.hanScript else {
      cl100k += max(1, Double(han.0) / 20)
      o200k += max(1, Double(han.1) / 20)
      return
    }
    let cost = TokenEstimateTable.scripts[script]
    cl100k += max(1, cost.cl100k.base + Double(length) * cost.cl100k.each)
    o200k += max(1, cost.o200k.base + Double(length) * cost.o200k.each)
  }

  /// Whether the word is what follows the apostrophe of s, t, m, d, re, ve, ll.
  private var isContraction: Bool {
    switch (length, before.0, before.1) {
    case (1, 19, _), (1, 20, _), (1, 13, _), (1, 4, _), (2, 5, 18), (2, 5, 22), (2, 12, 12): true
    default: false
    }
  }

  private mutating func closeSpace(isEnd: Bool) -> Prefix {
    if newlines > 0 { add(Double(1 + newlines / 20)) }
    let kept = isEnd ? 0 : min(length, 1)
    if length > kept { add(Double(1 + (length - kept) / 80)) }
    return kept == 1 ? .space : .none
  }
}
