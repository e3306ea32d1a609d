// One token of a paragraph's text: escape, entity, code span, delimiter run, bracket, tag, line break, LaTeX. Each either
// is complete and goes into the nodes, or waits for more.

extension MarkdownInline {
  /// Reads the token at `position`, a byte with a meaning; false when more text is needed to know it. A token that leaves
  /// `position` where it was is plain text.
  mutating func readToken() -> Bool {
    switch buffer[position] {
    case Byte.lineFeed: readLineBreak()
    case Byte.backslash: readBackslash()
    case Byte.backtick: readCode()
    case Byte.star, Byte.underscore, Byte.tilde: readDelimiters()
    case Byte.openBracket: openBracket(isImage: false)
    case Byte.closeBracket: closeBracket()
    case Byte.bang: readBang()
    case Byte.less: readAngle()
    case Byte.ampersand: readEntity()
    default: readDollar()
    }
  }

  private mutating func readLineBreak() -> Bool {
    let spaces = trimText()
    let end = position + 1
    add(spaces >= 2 ? .hardBreak : .softBreak, to: end)
    return true
  }

  private mutating func readBackslash() -> Bool {
    guard position + 1 < buffer.count else { return isFinal }
    let next = buffer[position + 1]
    if next == Byte.lineFeed {
      add(.hardBreak, to: position + 2)
      return true
    }
    guard Byte.isPunctuation(next) else { return true }
    // LaTeX: \( … \) and \[ … \].
    if next == Byte.open || next == Byte.openBracket {
      let closer = next == Byte.open ? Byte.close : Byte.closeBracket
      let (end, isWhole) = window
      var at = position + 2
      while at + 1 < end, !(buffer[at] == Byte.backslash && buffer[at + 1] == closer) { at += 1 }
      if at + 1 < end {
        if buffer[position + 2..<at].contains(where: { Byte.isLetter($0) || Byte.isDigit($0) }) {
          add(.raw, to: at + 2)
          return true
        }
      } else if !isWhole {
        return false
      }
    }
    drop(to: position + 1)
    position += 1
    return true
  }

  private mutating func readCode() -> Bool {
    let (end, isWhole) = window
    let opener = run(of: Byte.backtick, from: position, to: end)
    guard position + opener < end || isWhole else { return false }
    var at = position + opener
    while at < end {
      guard buffer[at] == Byte.backtick else {
        at += 1
        continue
      }
      let closer = run(of: Byte.backtick, from: at, to: end)
      guard at + closer < end || isWhole else { return false }
      if closer == opener {
        add(.code(fence: opener), to: at + closer)
        return true
      }
      at += closer
    }
    guard isWhole else { return false }
    position += opener
    return true
  }

  private mutating func readDelimiters() -> Bool {
    let byte = buffer[position]
    let (end, isWhole) = window
    let count = run(of: byte, from: position, to: end)
    guard position + count < end || isWhole else { return false }
    if byte == Byte.tilde, count != 2 {
      position += count
      return true
    }
    let before = position == 0 ? 0x0A : scalar(before: position)
    let after = position + count < buffer.count ? scalar(at: position + count) : 0x0A
    let isLeft =
      !CharacterClass.isSpace(after)
      && (!CharacterClass.isPunctuation(after) || CharacterClass.isSpace(before)
        || CharacterClass.isPunctuation(before))
    let isRight =
      !CharacterClass.isSpace(before)
      && (!CharacterClass.isPunctuation(before) || CharacterClass.isSpace(after) || CharacterClass.isPunctuation(after))
    let isUnderscore = byte == Byte.underscore
    let canOpen = isLeft && (!isUnderscore || !isRight || CharacterClass.isPunctuation(before))
    let canClose = isRight && (!isUnderscore || !isLeft || CharacterClass.isPunctuation(after))
    endText(at: position)
    nodes.appendDelimiter(byte, position..<position + count, canOpen: canOpen, canClose: canClose)
    drop(to: position + count)
    return true
  }

  private mutating func readBang() -> Bool {
    guard position + 1 < buffer.count else { return isFinal }
    return buffer[position + 1] == Byte.openBracket ? openBracket(isImage: true) : true
  }

  private mutating func openBracket(isImage: Bool) -> Bool {
    endText(at: position)
    let end = position + (isImage ? 2 : 1)
    nodes.appendBracket(position..<end, isImage: isImage)
    drop(to: end)
    return true
  }

