// How large the terminal is, and what it can do beyond text and colour. Terminals do not tell the latter: those are
// named that are known to follow links.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum TerminalSize {
  struct Size: Sendable, Equatable {
    var columns: Int
    var rows: Int
  }

  /// The size of the terminal behind a descriptor, or what is usual.
  static func of(_ descriptor: Int32) -> Size {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return Size(columns: 80, rows: 24)
    }
    return Size(columns: Int(size.ws_col), rows: Int(size.ws_row))
  }

  /// Columns of the terminal behind a descriptor, now; `nil` where it is none or does not know.
  static func columns(_ descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}

extension Environment {
  /// Whether the terminal shows hyperlinks (OSC 8). Multiplexers swallow or leak them, by version.
  var showsHyperlinks: Bool {
    let term = self["TERM"] ?? ""
    guard !term.hasPrefix("screen"), !term.hasPrefix("tmux"), self["TMUX"] == nil else { return false }
    if ["iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper"].contains(self["TERM_PROGRAM"] ?? "") { return true }
    if self["KITTY_WINDOW_ID"] != nil || self["WT_SESSION"] != nil || self["KONSOLE_VERSION"] != nil { return true }
    if ["xterm-kitty", "xterm-ghostty", "foot", "alacritty"].contains(where: term.hasPrefix) { return true }
    return Int(self["VTE_VERSION"] ?? "").map { $0 >= 5000 } ?? false
  }
}

extension Program {
  /// Draws Markdown on stdout; `nil` where stdout is no terminal or a dumb one.
  var markdownRenderer: MarkdownRenderer? {
    guard environment.isOutputTerminal, environment["TERM"] != "dumb" else { return nil }
    return MarkdownRenderer(
      width: TerminalSize.columns(1) ?? 80, colours: environment.colours, hyperlinks: environment.showsHyperlinks)
  }
}
