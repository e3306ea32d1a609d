// From the variables of a test to those of a case: lists of texts make a matrix, files are read, texts that speak of other
// variables are rendered. The order is promptfoo's.

import Formats
import Models
import Storage

/// The combinations of a test's variables.
package struct VarMatrix: Sequence, IteratorProtocol {
  private let vars: JSON
  /// Variables with several values.
  private var axes: [(name: String, values: [JSON])] = []
  private var places: [Int] = []
  private var isDone = false

  /// Combinations that one test may have.
  package static let most = 100_000

  /// - Parameter directory: what paths of `file://` patterns begin at.
  package init(_ vars: JSON, file: SuiteFile, expands: Bool) {
    self.vars = vars
    guard expands else { return }
    for (name, value) in vars.members {
      if value.kind == .array, value[0]?.kind == .string {
        axes.append((name, Array(value.elements)))
      } else if value.kind == .string, let text = value.string, text.hasPrefix("file://"),
        SuiteFiles.isPattern(text), !PromptTemplateText.hasTag(text)
      {
        let found = SuiteFiles.matches(file.path(text))
        // A pattern without a file stays, so that the case says what is missing.
        if !found.isEmpty { axes.append((name, found.map { .string("file://" + absolute($0)) })) }
      }
    }
    places = [Int](repeating: 0, count: axes.count)
  }

  package var count: Int { axes.reduce(1) { $0.multipliedReportingOverflow(by: $1.values.count).partialValue } }

  package mutating func next() -> JSON? {
    guard !isDone else { return nil }
    guard !axes.isEmpty else {
      isDone = true
      return vars
    }
    var builder = JSONBuilder()
    builder.beginObject()
    for (name, value) in vars.members {
      builder.key(name)
      if let axis = axes.firstIndex(where: { $0.name == name }) {
        builder.value(axes[axis].values[places[axis]])
      } else {
        builder.value(value)
      }
    }
    builder.endContainer()
    // The last variable turns fastest.
    var axis = axes.count - 1
    while axis >= 0 {
      places[axis] += 1
      if places[axis] < axes[axis].values.count { break }
      places[axis] = 0
      axis -= 1
    }
    if axis < 0 { isDone = true }
    return builder.finish()
  }
}

private func absolute(_ path: String) -> String {
  path.hasPrefix("/") ? path : Paths.join(Paths.workingDirectory() ?? ".", path)
}

package enum CaseVars {
  /// The variables as prompts get them. Blocks on the disk where one names a file.
  ///
  /// - Parameter renders: whether texts may speak of other variables.
  package static func resolved(
    _ vars: JSON, file: SuiteFile, environment: [String: String], renders: Bool = true
  ) throws(CellFault) -> JSON {
    guard needsWork(vars) else { return vars }
    var members: [(String, JSON?)] = []
    var hasTags = false
    for (name, value) in vars.members {
      var value = value
      if let text = value.string {
        var text = text
        if text.hasPrefix("file://"), !PromptTemplateText.hasTag(text) { text = try load(file.path(text), name) }
        if text.utf8.last == 0x0A { text = String(text.dropLast()) }
        hasTags = hasTags || (renders && PromptTemplateText.hasTag(text))
        value = .string(text)
      }
      members.append((name, value))
    }
    var passes = 0
    while hasTags, passes < 5 {
      passes += 1
      hasTags = false
      let scope = CaseScope(.object(members), environment: environment)
      var changed = false
      for place in members.indices {
        guard let text = members[place].1?.string, PromptTemplateText.hasTag(text) else { continue }
        let rendered = try PromptTemplateText.render(text, scope)
        if rendered != text {
          changed = true
          members[place].1 = .string(rendered)
        }
        hasTags = hasTags || PromptTemplateText.hasTag(rendered)
      }
      if !changed { break }
    }
    return .object(members)
  }

  private static func needsWork(_ vars: JSON) -> Bool {
    vars.members.contains { _, value in
      guard let text = value.string else { return false }
      return text.utf8.last == 0x0A || text.hasPrefix("file://") || PromptTemplateText.hasTag(text)
    }
  }

  private static func load(_ path: String, _ name: String) throws(CellFault) -> String {
    if [".js", ".cjs", ".mjs", ".ts", ".py", ".pdf"].contains(where: path.hasSuffix) {
      throw CellFault("render", "the variable '\(name)': \(path) is no text, and its kind is not supported", 2)
    }
    let bytes: [UInt8]
    do throws(StorageError) { bytes = try Files.read(path, limit: 64 << 20) } catch {
      throw CellFault("render", "the variable '\(name)': \(error.description)", 2)
    }
    if path.hasSuffix(".yaml") || path.hasSuffix(".yml") {
      do throws(FormatError) { return try YAML.parse(bytes).text } catch {
        throw CellFault("render", "the variable '\(name)': \(error.text(file: path))", 2)
      }
    }
    if case .media(.image, let type) = MediaType.of(Array(bytes.prefix(512))) {
      return "data:\(type);base64,\(Base64.text(bytes))"
    }
    guard bytes.withUnsafeBytes({ UTF8Validation.firstInvalid($0) }) == nil else {
      throw CellFault("render", "the variable '\(name)': \(path) is not UTF-8 text", 2)
    }
    return String(decoding: bytes, as: UTF8.self).trimmedOfSpace
  }
}
