// The JSON in a model's answer. Models wrap it in a fence, talk before and after it, and leave a comma at the end of a
// list; each of these is read, and said. What is still no JSON then is an error with its place in the answer.

import Formats

/// A JSON value found in an answer, with what had to be overlooked.
package struct AnswerJSON: Sendable {
  var value: JSON
  /// What was not as it should be, in words: `a code fence around it`.
  var repairs: [String]

  /// Most places in an answer at which a value is looked for.
  private static let placeLimit = 16

  /// The values that an answer may mean, the likeliest first: the whole of it, what stands in code fences, and what
  /// stands in brackets within the talk.
  static func candidates(in text: String) -> Result<[AnswerJSON], FormatError> {
    do throws(FormatError) {
      return .success([AnswerJSON(value: try JSON.parse(text), repairs: [])])
    } catch {
      var found: [AnswerJSON] = []
      let blocks = FencedBlock.all(in: text).prefix(placeLimit)
      for block in blocks {
        if let json = read(Array(block.utf8), ["a code fence around it"]) { found.append(json) }
      }
      if found.isEmpty { found = bracketed(Array(text.utf8)) }
      return found.isEmpty ? .failure(blocks.first.flatMap(fault) ?? error) : .success(found)
    }
  }

  /// What is wrong with the content of a fence: of more use than that there is a fence.
  private static func fault(_ block: String) -> FormatError? {
    do throws(FormatError) {
      _ = try JSON.parse(block)
      return nil
    } catch {
      var error = error
      error.message += " (within the code fence)"
      return error
    }
  }

  /// A value in whole bytes, its last commas overlooked.
  private static func read(_ bytes: [UInt8], _ repairs: [String]) -> AnswerJSON? {
    if let value = try? JSON.parse(bytes) { return AnswerJSON(value: value, repairs: repairs) }
    let mended = withoutLastCommas(bytes)
    guard mended.count < bytes.count, let value = try? JSON.parse(mended) else { return nil }
    return AnswerJSON(value: value, repairs: repairs + ["a comma after the last element"])
  }

  /// The objects and arrays that stand in talk, from left to right. Each byte is looked at once, but for the few places
  /// that look like a beginning and are none.
  private static func bracketed(_ bytes: [UInt8]) -> [AnswerJSON] {
    var found: [AnswerJSON] = []
    var start = 0
    var tries = 0
    while tries < placeLimit, let open = bytes[start...].firstIndex(where: { $0 == 0x7B || $0 == 0x5B }) {
      tries += 1
      guard let end = end(of: open, in: bytes), var json = read(Array(bytes[open..<end]), []) else {
        start = open + 1
        continue
      }
      if bytes[..<open].contains(where: { $0 > 0x20 }) { json.repairs.insert("text before it", at: 0) }
      if bytes[end...].contains(where: { $0 > 0x20 }) { json.repairs.append("text behind it") }
      found.append(json)
      start = end
    }
    return found
  }

  /// The place behind the bracket that closes the one at `open`; `nil` where none does.
  package static func end(of open: Int, in bytes: [UInt8]) -> Int? {
    var depth = 0
    var isInString = false
    var index = open
    while index < bytes.count {
      let byte = bytes[index]
      if isInString {
        if byte == 0x5C { index += 1 } else if byte == 0x22 { isInString = false }
      } else {
        switch byte {
        case 0x22: isInString = true
        case 0x7B, 0x5B: depth += 1
        case 0x7D, 0x5D:
          depth -= 1
          if depth == 0 { return index + 1 }
        default: break
        }
      }
      index += 1
    }
    return nil
  }

  /// The text without commas that only white space parts from a closing bracket.
  private static func withoutLastCommas(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var isInString = false
    var isEscaped = false
    /// Where the last comma outside of strings stands in `result`, as long as nothing but white space follows it.
    var comma: Int?
    for byte in bytes {
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == 0x5C {
          isEscaped = true
        } else if byte == 0x22 {
          isInString = false
        }
      } else if byte == 0x2C {
        comma = result.count
      } else if byte > 0x20 {
        if byte == 0x7D || byte == 0x5D, let comma { result.remove(at: comma) }
        comma = nil
        isInString = byte == 0x22
      }
      result.append(byte)
    }
    return result
  }
}
