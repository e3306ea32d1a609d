// A line editor as a pure state machine: keys in, text, cursor and what happened out. Drawing is LineScreen's, reading the
// terminal LineReader's. Text is held as grapheme clusters, so that a key moves by what a reader sees as one character.

import Formats

/// Edits one entry, which may have several lines.
///
///     var editor = LineEditor(history: ["earlier"])
///     for key in keys { if case .submitted(let text) = editor.press(key) { … } }
struct LineEditor: Sendable {
  /// What a key led to.
  enum Outcome: Sendable, Equatable {
    case edited
    /// The entry is complete.
    case submitted(String)
    /// Ctrl-C on an empty entry.
    case interrupted
    /// Ctrl-D on an empty entry.
    case ended
    /// The screen is to be cleared and drawn anew.
    case redraw
  }

  /// A search through the history.
  struct Search: Sendable, Equatable {
    var words = ""
    /// The entry found.
    var index: Int?
    /// What stood there before.
    var before: [Character]
    var cursorBefore: Int
  }

  /// The longest entry, in clusters.
  static let limit = 1_000_000

  private(set) var text: [Character] = []
  /// Clusters in front of the cursor.
  private(set) var cursor = 0
  private(set) var search: Search?
  private var history: [String]
  /// The history entry shown; the count stands for the new one.
  private var place: Int
  /// What was written before the history was walked.
  private var draft: [Character] = []
  private var killed: [Character] = []
  private var killsInTurn = false

  init(history: [String] = []) {
    self.history = history
    place = history.count
  }

  var string: String { String(text) }

  /// Takes one key.
  mutating func press(_ key: Key) -> Outcome {
    if search != nil { return pressInSearch(key) }
    let killedBefore = killsInTurn
    killsInTurn = false
    switch key {
    case .text(let new), .pasted(let new): insert(new)
    case .enter: return enter()
    case .newLine: insert("\n")
    case .tab: insert("\t")
    case .interrupt:
      if text.isEmpty { return .interrupted }
      reset()
    case .endOrDelete:
      if text.isEmpty { return .ended }
      delete(cursor..<min(cursor + 1, text.count))
    case .redraw: return .redraw
    case .search: search = Search(before: text, cursorBefore: cursor)
    case .left: cursor = max(0, cursor - 1)
    case .right: cursor = min(text.count, cursor + 1)
    case .home: cursor = lineStart
    case .end: cursor = lineEnd
    case .wordLeft: cursor = wordStart
    case .wordRight: cursor = wordEnd
    case .up: moveUp()
    case .down: moveDown()
    case .backspace: delete(max(0, cursor - 1)..<cursor)
    case .delete: delete(cursor..<min(cursor + 1, text.count))
    case .killToEnd: kill(cursor..<(lineEnd == cursor ? min(cursor + 1, text.count) : lineEnd), killedBefore)
    case .killToStart: kill(lineStart..<cursor, killedBefore, isInFront: true)
    case .killSpacedWord: kill(spacedWordStart..<cursor, killedBefore, isInFront: true)
    case .killWordLeft: kill(wordStart..<cursor, killedBefore, isInFront: true)
    case .killWordRight: kill(cursor..<wordEnd, killedBefore)
    case .yank: insert(String(killed))
    case .transpose: transpose()
    case .escape, .unknown: break
    }
    return .edited
  }

  /// Begins anew; `entry` joins the history.
  mutating func start(remembering entry: String? = nil) {
    if let entry, !entry.isEmpty, entry != history.last { history.append(entry) }
    reset()
  }

  private mutating func reset() {
    (text, cursor, draft, search, killsInTurn) = ([], 0, [], nil, false)
    place = history.count
  }

  // MARK: Ending an entry

  private mutating func enter() -> Outcome {
    guard EntryForm.continues(text) else { return .submitted(String(EntryForm.content(text))) }
    cursor = text.count
    if !EntryForm.isQuoted(text) { delete(cursor - 1..<cursor) }
    insert("\n")
    return .edited
  }

  // MARK: Editing

  private mutating func insert(_ new: String) {
    let plain =
      new.unicodeScalars.contains("\r")
      ? String(String.UnicodeScalarView(Self.withLineFeeds(new.unicodeScalars))) : new
    let room = Self.limit - text.count
    guard room > 0 else { return }
    let added = Array(plain.prefix(room))
    // A mark joins what stands before it: the clusters are counted anew around the seam.
    if cursor > 0, let first = added.first, String([text[cursor - 1], first]).count == 1 {
      text[cursor - 1] = Character(String(text[cursor - 1]) + String(first))
      text.insert(contentsOf: added.dropFirst(), at: cursor)
      cursor += added.count - 1
    } else {
      text.insert(contentsOf: added, at: cursor)
      cursor += added.count
    }
  }

