// Documents and directives (YAML 1.2.2 §6.8, §9): where a document starts and ends, and what its tag handles mean.

extension YAMLReader {
  mutating func readStream() throws(Stop) {
    skipByteOrderMark()
    while try readPrefix() { try readDocument() }
  }

  private mutating func skipByteOrderMark() {
    guard at + 3 <= end, text[at] == 0xEF, text[at + 1] == 0xBB, text[at + 2] == 0xBF else { return }
    at += 3
    lineStart = at
    while at < end, text[at] == 0x20 { at += 1 }
    lineIndent = at - lineStart
  }

  /// Goes to the start of a document over comments and `...`; false at the end of the text.
  private mutating func readPrefix() throws(Stop) -> Bool {
    while true {
      if lineStart == at, lineStart > 0 { skipByteOrderMark() }
      if lineStart == 0, at == 0 {
        while at < end, text[at] == 0x20 { at += 1 }
        lineIndent = at
      }
      skip()
      guard at < end else { return false }
      guard at == lineStart, text[at] == UInt8(ascii: "."), isMarker(at) else { return true }
      try readEndMarker()
    }
  }

  private mutating func readEndMarker() throws(Stop) {
    at += 3
    endToken()
    skip()
    guard at >= end || isFirstOnLine else { throw fail("text after the document's end '...'") }
  }

  private mutating func readDocument() throws(Stop) {
    handles = ["!": "!", "!!": "tag:yaml.org,2002:"]
    let directives = at
    var hasDirectives = false
    if at == lineStart, text[at] == UInt8(ascii: "%") {
      hasDirectives = true
      try readDirectives()
    }
    let isExplicit = at < end && at == lineStart && text[at] == UInt8(ascii: "-") && isMarker(at)
    guard isExplicit || !hasDirectives else {
      throw fail("'---' is missing after the directives", at: at < end ? at : directives)
    }
    emit(.documentStart, isExplicit ? .flow : .block, at: at)
    if isExplicit {
      at += 3
      endToken()
    }
    try readBlockNode(-1, isCompact: false, allowsSameIndent: false)
    skip()
    if at < end, !(at == lineStart && isMarker(at)) { throw failAfterNode() }
    let isClosed = at < end && text[at] == UInt8(ascii: ".")
    emit(.documentEnd, isClosed ? .flow : .block, at: at)
    if isClosed { try readEndMarker() }
  }

  private mutating func readDirectives() throws(Stop) {
    var hasVersion = false
    var declared: Set<String> = []
    while at < end, at == lineStart, text[at] == UInt8(ascii: "%") {
      let start = at
      let words = directiveWords()
      switch words[0] {
      case "%YAML":
        if hasVersion { throw fail("a second %YAML directive", at: start) }
        hasVersion = true
        let parts = words.dropFirst().first?.split(separator: ".", omittingEmptySubsequences: false) ?? []
        guard words.count == 2, parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isNumber) }) else {
          throw fail("%YAML takes one version such as 1.2", at: start)
        }
        guard parts[0] == "1" else { throw fail("YAML \(words[1]) is not known", hint: "1.2 is", at: start) }
      case "%TAG":
        guard words.count == 3, isHandle(words[1]) else {
          throw fail("%TAG takes a handle and a prefix, as in %TAG !e! tag:example.com,2000:", at: start)
        }
        guard declared.insert(words[1]).inserted else {
          throw fail("a second %TAG directive for \(words[1])", at: start)
        }
        handles[words[1]] = words[2]
      default: break  // Reserved directives are to be ignored (§6.8).
      }
      skip()
    }
  }

  /// The words of the line at `at`, up to a comment; goes to its end.
  private mutating func directiveWords() -> [String] {
    var words: [String] = []
    while at < end, !isBreak(at) {
      let start = at
      while at < end, !isSpace(at) { at += 1 }
      if at > start {
        if text[start] == UInt8(ascii: "#") {
          skipComment()
          break
        }
        words.append(string(start..<at))
      }
      skipWhite()
    }
    endToken()
    return words.isEmpty ? [""] : words
  }

  private func isHandle(_ word: String) -> Bool {
    guard word.hasPrefix("!") else { return false }
    if word == "!" || word == "!!" { return true }
    return word.hasSuffix("!") && word.utf8.dropFirst().dropLast().allSatisfy(YAMLReader.isWordByte)
  }

  func string(_ range: Range<Int>) -> String {
    String(decoding: UnsafeBufferPointer(start: text + range.lowerBound, count: range.count), as: UTF8.self)
  }

  static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"): true
    default: false
    }
  }
}