  private mutating func closeBracket() -> Bool {
    guard nodes.hasBracket else { return true }
    guard position + 1 < buffer.count || isFinal else { return false }
    if nodes.isBracketActive, position + 1 < buffer.count, buffer[position + 1] == Byte.open {
      let (end, isWhole) = window
      switch MarkdownLinks.tail(buffer, from: position + 1, to: end, isWhole: isWhole) {
      case .more: return false
      case .none: break
      case .match(let tail):
        endText(at: position)
        nodes.endLink(position..<tail.end, destination: tail.value)
        drop(to: tail.end)
        return true
      }
    }
    endText(at: position)
    nodes.popBracket()
    return true
  }

  private mutating func readAngle() -> Bool {
    let (end, isWhole) = window
    switch MarkdownLinks.autolink(buffer, from: position, to: end, isWhole: isWhole) {
    case .more: return false
    case .match(let link):
      let text = position + 1..<link.end - 1
      endText(at: position)
      nodes.append(.begin(.link(destination: link.value)), position..<position + 1)
      nodes.append(.text, text)
      nodes.append(.end(.link(destination: link.value)), link.end - 1..<link.end)
      drop(to: link.end)
      return true
    case .none: break
    }
    switch MarkdownTags.tag(buffer, from: position, to: end, isWhole: isWhole) {
    case .more: return false
    case .match(let tag): add(.raw, to: tag.end)
    case .none: break
    }
    return true
  }

  private mutating func readEntity() -> Bool {
    let (end, isWhole) = window
    switch MarkdownEntities.entity(buffer, from: position, to: end, isWhole: isWhole) {
    case .more: return false
    case .match(let entity): add(.bytes(entity.value), to: entity.end)
    case .none: break
    }
    return true
  }

  /// LaTeX between dollars, by pandoc's rules: no space inside of either, no digit behind. A digit behind the first one
  /// is taken for money.
  private mutating func readDollar() -> Bool {
    let (end, isWhole) = window
    let fence = run(of: Byte.dollar, from: position, to: end)
    guard position + fence < end || isWhole else { return false }
    let start = position + fence
    guard fence <= 2, start < end, fence == 2 || !(Byte.isSpace(buffer[start]) || Byte.isDigit(buffer[start])) else {
      position += fence
      return true
    }
    var at = start
    while at < end {
      if fence == 1, buffer[at] == Byte.lineFeed { break }
      if buffer[at] == Byte.dollar {
        let closer = run(of: Byte.dollar, from: at, to: end)
        guard at + closer < end || isWhole else { return false }
        let isFree = at + closer >= end || !Byte.isDigit(buffer[at + closer])
        if closer == fence, fence == 2 ? at > start : !Byte.isSpace(buffer[at - 1]) && isFree {
          add(.raw, to: at + closer)
          return true
        }
        at += closer
      } else {
        at += buffer[at] == Byte.backslash ? 2 : 1
      }
    }
    guard at < end || isWhole else { return false }
    position += fence
    return true
  }

  private func run(of byte: UInt8, from start: Int, to end: Int) -> Int {
    var at = start
    while at < end, buffer[at] == byte { at += 1 }
    return at - start
  }

  private func scalar(at index: Int) -> UInt32 { UTF8Scalar.decode(buffer, at: index) }

  private func scalar(before index: Int) -> UInt32 {
    var start = index - 1
    while start > 0, buffer[start] & 0xC0 == 0x80 { start -= 1 }
    return UTF8Scalar.decode(buffer, at: start)
  }
}

/// White space and punctuation as CommonMark's flanking rules mean them.
enum CharacterClass {
  static func isSpace(_ scalar: UInt32) -> Bool {
    if scalar < 0x80 { return scalar == 0x20 || scalar >= 0x09 && scalar <= 0x0D }
    return Unicode.Scalar(scalar)?.properties.generalCategory == .spaceSeparator
  }

  /// General categories P and S.
  static func isPunctuation(_ scalar: UInt32) -> Bool {
    if scalar < 0x80 { return Byte.isPunctuation(UInt8(scalar)) }
    switch Unicode.Scalar(scalar)?.properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
      return true
    default: return false
    }
  }
}

enum UTF8Scalar {
  /// The scalar that begins at `index` of valid UTF-8; bytes that begin none stand for themselves.
  @inline(__always)
  static func decode(_ bytes: [UInt8], at index: Int) -> UInt32 {
    bytes.withUnsafeBufferPointer { decode($0, at: index).scalar }
  }

  @inline(__always)
  static func decode(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> (scalar: UInt32, length: Int) {
    let first = UInt32(bytes[index])
    if first < 0x80 { return (first, 1) }
    let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard first >= 0xC0, index + length <= bytes.count else { return (0xFFFD, 1) }
    var scalar = first & (0x7F >> UInt32(length))
    for next in index + 1..<index + length { scalar = scalar << 6 | UInt32(bytes[next] & 0x3F) }
    return (scalar, length)
  }
}
