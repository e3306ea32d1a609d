// The spans that text stands in, what they look like together, and whether a link's text already says where it leads.

/// The spans that the text stands in.
struct SpanStack: Sendable {
  private var base = TerminalStyle.plain
  /// The looks around the open spans, the outermost first.
  private var outer: [TerminalStyle] = []
  /// What the text looks like.
  private(set) var style = TerminalStyle.plain
  /// Addresses that a click follows, by their number less one; forgotten with the block that they stand in.
  private var addresses: [[UInt8]] = []
  /// Links: the address, and how much of the link's text has been the same; `nil` when it differs.
  private var links: [(address: [UInt8], same: Int?)] = []

  mutating func begin(_ span: MarkdownSpan, hyperlinks: Bool) {
    outer.append(style)
    switch span {
    case .emphasis: style.attributes.insert(.italic)
    case .strong: style.attributes.insert(.bold)
    case .strike: style.attributes.insert(.strike)
    case .code: style.colour = .cyan
    case .link(let address):
      links.append((address, 0))
      style.attributes.insert(.underline)
      guard hyperlinks, let safe = TerminalStyle.safeLink(address) else { return style.link = 0 }
      addresses.append(safe)
      style.link = addresses.count
    case .image(let address): links.append((address, nil))
    }
  }

  /// Gives the address that is to be shown behind a link.
  mutating func end(_ span: MarkdownSpan, hyperlinks: Bool) -> [UInt8]? {
    style = outer.popLast() ?? base
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

  /// Another block begins: no span is open.
  mutating func start(_ base: TerminalStyle) {
    self.base = base
    style = base
    outer.removeAll(keepingCapacity: true)
    if !addresses.isEmpty { addresses.removeAll() }
  }

  /// The address of a look; empty for nowhere.
  func address(_ style: TerminalStyle) -> [UInt8] { style.link == 0 ? [] : addresses[style.link - 1] }

  /// Text within a link: does it say the address?
  mutating func noteLinkText(_ bytes: ArraySlice<UInt8>) {
    guard !links.isEmpty, let last = links.last, let same = last.same else { return }
    let address = last.address
    // Mail is written without its scheme.
    let shown = address.starts(with: "mailto:".utf8) ? address.dropFirst(7) : address[...]
    let matches = shown.dropFirst(same).starts(with: bytes)
    links[links.count - 1].same = matches ? same + bytes.count : nil
  }
}
