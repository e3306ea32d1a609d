// Filters for rows, files and long texts, as chains of steps pass them on.

import Formats

enum DataFilters {
  /// The text between two lines that it cannot know, so that a model can tell where it begins and ends.
  static let untrusted: TemplateFilters.Filter = { call in
    let mark = call.renderer.boundary
    let text = call.renderer.mark?.marked(call.value.text) ?? call.value.text
    return .string("<\(mark)>\n\(text)\n</\(mark)>")
  }

  /// The longest beginning of a text that has at most so many tokens, by estimate.
  static let takeTokens: TemplateFilters.Filter = { call throws(TemplateFault) in
    let most = try call.integer(0, "count", default: 1000)
    let text = Array(call.value.text.utf8)
    var estimate = TokenEstimate()
    var at = 0
    func end(_ count: Int) -> Int {
      var end = min(at + count, text.count)
      while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
      return end
    }
    // In large steps as long as they fit, then character by character until what has ended is too much.
    while at < text.count {
      let next = end(4096)
      var longer = estimate
      text.withUnsafeBytes { longer.append(UnsafeRawBufferPointer(rebasing: $0[at..<next])) }
      guard longer.count() <= most else { break }
      (estimate, at) = (longer, next)
    }
    var fits = at
    while at < text.count, (estimate.ended.cl100k * estimate.ended.o200k).squareRoot() <= Double(most) + 1 {
      let next = end(1)
      text.withUnsafeBytes { estimate.append(UnsafeRawBufferPointer(rebasing: $0[at..<next])) }
      at = next
      if estimate.count() <= most { fits = at }
    }
    return .string(String(decoding: text[..<fits], as: UTF8.self))
  }

  /// Neighbours put together into lists of at most so many tokens; an element that is longer stands alone.
  static let batchTokens: TemplateFilters.Filter = { call throws(TemplateFault) in
    let most = try call.integer(0, "count", default: 1000)
    guard most > 0 else { throw call.fault("the number of tokens is to be more than 0") }
    var batches: [TemplateValue] = []
    var batch: [TemplateValue] = []
    var tokens = 0
    for item in try call.items() {
      let size = TokenEstimate.count(item.text)
      if !batch.isEmpty, tokens + size > most {
        batches.append(.list(batch))
        (batch, tokens) = ([], 0)
      }
      batch.append(item)
      tokens += size
    }
    if !batch.isEmpty { batches.append(.list(batch)) }
    return .list(batches)
  }

  /// Objects side by side, merged member by member. Of one that failed only the error is taken.
  static let zipMerge: TemplateFilters.Filter = { call throws(TemplateFault) in
    let items = try call.items()
    let others = try partner(call, items.count)
    var merged: [TemplateValue] = []
    for (item, other) in zip(items, others) {
      guard var members = item.members, let added = other.members else {
        throw call.fault(
          "zip_merge takes two lists of objects, not \(item.members == nil ? item.kindName : other.kindName)")
      }
      let hasFailed = isError(other)
      for (key, value) in added where !(hasFailed && key == "input") {
        if let place = members.firstIndex(where: { $0.key == key }) {
          members[place].value = value
        } else {
          members.append((key, value))
        }
      }
      merged.append(.object(members))
    }
    return .list(merged)
  }

  /// Objects with a `path` beside texts, as files: `[{path, content}]`.
  static let zipFiles: TemplateFilters.Filter = { call throws(TemplateFault) in
    let items = try call.items()
    let contents = try partner(call, items.count)
    var files: [TemplateValue] = []
    for (item, content) in zip(items, contents) {
      guard let path = item.member("path") else { throw call.fault("zip_files takes objects with a 'path'") }
      files.append(.object([("path", path), ("content", content)]))
    }
    return .list(files)
  }

  private static func partner(_ call: FilterCall, _ count: Int) throws(TemplateFault) -> [TemplateValue] {
    guard let other = call.arguments.value(0, "other")?.elements else { throw call.fault("a second list is needed") }
    guard other.count == count else {
      throw call.fault("the lists have \(count) and \(other.count) elements", hint: "they are taken side by side")
    }
    return other
  }

  /// The elements that stand in for what failed: `{error, input}`.
  static let errors: TemplateFilters.Filter = { call throws(TemplateFault) in
    .list(try call.items().filter(isError))
  }

  private static func isError(_ value: TemplateValue) -> Bool {
    value.member("error") != nil && value.member("input") != nil
  }

  /// Objects as CSV (RFC 4180) under a line of all their keys; lists as plain rows.
  static let csv: TemplateFilters.Filter = { call throws(TemplateFault) in
    let rows = TemplateValue.list(try call.items()).json
    do throws(FormatError) {
      return .string(String(decoding: try CSVWriter.table(rows), as: UTF8.self))
    } catch {
      throw call.fault(error.message)
    }
  }

  /// A time of RFC 3339 by the fields of strftime: `date('%Y-%m-%d')`.
  static let date: TemplateFilters.Filter = { call throws(TemplateFault) in
    let text = Array(call.value.text.utf8)
    let layout = Array("0000-00-00T00:00:00".utf8)
    let holds =
      text.count >= 19
      && zip(text, layout).allSatisfy { byte, mark in
        mark == UInt8(ascii: "0") ? (0x30...0x39).contains(byte) : byte == mark || (mark == 0x54 && byte == 0x20)
      }
    guard holds else { throw call.fault("date takes a time such as 2026-11-24T08:30:00Z") }
    func digits(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
    var output = ""
    var isField = false
    for character in call.text(0, "format", default: "%Y-%m-%d") {
      guard isField || character == "%" else {
        output.append(character)
        continue
      }
      isField.toggle()
      if isField { continue }
      switch character {
      case "Y": output += digits(0..<4)
      case "m": output += digits(5..<7)
      case "d": output += digits(8..<10)
      case "H": output += digits(11..<13)
      case "M": output += digits(14..<16)
      case "S": output += digits(17..<19)
      case "F": output += digits(0..<10)
      case "T": output += digits(11..<19)
      case "%": output += "%"
      default: throw call.fault("date knows no field '%\(character)'", hint: "%Y %m %d %H %M %S %F %T")
      }
    }
    return .string(output)
  }
}
