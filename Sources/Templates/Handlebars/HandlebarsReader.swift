// What stands within a tag: paths, literals, calls in parentheses, and named arguments.

import Formats

struct HandlebarsReader {
  let source: ArraySlice<UInt8>
  var at: Int
  let tagStart: Int
  private var depth = 0

  init(source: ArraySlice<UInt8>, at: Int, tagStart: Int) {
    self.source = source
    self.at = at
    self.tagStart = tagStart
  }

  private var peek: UInt8? { at < source.endIndex ? source[at] : nil }

  private func fault(_ message: String, hint: String? = nil, at place: Int? = nil) -> TemplateFault {
    TemplateFault(.syntax, message, hint: hint, at: place ?? at)
  }

  private mutating func skip() { while let byte = peek, byte.isSpace { at += 1 } }

  private mutating func take(_ word: String) -> Bool {
    guard source[at...].starts(with: word.utf8) else { return false }
    at += word.utf8.count
    return true
  }

  /// Whether the tag ends here; takes its end.
  private mutating func takeEnd(_ closing: String, _ tag: inout HandlebarsTag) -> Bool {
    if closing == "}}}" { return take("}}}") }
    let place = at
    let trims = take("~")
    guard take("}}"), peek != 0x7D else {
      at = place
      return false
    }
    tag.trimsAfter = trims
    return true
  }

  mutating func read(_ tag: inout HandlebarsTag, closing: String) throws(TemplateFault) {
    skip()
    if takeEnd(closing, &tag) {
      guard tag.kind == .inverse else { throw fault("the tag is empty", at: tagStart) }
      tag.kind = .otherwise
      return
    }
    if tag.kind == .output, closing == "}}", takeWord("else") {
      tag.kind = .otherwise
      skip()
      if takeEnd(closing, &tag) { return }
      tag.call = try call { reader throws(TemplateFault) in reader.takeEnd(closing, &tag) }
      return
    }
    var names: [String] = []
    let call = try call { reader throws(TemplateFault) in
      if reader.takeWord("as") {
        names = try reader.blockNames()
        reader.skip()
      }
      return reader.takeEnd(closing, &tag)
    }
    tag.call = call
    tag.blockNames = names
  }

  /// A word that is not the beginning of a longer one.
  private mutating func takeWord(_ word: String) -> Bool {
    let place = at
    guard take(word), let next = peek,
      next.isSpace || next == UInt8(ascii: "}") || next == UInt8(ascii: "~")
        || next == UInt8(ascii: "|")
    else {
      at = place
      return false
    }
    return true
  }

  private mutating func blockNames() throws(TemplateFault) -> [String] {
    skip()
    guard take("|") else { throw fault("names between '|' are expected behind 'as'") }
    var names: [String] = []
    while true {
      skip()
      if take("|") { return names }
      names.append(try word())
    }
  }

  private mutating func call(
    _ isAtEnd: (inout HandlebarsReader) throws(TemplateFault) -> Bool
  ) throws(TemplateFault) -> HandlebarsCall {
    depth += 1
    defer { depth -= 1 }
    guard depth < 100 else { throw fault("calls are nested too deeply") }
    var call = HandlebarsCall(target: try value())
    while true {
      skip()
      if try isAtEnd(&self) { return call }
      guard at < source.endIndex else { throw fault("the tag is not closed", hint: "}}", at: tagStart) }
      if let name = namedArgument() {
        call.named.append((name, try value()))
      } else {
        guard call.named.isEmpty else { throw fault("arguments without a name stand before those with one") }
        call.arguments.append(try value())
      }
    }
  }

  /// `name=`, if it comes next.
  private mutating func namedArgument() -> String? {
    let place = at
    while let byte = peek, isWordByte(byte) { at += 1 }
    let name = String(decoding: source[place..<at], as: UTF8.self)
    guard !name.isEmpty, take("=") else {
      at = place
      return nil
    }
    return name
  }

