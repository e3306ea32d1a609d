// Where a chat's entries come from: the line editor at a terminal, lines at a dumb one, or the lines of a pipe. Reading
// blocks, so it has a thread of its own.

import Formats
import Models
import Storage
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

final class ChatInput: Sendable {
  enum Kind: Sendable {
    /// A person at a terminal that can be drawn on.
    case editor
    /// A person at a dumb terminal.
    case dumb
    /// A script.
    case lines
  }

  private enum Source {
    case editor(LineReader)
    case lines(EntryLines)
  }

  let kind: Kind
  private let program: Program
  private let stopper: Stopper
  private let source: Mutex<Source>
  private let thread = SerialThread(name: "awl-chat")

  /// - Parameter keepsHistory: what is typed is kept for the next chat.
  init(_ program: Program, _ stopper: Stopper, keepsHistory: Bool) {
    (self.program, self.stopper) = (program, stopper)
    let environment = program.environment
    let canDraw = environment["TERM"] != "dumb" && (environment.isOutputTerminal || environment.isErrorTerminal)
    kind = !environment.isInputTerminal ? .lines : canDraw ? .editor : .dumb
    guard kind == .editor else {
      source = Mutex(.lines(EntryLines()))
      return
    }
    let history = keepsHistory ? environment.stateDirectory.map { HistoryFile($0 + "/chat-history") } : nil
    let completion = ChatCompletion(home: environment["HOME"], names: program.names)
    source = Mutex(
      .editor(
        LineReader(
          output: environment.isOutputTerminal ? program.output : program.errors, history: history,
          complete: completion.completion)))
  }

  var isPerson: Bool { kind != .lines }

  /// The next entry.
  func next() async throws(Failure) -> LineReader.Result {
    try await thread.run { [self] () throws(Failure) in
      try source.withLock { source throws(Failure) in
        switch source {
        case .editor(var reader):
          defer { source = .editor(reader) }
          return reader.read(prompt: "> ") { stopper.isEnding || stopper.takeInterruption() }
        case .lines(var lines):
          defer { source = .lines(lines) }
          return try read(&lines)
        }
      }
    }
  }

  private func read(_ lines: inout EntryLines) throws(Failure) -> LineReader.Result {
    while true {
      if kind == .dumb {
        program.errors.write(lines.isOpen ? "… " : "> ")
        program.errors.flush()
      }
      while !lines.hasLine, !lines.isAtEnd {
        if stopper.isEnding || stopper.takeInterruption() {
          lines.drop()
          return .interrupted
        }
        try receive(&lines)
      }
      if let entry = try lines.next() { return .entry(entry) }
      if lines.isAtEnd, !lines.hasLine {
        if kind == .dumb { program.errors.write("\n") }
        return .ended
      }
    }
  }

  /// Waits a moment for input.
  private func receive(_ lines: inout EntryLines) throws(Failure) {
    var wait = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
    guard poll(&wait, 1, 100) != 0 else { return }
    var block = [UInt8](repeating: 0, count: 1 << 16)
    let count = SystemCalls.read(0, &block, block.count)
    if count > 0 { return try lines.push(block[..<count]) }
    if count < 0, errno == EINTR || errno == EAGAIN { return }
    // A closed stdin is an empty one; a terminal that is gone gives an error.
    lines.end()
  }
}

/// Entries out of lines as they come; pure.
struct EntryLines: Sendable {
  /// The longest entry, in bytes.
  static let limit = 64 << 20

  private var bytes: [UInt8] = []
  private var offset = 0
  /// Bytes in front of it hold no line end behind `offset`.
  private var searched = 0
  private var number = 0
  private var text: String?
  private var firstLine = 0
  private(set) var isAtEnd = false

  /// Whether an entry has begun and goes on.
  var isOpen: Bool { text != nil }

  mutating func push(_ new: ArraySlice<UInt8>) throws(Failure) {
    guard bytes.count - offset + (text?.utf8.count ?? 0) + new.count <= Self.limit else {
      throw Failure("stdin:\(number + 1): an entry of more than \(Self.limit >> 20) MB", .usage)
    }
    bytes.removeSubrange(..<offset)
    searched -= offset
    offset = 0
    bytes += new
  }

  mutating func end() { isAtEnd = true }

  /// Forgets the entry that has begun.
  mutating func drop() { text = nil }

  /// Whether a whole line is there.
  var hasLine: Bool {
    mutating get {
      if isAtEnd { return offset < bytes.count }
      while searched < bytes.count, bytes[searched] != Byte.lineFeed { searched += 1 }
      return searched < bytes.count
    }
  }

  /// Takes a line; gives the entry that it ends, `nil` where more is needed or there is none.
  mutating func next() throws(Failure) -> String? {
    guard hasLine else { return try last() }
    let end = bytes[offset...].firstIndex(of: Byte.lineFeed) ?? bytes.count
    var line = bytes[offset..<end]
    offset = min(end + 1, bytes.count)
    searched = offset
    number += 1
    if line.last == 0x0D { line.removeLast() }
    if let bad = line.withUnsafeBytes({ UTF8Validation.firstInvalid($0) }) {
      throw Failure("stdin:\(number):\(bad + 1): not UTF-8", .usage)
    }
    guard !line.contains(0) else { throw Failure("stdin:\(number): binary, not text", .usage) }
    var entry = text ?? ""
    if text == nil { firstLine = number } else { entry += "\n" }
    // Given away before it grows, so that it grows in place.
    text = nil
    entry += String(decoding: line, as: UTF8.self)
    guard EntryForm.continues(entry) else { return String(EntryForm.content(entry)) }
    if !EntryForm.isQuoted(entry) { entry.removeLast() }
    text = entry
    return isAtEnd && offset == bytes.count ? try last() : nil
  }

  /// What was begun when the input ended.
  private mutating func last() throws(Failure) -> String? {
    guard let open = text else { return nil }
    text = nil
    guard !EntryForm.isQuoted(open) else { throw Failure("stdin:\(firstLine): \"\"\" is not closed", .usage) }
    return open
  }
}
