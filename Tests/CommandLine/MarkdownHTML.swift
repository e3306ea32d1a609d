// Markdown's events as HTML, for comparing what is drawn with CommonMark's examples; and HTML made comparable: what a
// terminal does not show (paragraph tags of tight and loose lists, titles, the spelling of addresses) is taken out.

import Foundation

@testable import awl

struct HTMLSink: MarkdownSink, Sendable {
  var html = ""
  private var paragraphAt: String.Index?
  private var imageDepth = 0

  mutating func begin(_ block: MarkdownBlock) {
    switch block {
    case .quote: html += "\n<blockquote>"
    case .list(let start): html += start.map { $0 == 1 ? "\n<ol>" : "\n<ol start=\"\($0)\">" } ?? "\n<ul>"
    case .item(_, let isDone): html += "\n<li>" + (isDone.map { $0 ? "[x] " : "[ ] " } ?? "")
    case .paragraph:
      html += "\n"
      paragraphAt = html.endIndex
      html += "<p>"
    case .heading(let level): html += "\n<h\(level)>"
    case .code(let info):
      let language = String(decoding: info, as: UTF8.self).split(separator: " ").first
      html += "\n<pre><code" + (language.map { " class=\"language-\(escaped(String($0)))\"" } ?? "") + ">"
    case .raw: html += "\n"
    }
  }

  mutating func end(_ block: MarkdownBlock) {
    switch block {
    case .quote: html += "\n</blockquote>"
    case .list(let start): html += start == nil ? "\n</ul>" : "\n</ol>"
    case .item: html += "</li>"
    case .paragraph: html += paragraphAt == nil ? "" : "</p>"
    case .heading(let level): html += "</h\(level)>"
    case .code: html += "</code></pre>"
    case .raw: break
    }
    isVerbatim = false
  }

  private var isVerbatim = false

  mutating func blankLine() {}
  mutating func thematicBreak() { html += "\n<hr />" }

  mutating func underline(level: Int) {
    guard let start = paragraphAt else { return }
    html.replaceSubrange(start..<html.index(start, offsetBy: 3), with: "<h\(level)>")
    html += "</h\(level)>"
    paragraphAt = nil
  }

  mutating func codeLine(_ line: ArraySlice<UInt8>, endsLine: Bool) {
    let text = String(decoding: line, as: UTF8.self)
    let isInCode = html.range(of: "<pre><code", options: .backwards).map { open in
      html.range(of: "</code></pre>", options: .backwards).map { $0.lowerBound < open.lowerBound } ?? true
    }
    html += (isInCode ?? false ? escaped(text) : text) + (endsLine ? "\n" : "")
  }

  mutating func begin(_ span: MarkdownSpan) {
    if imageDepth > 0 {
      if case .image = span { imageDepth += 1 }
      return
    }
    switch span {
    case .emphasis: html += "<em>"
    case .strong: html += "<strong>"
    case .strike: html += "<del>"
    case .code: html += "<code>"
    case .link(let destination): html += "<a href=\"\(escaped(String(decoding: destination, as: UTF8.self)))\">"
    case .image(let destination):
      imageDepth = 1
      html += "<img src=\"\(escaped(String(decoding: destination, as: UTF8.self)))\" alt=\""
    }
  }

  mutating func end(_ span: MarkdownSpan) {
    if case .image = span {
      imageDepth -= 1
      if imageDepth == 0 { html += "\" />" }
    }
    guard imageDepth == 0 else { return }
    switch span {
    case .emphasis: html += "</em>"
    case .strong: html += "</strong>"
    case .strike: html += "</del>"
    case .code: html += "</code>"
    case .link: html += "</a>"
    case .image: break
    }
  }

  mutating func text(_ bytes: ArraySlice<UInt8>) { html += escaped(String(decoding: bytes, as: UTF8.self)) }
  mutating func raw(_ bytes: ArraySlice<UInt8>) { html += String(decoding: bytes, as: UTF8.self) }
  mutating func softBreak() { html += "\n" }
  mutating func hardBreak() { html += "<br />\n" }

  mutating func table(_ table: MarkdownTable) {
    html += "\n<table>"
    for row in [table.header] + table.rows { moreRows([row]) }
  }

  mutating func moreRows(_ rows: [[ArraySlice<UInt8>]]) {
    for row in rows {
      html += "<tr>" + row.map { "<td>\(escaped(String(decoding: $0, as: UTF8.self)))</td>" }.joined() + "</tr>"
    }
  }

  private func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
  }

  /// The HTML of a text that comes in pieces.
  static func render(_ pieces: [String]) -> String {
    var parser = MarkdownParser(sink: HTMLSink())
    for piece in pieces { parser.push(Array(piece.utf8)[...]) }
    parser.finish()
    return parser.sink.html
  }

  /// HTML without what a terminal does not show.
  static func comparable(_ html: String) -> String {
    var text = html.replacing(#/<\/?p>/#, with: "\n")
    text.replace(#/ title="[^"]*"/#, with: "")
    text.replace(#/(href|src)="([^"]*)"/#) { match in
      let address = String(match.2).replacingOccurrences(of: "&amp;", with: "&")
        .replacingOccurrences(of: "&quot;", with: "\"")
      return "\(match.1)=\"\(address.removingPercentEncoding ?? address)\""
    }
    text.replace(#/\s*(<\/?(?:blockquote|ul|ol|li|h[1-6]|hr|pre)\b[^>]*>)\s*/#) { $0.1 }
    text.replace(#/\s+/#, with: " ")
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
