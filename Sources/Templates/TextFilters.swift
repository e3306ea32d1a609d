// Filters of text, over Unicode scalars as Python counts characters.

import Formats

enum TextFilters {
  static let capitalize: TemplateFilters.Filter = { call in
    let text = call.value.text
    return .string(text.prefix(1).uppercased() + text.dropFirst().lowercased())
  }

  static let title: TemplateFilters.Filter = { call in
    var title = ""
    var startsWord = true
    for character in call.value.text {
      title += startsWord ? character.uppercased() : character.lowercased()
      startsWord = character.isWhitespace || "-([{<".contains(character)
    }
    return .string(title)
  }

  static let trim: TemplateFilters.Filter = { call in
    let given = call.arguments.value(0, "chars").map { Set($0.text.unicodeScalars) }
    func isTrimmed(_ scalar: Unicode.Scalar) -> Bool { given?.contains(scalar) ?? scalar.properties.isWhitespace }
    var scalars = call.value.text.unicodeScalars[...]
    while let first = scalars.first, isTrimmed(first) { scalars.removeFirst() }
    while let last = scalars.last, isTrimmed(last) { scalars.removeLast() }
    return .string(String(scalars))
  }

  static let replace: TemplateFilters.Filter = { call throws(TemplateFault) in
    guard let old = call.arguments.value(0, "old")?.text, let new = call.arguments.value(1, "new")?.text else {
      throw call.fault("replace needs what to replace, and by what")
    }
    var left = try call.integer(2, "count", default: -1)
    var text = Array(call.value.text.utf8)
    let (from, to) = (Array(old.utf8), Array(new.utf8))
    if from.isEmpty {
      var result = ""
      for scalar in call.value.text.unicodeScalars {
        if left != 0 { result += new }
        left -= left > 0 ? 1 : 0
        result.unicodeScalars.append(scalar)
      }
      return .string(left != 0 ? result + new : result)
    }
    var result: [UInt8] = []
    var start = 0
    while left != 0, let place = text.firstOffset(of: from, from: start) {
      result += text[start..<place] + to
      start = place + from.count
      left -= left > 0 ? 1 : 0
    }
    result += text[start...]
    text = result
    return .string(String(decoding: text, as: UTF8.self))
  }

  static let indent: TemplateFilters.Filter = { call throws(TemplateFault) in
    let width = call.arguments.value(0, "width") ?? .integer(4)
    let indentsFirst = call.flag(1, "first")
    let indentsBlank = call.flag(2, "blank")
    let margin: String
    if case .string(let text) = width {
      margin = text
    } else {
      guard let count = width.integer, (0...1000).contains(count) else { throw call.fault("the width is out of range") }
      margin = String(repeating: " ", count: count)
    }
    let indented = call.value.text.lines.enumerated().map { index, line in
      (index == 0 ? indentsFirst : indentsBlank || !line.isEmpty) ? margin + line : String(line)
    }
    return .string(indented.joined(separator: "\n"))
  }

  static let truncate: TemplateFilters.Filter = { call throws(TemplateFault) in
    let length = try call.integer(0, "length", default: 255)
    let cutsWords = call.flag(1, "killwords")
    let end = Array(call.text(2, "end", default: "...").unicodeScalars)
    let leeway = try call.integer(3, "leeway", default: 5)
    let scalars = Array(call.value.text.unicodeScalars)
    guard length >= end.count else {
      throw call.fault("the length is shorter than the end", hint: "at least \(end.count)")
    }
    guard scalars.count > length, scalars.count - length > leeway else { return .string(call.value.text) }
    var kept = Array(scalars[..<(length - end.count)])
    if !cutsWords, let space = kept.lastIndex(of: " ") { kept = Array(kept[..<space]) }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: kept + end)
    return .string(String(view))
  }

  static let wordCount: TemplateFilters.Filter = { call in
    var count = 0
    var isInWord = false
    for scalar in call.value.text.unicodeScalars {
      let isWord = scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_"
      if isWord, !isInWord { count += 1 }
      isInWord = isWord
    }
    return .integer(count)
  }

  static let lines: TemplateFilters.Filter = { call in
    var lines = call.value.text.lines
    if lines.last?.isEmpty == true { lines.removeLast() }
    return .list(lines == [""] ? [] : lines.map { .string(String($0)) })
  }

  static let split: TemplateFilters.Filter = { call in
    guard let separator = call.arguments.value(0, "separator")?.text, !separator.isEmpty else {
      return .list(call.value.text.split(whereSeparator: \.isWhitespace).map { .string(String($0)) })
    }
    let (text, mark) = (Array(call.value.text.utf8), Array(separator.utf8))
    var parts: [TemplateValue] = []
    var start = 0
    while let place = text.firstOffset(of: mark, from: start) {
      parts.append(.string(String(decoding: text[start..<place], as: UTF8.self)))
      start = place + mark.count
    }
    return .list(parts + [.string(String(decoding: text[start...], as: UTF8.self))])
  }

  static let json: TemplateFilters.Filter = { call throws(TemplateFault) in
    let indent = call.arguments.value(0, "indent")?.integer
    guard indent.map({ (0...64).contains($0) }) ?? true else { throw call.fault("the indent is out of range") }
    if call.flag(1, "compact") { return .string(call.value.json.text) }
    return .string(JSONSpacing.text(call.value, indent: indent))
  }

  static let parseJSON: TemplateFilters.Filter = { call throws(TemplateFault) in
    do throws(FormatError) {
      return TemplateValue(try JSON.parse(call.value.text))
    } catch {
      throw call.fault("not JSON: \(error.message) (line \(error.position.line), column \(error.position.column))")
    }
  }

  static let center: TemplateFilters.Filter = { call throws(TemplateFault) in
    let width = try call.integer(0, "width", default: 80)
    guard (0...10_000).contains(width) else { throw call.fault("the width is out of range") }
    let text = call.value.text
    let free = max(0, width - text.unicodeScalars.count)
    let left = free / 2 + (free & width & 1)
    return .string(String(repeating: " ", count: left) + text + String(repeating: " ", count: free - left))
  }

  static let urlEncode: TemplateFilters.Filter = { call in
    func encoded(_ text: String, keepsSlash: Bool) -> String {
      let digits = Array("0123456789ABCDEF")
      return text.utf8.reduce(into: "") { result, byte in
        let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || "_.-~".utf8.contains(byte)
        if byte == 0x20, !keepsSlash {
          result += "+"
        } else if isPlain || (keepsSlash && byte == UInt8(ascii: "/")) {
          result.unicodeScalars.append(Unicode.Scalar(byte))
        } else {
          result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }
      }
    }
    if let members = call.value.members {
      return .string(
        members.map { encoded($0.key, keepsSlash: false) + "=" + encoded($0.value.text, keepsSlash: false) }
          .joined(separator: "&"))
    }
    return .string(encoded(call.value.text, keepsSlash: true))
  }

  static let stripTags: TemplateFilters.Filter = { call in
    var text = ""
    var isInTag = false
    for character in call.value.text {
      if character == "<" { isInTag = true }
      if !isInTag { text.append(character) }
      if character == ">" { isInTag = false }
    }
    return .string(text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
  }
}