  private static func withLineFeeds(_ scalars: String.UnicodeScalarView) -> [Unicode.Scalar] {
    var plain: [Unicode.Scalar] = []
    var isAfterReturn = false
    for scalar in scalars {
      if scalar == "\r" {
        plain.append("\n")
      } else if scalar != "\n" || !isAfterReturn {
        plain.append(scalar)
      }
      isAfterReturn = scalar == "\r"
    }
    return plain
  }

  /// Puts `new` in the place of the `count` clusters in front of the cursor.
  mutating func replace(_ count: Int, with new: String) {
    delete(max(0, cursor - count)..<cursor)
    insert(new)
  }

  private mutating func delete(_ range: Range<Int>) {
    text.removeSubrange(range)
    cursor = range.lowerBound
  }

  /// Kills in a row are yanked together.
  private mutating func kill(_ range: Range<Int>, _ continues: Bool, isInFront: Bool = false) {
    guard !range.isEmpty else { return }
    let taken = Array(text[range])
    killed = continues ? (isInFront ? taken + killed : killed + taken) : taken
    killsInTurn = true
    delete(range)
  }

  private mutating func transpose() {
    guard text.count >= 2, cursor > 0 else { return }
    let at = min(cursor, text.count - 1)
    text.swapAt(at - 1, at)
    cursor = at + 1
  }

  // MARK: Places

  private var lineStart: Int { text[..<cursor].lastIndex(of: "\n").map { $0 + 1 } ?? 0 }
  private var lineEnd: Int { text[cursor...].firstIndex(of: "\n") ?? text.count }

  private static func isWord(_ character: Character) -> Bool {
    character.unicodeScalars.first.map { $0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "_" }
      ?? false
  }

  private var wordStart: Int {
    var at = cursor
    while at > 0, !Self.isWord(text[at - 1]) { at -= 1 }
    while at > 0, Self.isWord(text[at - 1]) { at -= 1 }
    return at
  }

  private var wordEnd: Int {
    var at = cursor
    while at < text.count, !Self.isWord(text[at]) { at += 1 }
    while at < text.count, Self.isWord(text[at]) { at += 1 }
    return at
  }

  private var spacedWordStart: Int {
    var at = cursor
    while at > 0, text[at - 1].isWhitespace { at -= 1 }
    while at > 0, !text[at - 1].isWhitespace { at -= 1 }
    return at
  }

  // MARK: History

  /// Up within the entry, then through the history.
  private mutating func moveUp() {
    let start = lineStart
    if start > 0 {
      let column = cursor - start
      let above = text[..<(start - 1)].lastIndex(of: "\n").map { $0 + 1 } ?? 0
      cursor = min(above + column, start - 1)
    } else if place > 0 {
      if place == history.count { draft = text }
      show(place - 1)
    }
  }

  private mutating func moveDown() {
    let end = lineEnd
    if end < text.count {
      let column = cursor - lineStart
      let below = text[(end + 1)...].firstIndex(of: "\n") ?? text.count
      cursor = min(end + 1 + column, below)
    } else if place < history.count {
      show(place + 1)
    }
  }

  private mutating func show(_ index: Int) {
    place = index
    text = index == history.count ? draft : Array(history[index])
    cursor = text.count
  }

  private mutating func pressInSearch(_ key: Key) -> Outcome {
    guard var current = search else { return .edited }
    switch key {
    case .text(let more), .pasted(let more):
      current.words += more.filter { $0 != "\n" }
      find(&current, from: current.index ?? history.count - 1)
    case .search: find(&current, from: (current.index ?? history.count) - 1)
    case .backspace:
      current.words = String(current.words.dropLast())
      current.index = nil
      find(&current, from: history.count - 1)
    case .escape, .interrupt:
      (text, cursor, search) = (current.before, current.cursorBefore, nil)
      return .edited
    default:
      // Any other key takes what was found, and does what it does.
      search = nil
      return press(key)
    }
    search = current
    return .edited
  }

  private mutating func find(_ search: inout Search, from start: Int) {
    guard !search.words.isEmpty, start >= 0 else { return }
    let words = Array(search.words.utf8)
    guard
      let found = history[...min(start, history.count - 1)].lastIndex(where: { Array($0.utf8).contains(bytes: words) })
    else { return }
    search.index = found
    (text, place) = (Array(history[found]), found)
    cursor = text.count
  }
}
