// Block scalars (YAML 1.2.2 §8.1): `|` keeps line breaks, `>` folds them; indentation and what happens to the last
// breaks are told by the header.

extension YAMLReader {
  private enum Chomping { case strip, clip, keep }

  /// Reads a block scalar inside indentation `n`, from its `|` or `>`.
  mutating func readBlockScalar(_ n: Int) throws(Stop) {
    let position = at
    let isFolded = text[at] == UInt8(ascii: ">")
    let (chomping, explicitIndent) = try readHeader()
    let parent = max(n, 0)
    let indent: Int
    if let explicitIndent { indent = parent + explicitIndent } else { indent = try detectIndent(n) }
    let start = stream.decoded.count
    var state = BlockText(isFolded: isFolded)
    let content = at
    while at < end {
      let line = at
      var spaces = 0
      while spaces < indent, at < end, text[at] == 0x20 {
        at += 1
        spaces += 1
      }
      guard at < end else {
        // Spaces without a break at the very end: an empty last line.
        if chomping == .keep, spaces > 0 { state.pendingBreaks += 1 }
        break
      }
      if isBreak(at) {
        state.pendingBreaks += 1
        at += breakLength(at)
        continue
      }
      guard spaces == indent, !(spaces == 0 && isMarker(at)) else {
        guard text[at] != 0x09 else {
          throw fail("tab used for indentation", hint: "indent with spaces")
        }
        at = line
        break
      }
      let textStart = at
      while at < end, !isBreak(at) { at += 1 }
      appendLine(textStart..<at, &state)
      // The end of the text ends a line as a break does.
      state.pendingBreaks = 1
      if at < end { at += breakLength(at) }
    }
    if state.hasText {
      switch chomping {
      case .strip: break
      case .clip: if state.pendingBreaks > 0 { stream.decoded.append(0x0A) }
      case .keep: stream.decoded.append(contentsOf: repeatElement(0x0A, count: state.pendingBreaks))
      }
    } else if chomping == .keep {
      stream.decoded.append(contentsOf: repeatElement(0x0A, count: state.pendingBreaks))
    }
    if hasOddCharacters { try refuseOddCharacters(content..<at) }
    emitScalar(
      isFolded ? .folded : .literal, at: position, start: start, end: stream.decoded.count, isDecoded: true)
    endToken()
    startLine()
  }

  /// `at` is at the start of a line: count its spaces, as a break does that is crossed.
  private mutating func startLine() {
    guard at > 0, at >= end || isBreak(at - 1) else { return }
    lineStart = at
    while at < end, text[at] == 0x20 { at += 1 }
    lineIndent = at - lineStart
    isFirstOnLine = true
  }

  private struct BlockText {
    var isFolded: Bool
    var hasText = false
    /// The line before starts with white space: breaks beside it are kept (§8.1.3).
    var wasSpaced = false
    /// Breaks since the last line with text.
    var pendingBreaks = 0
  }

  private mutating func appendLine(_ range: Range<Int>, _ state: inout BlockText) {
    let isSpaced = isWhite(range.lowerBound)
    if !state.isFolded || !state.hasText || isSpaced || state.wasSpaced {
      stream.decoded.append(contentsOf: repeatElement(0x0A, count: state.pendingBreaks))
    } else {
      appendFold(state.pendingBreaks)
    }
    append(range)
    state.hasText = true
    state.wasSpaced = isSpaced
    state.pendingBreaks = 0
  }

  private mutating func readHeader() throws(Stop) -> (Chomping, indent: Int?) {
    at += 1
    var chomping: Chomping?
    var indent: Int?
    while at < end {
      switch text[at] {
      case UInt8(ascii: "-") where chomping == nil: chomping = .strip
      case UInt8(ascii: "+") where chomping == nil: chomping = .keep
      case 0x31...0x39 where indent == nil: indent = Int(text[at]) - 0x30
      case 0x30...0x39: throw fail("the indentation of a block is one digit from 1 to 9")
      default:
        let stop = at
        skipWhite()
        if at < end, text[at] == UInt8(ascii: "#"), at > stop { skipComment() }
        guard at < end else { break }
        guard isBreak(at) else {
          throw fail("text after the block's indicator", hint: "the text starts on the next line")
        }
        at += breakLength(at)
        return (chomping ?? .clip, indent)
      }
      if at < end { at += 1 }
    }
    return (chomping ?? .clip, indent)
  }

  /// The indentation of the first line with text; leading blank lines must not have more spaces.
  private mutating func detectIndent(_ n: Int) throws(Stop) -> Int {
    var offset = at
    var most = 0
    var mostAt = at
    while offset < end {
      let line = offset
      while offset < end, text[offset] == 0x20 { offset += 1 }
      let spaces = offset - line
      guard offset < end, isBreak(offset) else {
        guard offset < end else { return max(spaces, most, n + 1) }
        guard spaces > n, !(spaces == 0 && isMarker(offset)) else { return max(most, n + 1) }
        guard spaces >= most else {
          throw fail(
            "a blank line has more spaces than the text below it", hint: "or tell the indentation, as in |2",
            at: mostAt)
        }
        return spaces
      }
      if spaces > most {
        most = spaces
        mostAt = line
      }
      offset += breakLength(offset)
    }
    return max(most, n + 1)
  }
}
