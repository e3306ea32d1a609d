// The thin shell around LineEditor: the terminal in raw mode, bytes in, sequences out. It blocks while it waits, so it
// runs on a thread of its own. The terminal is put back whenever a line has ended.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads entries that a person types at a terminal.
///
///     var reader = LineReader(output: program.output, history: HistoryFile(path))
///     while case .entry(let text) = reader.read(prompt: "> ") { … }      // blocks: on a thread of its own
struct LineReader {
  enum Result: Sendable, Equatable {
    case entry(String)
    /// Ctrl-C on an empty line.
    case interrupted
    /// Ctrl-D on an empty line, or the end of stdin.
    case ended
  }

  /// How long a lone escape waits for the rest of a sequence, in milliseconds.
  private static let escapePatience: Int32 = 50
  /// How often the size and the cancellation are looked at, in milliseconds.
  private static let glance: Int32 = 250

  /// Ends bracketed paste.
  private static let unmarked = "\u{1B}[?2004l"

  private let input: Int32
  private let output: Output
  private let history: HistoryFile?
  private let complete: LineCompletion.Source?
  private var editor: LineEditor
  private var keys = KeyReader()
  private var waiting: [Key] = []

  /// - Parameters:
  ///   - input: the terminal's descriptor.
  ///   - history: earlier entries are read from it, new ones added to it.
  ///   - complete: what the tab key can put there.
  init(input: Int32 = 0, output: Output, history: HistoryFile? = nil, complete: LineCompletion.Source? = nil) {
    (self.input, self.output, self.history, self.complete) = (input, output, history, complete)
    editor = LineEditor(history: history?.load() ?? [])
  }

  /// Reads one entry. `isCancelled` is asked four times a second: true ends the reading as Ctrl-C does.
  mutating func read(prompt: String, isCancelled: () -> Bool = { false }) -> Result {
    guard let terminal = RawTerminal(input) else { return .ended }
    defer { terminal.restore() }
    // Bracketed paste: the terminal marks what is pasted (xterm ctlseqs).
    output.write("\u{1B}[?2004h")
    defer { output.flush() }
    var screen = LineScreen(prompt: prompt)
    var size = TerminalSize.of(input)
    output.write(screen.draw(editor, width: size.columns, height: size.rows))
    output.flush()
    while true {
      if waiting.isEmpty {
        switch receive() {
        case .ended:
          output.write(Self.unmarked + screen.finish())
          return .ended
        case .nothing:
          if isCancelled() {
            output.write(Self.unmarked + screen.finish())
            return .interrupted
          }
        case .keys(let new): waiting = new
        }
      }
      let newSize = TerminalSize.of(input)
      var isChanged = newSize != size || !waiting.isEmpty
      size = newSize
      while !waiting.isEmpty {
        let key = waiting.removeFirst()
        isChanged = true
        if key == .tab, completed(&screen) { continue }
        switch editor.press(key) {
        case .edited: break
        case .redraw: output.write(screen.clear())
        case .interrupted: return end(.interrupted, &screen, size)
        case .ended: return end(.ended, &screen, size)
        case .submitted(let text):
          let result = end(.entry(text), &screen, size)
          editor.start(remembering: text)
          if !text.isEmpty { history?.append(text) }
          return result
        }
      }
      if isChanged {
        output.write(screen.draw(editor, width: size.columns, height: size.rows))
        guard output.flush() else { return .ended }
      }
    }
  }

  private func end(_ result: Result, _ screen: inout LineScreen, _ size: TerminalSize.Size) -> Result {
    output.write(screen.draw(editor, width: size.columns, height: size.rows) + Self.unmarked + screen.finish())
    return result
  }

  /// Completes what stands in front of the cursor, or lists what it can become; false where a tab is a tab.
  private mutating func completed(_ screen: inout LineScreen) -> Bool {
    guard editor.search == nil, let completion = complete?(String(editor.text[..<editor.cursor])) else { return false }
    if let progress = completion.progress {
      editor.replace(completion.typed.count, with: progress)
    } else if completion.candidates.count > 1 {
      let list = completion.candidates.prefix(LineCompletion.listLimit).map(TerminalText.escaped)
      let more = completion.candidates.count - list.count
      output.write(screen.finish() + (list + (more > 0 ? ["… \(more) more"] : [])).joined(separator: "\r\n") + "\r\n")
    }
    return true
  }

  private enum Received {
    case keys([Key])
    case nothing
    case ended
  }

  private mutating func receive() -> Received {
    var wait = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
    let patience = keys.isWaiting ? Self.escapePatience : Self.glance
    let count = poll(&wait, 1, patience)
    if count < 0 { return errno == EINTR ? .nothing : .ended }
    if count == 0 {
      let expired = keys.expire()
      return expired.isEmpty ? .nothing : .keys(expired)
    }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let length = SystemCalls.read(input, &buffer, buffer.count)
    if length < 0 { return errno == EINTR || errno == EAGAIN ? .nothing : .ended }
    return length == 0 ? .ended : .keys(keys.push(buffer[..<length]))
  }
}

/// The terminal, giving each key as it is pressed and showing none.
private struct RawTerminal {
  private let descriptor: Int32
  private let settings: termios

  /// `nil` where it is no terminal.
  init?(_ descriptor: Int32) {
    var settings = termios()
    self.descriptor = descriptor
    guard tcgetattr(descriptor, &settings) == 0 else { return nil }
    self.settings = settings
    settings.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INPCK | ISTRIP | IXON)
    settings.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN | ISIG)
    // What is typed at once must not be lost: nothing is flushed.
    guard tcsetattr(descriptor, TCSADRAIN, &settings) == 0 else { return nil }
  }

  func restore() {
    var settings = settings
    tcsetattr(descriptor, TCSADRAIN, &settings)
  }
}
