// The output is or contains XML or HTML. XML is held to well-formedness (XML 1.0, section 2.1): one root, tags nested and
// closed, attributes quoted. HTML forgives almost everything, so that what is asked is whether it is markup at all.

import Formats

enum MarkupAssertions {
  static let kinds: [AssertionKind] = [
    AssertionKind("is-xml", "contains-xml") { arguments throws(AssertionProblem) in
      let required = try required(arguments)
      let isWhole = arguments.kind == "is-xml"
      return TextCheck { output in
        isWhole ? whole(output, required) : part(output, required)
      }
    },
    AssertionKind("is-html", "contains-html") { arguments in
      let isWhole = arguments.kind == "is-html"
      return TextCheck { output in
        let tags = HTMLTags.scan(output)
        if isWhole {
          guard tags.known > 0 else { return Finding(false, "the output has no element of HTML") }
          guard !tags.hasBareText else { return Finding(false, "the output has text outside of its elements") }
          return Finding(true, "the output is HTML")
        }
        let holds = tags.known >= 2 || (tags.known == 1 && tags.closed >= 1)
        return Finding(holds, holds ? "the output contains HTML" : "the output contains no HTML")
      }
    },
  ]

  /// Paths of elements that are to be there: `a.b, c`, a list, or an object with `requiredElements`.
  private static func required(_ arguments: AssertionArguments) throws(AssertionProblem) -> [[String]] {
    guard let value = arguments.value, !value.isNull else { return [] }
    let list = value["requiredElements"] ?? value
    let paths =
      list.string.map { $0.split(separator: ",").map { $0.trimmedOfSpace } } ?? list.elements.compactMap(\.string)
    guard !paths.isEmpty else { throw arguments.wrong("needs paths of elements such as 'a.b, c'") }
    return paths.map { $0.split(separator: ".").map(String.init) }
  }

  private static func whole(_ text: String, _ required: [[String]]) -> Finding {
    do throws(XMLScanner.Problem) {
      let paths = try XMLScanner.paths(of: Array(text.trimmedOfSpace.utf8))
      let missing = required.filter { path in !paths.contains(path.joined(separator: ".")) }
      guard missing.isEmpty else {
        return Finding(false, "the XML lacks \(missing.map { $0.joined(separator: ".") }.joined(separator: ", "))")
      }
      return Finding(true, "the output is XML")
    } catch {
      return Finding(false, "the output is no XML: \(error.message)")
    }
  }

  private static func part(_ text: String, _ required: [[String]]) -> Finding {
    let bytes = Array(text.utf8)
    var last = Finding(false, "the output contains no XML")
    var tries = 0
    for start in bytes.indices where bytes[start] == 0x3C && tries < 200 {
      tries += 1
      guard let end = XMLScanner.end(of: bytes, from: start) else { continue }
      let verdict = whole(String(decoding: bytes[start..<end], as: UTF8.self), required)
      if verdict.pass { return Finding(true, "the output contains XML") }
      last = Finding(false, verdict.fact)
    }
    return last
  }
}

/// What tags of HTML a text has.
private struct HTMLTags {
  var known = 0
  var closed = 0
  var hasBareText = false

  private static let names: Set<String> = [
    "html", "head", "body", "div", "span", "p", "a", "img", "table", "tr", "td", "th", "ul", "ol", "li", "h1", "h2",
    "h3",
    "h4", "h5", "h6", "form", "input", "button", "script", "style", "link", "meta", "title", "section", "article",
    "nav",
    "header", "footer", "main", "aside", "br", "hr", "b", "i", "em", "strong", "pre", "code", "select", "option",
    "label",
    "textarea", "iframe", "video", "audio", "canvas", "svg", "tbody", "thead", "tfoot", "caption", "blockquote",
    "figure",
    "figcaption", "dl", "dt", "dd", "details", "summary", "small", "sub", "sup", "u", "s", "mark", "time", "address",
  ]
  private static let void: Set<String> = ["br", "hr", "img", "input", "link", "meta"]

  static func scan(_ text: String) -> HTMLTags {
    var tags = HTMLTags()
    var depth = 0
    let bytes = Array(text.utf8)
    var at = 0
    while at < bytes.count {
      guard bytes[at] == 0x3C, let end = bytes[at...].firstIndex(of: 0x3E) else {
        if depth == 0, bytes[at] > 0x20 { tags.hasBareText = true }
        at += 1
        continue
      }
      var inside = bytes[(at + 1)..<end]
      at = end + 1
      if inside.first == 0x21 || inside.first == 0x3F { continue }
      let isEnd = inside.first == 0x2F
      if isEnd { inside = inside.dropFirst() }
      let name = String(decoding: inside.prefix { $0 > 0x20 && $0 != 0x2F }, as: UTF8.self).lowercased()
      guard names.contains(name) else { continue }
      if isEnd {
        tags.closed += 1
        depth = max(0, depth - 1)
      } else {
        tags.known += 1
        if !void.contains(name), inside.last != 0x2F { depth += 1 }
      }
    }
    return tags
  }
}
