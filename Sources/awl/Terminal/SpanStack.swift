// The spans that text stands in, what they look like together, and whether a link's text already says where it leads.

/// The spans that the text stands in.
struct SpanStack: Sendable {
  var base = TerminalStyle.plain
  private var open: [MarkdownSpan] = []
  /// Links: the address, and how much of the link's text has been the same; `nil` when it differs.
  private var links: [(address: [UInt8], same: Int?)] = []

  var style: TerminalStyle {
    var style = base
    for span in open {
      switch span {
      case .emphasis: style.attributes.insert(.italic)
      case .strong: style.attributes.insert(.bold)
      case .strike: style.attributes.insert(.strike)
      case .code: style.colour = .cyan
      case .link(let address):
        style.attributes.insert(.underline)
        style.link = address
      case .image: break
      }
    }
    return style
  }

  mutating func begin(_ span: MarkdownSpan, hyperlinks: Bool) {
    switch span {
    case .link(let address):
      links.append((address, 0))
      open.append(.link(destination: hyperlinks ? TerminalStyle.safeLink(address) ?? [] : []))
    case .image(let address):
      links.append((address, nil))
      open.append(span)
    default: open.append(span)
    }
  }

  /// Gives the address that is to be shown behind a link.
  mutating func end(_ span: MarkdownSpan, hyperlinks: Bool) -> [UInt8]? {
    open.removeLast()
    switch span {
    case .link(let address):
      guard let link = links.popLast() else { return nil }
      if hyperlinks, TerminalStyle.safeLink(address) != nil { return nil }
      let isShown = link.same == address.count || link.same.map { $0 + 7 == address.count } ?? false
      return isShown ? nil : address
    case .image(let address):
      links.removeLast()
      return address
    default: return nil
    }
  }

  /// Text within a link: does it say the address?
  mutating func noteLinkText(_ bytes: ArraySlice<UInt8>) {
    guard let last = links.last, let same = last.same else { return }
    let address = last.address
    // Mail is written without its scheme.
    let shown = address.starts(with: "mailto:".utf8) ? address.dropFirst(7) : address[...]
    let matches = shown.dropFirst(same).starts(with: bytes)
    links[links.count - 1].same = matches ? same + bytes.count : nil
  }
}