  private mutating func value() throws(TemplateFault) -> HandlebarsValue {
    skip()
    let start = at
    guard let byte = peek else { throw fault("the tag is not closed", hint: "}}", at: tagStart) }
    if take("(") {
      let inner = try call { reader throws(TemplateFault) in reader.take(")") }
      return .call(inner, start)
    }
    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { return .literal(.string(try string(byte))) }
    if let number = number() { return .literal(number) }
    let path = try path()
    if !path.isData, !path.isScoped, path.parents == 0, path.steps.count == 1 {
      switch path.steps[0] {
      case "true": return .literal(.bool(true))
      case "false": return .literal(.bool(false))
      case "null", "undefined": return .literal(.null)
      default: break
      }
    }
    return .path(path)
  }

  private mutating func string(_ quote: UInt8) throws(TemplateFault) -> String {
    let start = at
    at += 1
    var bytes: [UInt8] = []
    while let byte = peek, byte != quote {
      if byte == UInt8(ascii: "\\"), at + 1 < source.endIndex, source[at + 1] == quote { at += 1 }
      bytes.append(source[at])
      at += 1
    }
    guard peek == quote else { throw fault("the string is not closed", at: start) }
    at += 1
    return String(decoding: bytes, as: UTF8.self)
  }

  private mutating func number() -> TemplateValue? {
    let start = at
    if peek == UInt8(ascii: "-") { at += 1 }
    while let byte = peek, (0x30...0x39).contains(byte) || byte == UInt8(ascii: ".") { at += 1 }
    let text = String(decoding: source[start..<at], as: UTF8.self)
    if let next = peek, isWordByte(next) || next == UInt8(ascii: "=") {
      at = start
      return nil
    }
    if let whole = Int(text) { return .integer(whole) }
    if text.contains(where: \.isNumber), let number = Double(text) { return .number(number) }
    at = start
    return nil
  }

  private mutating func path() throws(TemplateFault) -> HandlebarsPath {
    var path = HandlebarsPath(offset: at)
    if take("@") { path.isData = true }
    while source[at...].starts(with: "..".utf8) {
      at += 2
      path.parents += 1
      path.isScoped = true
      guard take("/") || take(".") else { return path }
    }
    if !path.isData, path.parents == 0, peek == UInt8(ascii: ".") {
      at += 1
      path.isScoped = true
      guard take("/") else { return path }
    }
    var isFirst = true
    repeat {
      if take("[") {
        let start = at
        while let byte = peek, byte != UInt8(ascii: "]") { at += 1 }
        path.steps.append(String(decoding: source[start..<at], as: UTF8.self))
        guard take("]") else { throw fault("'[' is not closed", at: start - 1) }
      } else {
        let start = at
        let step = try word()
        if step == "this" || step == ".", isFirst, !path.isData {
          path.isScoped = true
        } else {
          guard step != "..", !(0x30...0x39).contains(source[start]) || isFirst else {
            throw fault("'\(step)' is no step of a path", hint: "write a place in a list as .[\(step)]", at: start)
          }
          path.steps.append(step)
        }
      }
      isFirst = false
    } while take(".") || take("/")
    return path
  }

  private mutating func word() throws(TemplateFault) -> String {
    let start = at
    while let byte = peek, isWordByte(byte) { at += 1 }
    guard at > start else {
      guard let byte = peek else { throw fault("the tag is not closed", hint: "}}", at: tagStart) }
      throw fault("unexpected '\(byte < 0x80 ? String(Unicode.Scalar(byte)) : "character")' in a tag")
    }
    return String(decoding: source[start..<at], as: UTF8.self)
  }

  /// What may stand in a name: all but white space and Handlebars' own marks.
  private func isWordByte(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte != 0x7F && !"!\"#%&'()*+,./;<=>@[\\]^`{|}~".utf8.contains(byte)
  }
}
