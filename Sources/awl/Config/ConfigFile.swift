// One configuration file: found, read, and checked against the table. All that is wrong with it is told at once.

import Formats
import Storage

/// A file that was read: its values by their paths, and what is wrong with it.
struct ConfigFile: Sendable {
  /// As it is shown.
  let path: String
  /// Where relative paths in it start.
  let directory: String
  let isProject: Bool
  let bytes: [UInt8]
  private(set) var leaves: [ConfigLeaf] = []
  private(set) var problems: [String] = []

  /// No configuration file is larger than this, in bytes.
  static let limit = 1 << 20
  /// More problems than a person reads at once are cut.
  private static let mostProblems = 50

  /// Reads a file; `nil` where there is none.
  ///
  /// - Parameter isNamed: a person named it (AWL_CONFIG), so that it is wrong where it is missing.
  static func read(_ path: String, isProject: Bool, isNamed: Bool = false) -> ConfigFile? {
    var file = ConfigFile(path: path, isProject: isProject, bytes: [])
    do throws(StorageError) {
      guard let status = try FileStatus.of(path) else {
        file.problems = ["\(path): no such file, and AWL_CONFIG names it"]
        return isNamed ? file : nil
      }
      guard status.kind == .regular else {
        file.problems = [status.kind == .directory ? "\(path): is a directory (name a file)" : "\(path): is no file"]
        return file
      }
      file = ConfigFile(path: path, isProject: isProject, bytes: try Files.read(path, limit: limit))
    } catch {
      if !isNamed, error.kind == .notFound || error.kind == .notDirectory { return nil }
      file.problems = [error.description]
      return file
    }
    file.parse()
    return file
  }

  init(path: String, isProject: Bool, bytes: [UInt8]) {
    self.path = path
    self.isProject = isProject
    self.bytes = bytes
    directory = Paths.parent(path) ?? "/"
  }

  /// Reads the bytes and checks every value.
  mutating func parse() {
    let root: JSON
    do throws(FormatError) {
      root = try YAML.parse(bytes, .file)
    } catch {
      problems = [error.text(file: path)]
      return
    }
    if root.isNull { return }
    check(root, .keys(ConfigTable.root), [], nil)
    if problems.count > ConfigFile.mostProblems {
      let more = problems.count - ConfigFile.mostProblems
      problems = problems.prefix(ConfigFile.mostProblems) + ["\(path): and \(more) more problems"]
    }
  }

  private mutating func report(_ position: SourcePosition?, _ message: String, _ hint: String? = nil) {
    let place = position.map { "\(path):\($0.line):\($0.column)" } ?? path
    problems.append("\(place): \(message)\(hint.map { " (\($0))" } ?? "")")
  }

  // MARK: Checking

  private mutating func check(_ value: JSON, _ shape: ConfigShape, _ at: [String], _ trust: TrustNeed?) {
    switch shape {
    case .keys(let keys):
      guard value.kind == .object else { return mismatch(value, shape, at) }
      for (name, member) in value.members {
        guard let key = keys.first(where: { $0.name == name }) else {
          unknown(name, value.keyPosition(name), at, keys.map(\.name))
          continue
        }
        check(member, key.shape, at + [name], trust ?? key.trust)
      }
    case .names(_, let shape):
      guard value.kind == .object else { return mismatch(value, .names("names", shape), at) }
      for (name, member) in value.members { check(member, shape, at + [name], trust) }
    case .list(let element):
      guard value.kind == .array else { return mismatch(value, shape, at) }
      // A list is one value: what is in it is checked, and kept as a whole.
      var inside = ConfigFile(path: path, isProject: isProject, bytes: bytes)
      for (index, item) in value.elements.enumerated() { inside.check(item, element, at + ["\(index)"], trust) }
      problems += inside.problems
      add(value, at, trust)
    default:
      if isWellFormed(value, shape) { add(value, at, trust) } else { mismatch(value, shape, at) }
      checkMeaning(value, shape, at)
    }
  }

  private mutating func add(_ value: JSON, _ at: [String], _ trust: TrustNeed?) {
    leaves.append(ConfigLeaf(path: at, value: value, place: ConfigPlace(path, directory, value.position), trust: trust))
  }

  private func isWellFormed(_ value: JSON, _ shape: ConfigShape) -> Bool {
    switch shape {
    case .text: return value.string?.isEmpty == false
    case .choice(let words): return value.string.map(words.contains) ?? false
    case .whole(let range): return value.int.map(range.contains) ?? false
    case .number(let range): return value.double.map(range.contains) ?? false
    case .flag: return value.bool != nil
    case .duration: return ConfigUnits.seconds(value) != nil
    case .size: return ConfigUnits.bytes(value) != nil
    case .day: return value.string.map(ConfigFile.isDay) ?? false
    case .pattern: return value.string != nil
    case .texts, .choices:
      return value.kind == .array
        ? value.elements.allSatisfy { $0.string?.isEmpty == false } : value.string?.isEmpty == false
    case .textMap(let allowsNull):
      return value.kind == .object
        && value.members.allSatisfy { $0.value.kind == .string || allowsNull && $0.value.isNull }
    case .anyMap: return value.kind == .object
    case .keys, .names, .list: return true
    }
  }

  /// What a value of the right form can still get wrong.
  private mutating func checkMeaning(_ value: JSON, _ shape: ConfigShape, _ at: [String]) {
    switch shape {
    case .pattern:
      guard let text = value.string else { return }
      do { _ = try RegularExpression(text) } catch { report(value.position, "\(dotted(at)): \(error)") }
    case .choices(let words):
      for item in value.texts where !words.contains(item.text) {
        let near = EditDistance.suggestion(for: item.text, among: words)
        report(
          item.position, "\(dotted(at)): unknown word '\(item.text)'",
          near.map { "did you mean '\($0)'?" } ?? words.joined(separator: ", "))
      }
    case .textMap where at.last == "headers":
      for (name, member) in value.members {
        let position = value.keyPosition(name)
        if CredentialHeaders.names.contains(name.lowercased()), !member.isNull {
          report(position, "\(dotted(at)): a key has no place in this file", "key_env, key_command, or awl keys set")
        } else if !HeaderSyntax.isName(name) || !(member.string.map(HeaderSyntax.isValue) ?? true) {
          report(position, "\(dotted(at)): '\(name)' is no header", "no spaces in the name, no line ends in the value")
        }
      }
    case .text where at.last == "base_url":
      guard let text = value.string else { return }
      if !AddressSyntax.isAddress(text) {
        report(value.position, "\(dotted(at)): '\(text)' is no address", AddressSyntax.hint)
      }
    default: break
    }
  }

  private mutating func mismatch(_ value: JSON, _ shape: ConfigShape, _ at: [String]) {
    if value.isNull {
      // A key without a value says nothing yet; a mapping may be empty.
      if case .keys = shape { return }
      if case .names = shape { return }
    }
    let found =
      switch value.kind {
      case .null: "nothing stands here"
      case .object: "a mapping stands here"
      case .array: "a list stands here"
      case .string: "'\(value.string ?? "")' is not"
      default: "\(value.text) is not"
      }
    var hint: String?
    if case .choice(let words) = shape, let text = value.string,
      let near = EditDistance.suggestion(for: text, among: words)
    {
      hint = "did you mean '\(near)'?"
    } else if case .text = shape, value.kind != .string, value.kind != .object, value.kind != .array, !value.isNull {
      hint = "put it in quotes"
    }
    report(
      value.position, "\(at.isEmpty ? "the file" : dotted(at)): \(shape.expectation) is expected, and \(found)", hint)
  }

  private mutating func unknown(_ name: String, _ position: SourcePosition?, _ at: [String], _ known: [String]) {
    let near = ConfigPath.nearest(to: name, among: known)
    let place = at.isEmpty ? "" : "\(dotted(at)): "
    report(
      position, "\(place)unknown key '\(name)'",
      near.map { "did you mean '\($0)'?" } ?? (at.isEmpty ? "see awl help config" : known.joined(separator: ", ")))
  }

  private func dotted(_ path: [String]) -> String { ConfigPath.text(path) }

  private static func isDay(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == 0x2D, bytes[7] == 0x2D else { return false }
    return bytes.enumerated().allSatisfy { $0.offset == 4 || $0.offset == 7 || (0x30...0x39).contains($0.element) }
  }
}

/// A value with its path and the place that it comes from.
struct ConfigLeaf: Sendable {
  var path: [String]
  var value: JSON
  var place: ConfigPlace
  var trust: TrustNeed?
}

/// Where a value stands.
struct ConfigPlace: Sendable {
  var file: String
  /// Where relative paths start.
  var directory: String
  var position: SourcePosition

  init(_ file: String, _ directory: String, _ position: SourcePosition) {
    self.file = file
    self.directory = directory
    self.position = position
  }

  /// `FILE:LINE`
  var text: String { "\(file):\(position.line)" }

  /// A path of the file, from where it counts.
  func resolve(_ path: String, home: String?) -> String {
    if path.hasPrefix("/") { return path }
    if path == "~" || path.hasPrefix("~/"), let home { return home + path.dropFirst() }
    return Paths.join(directory, path)
  }
}

extension JSON {
  /// The texts of a text or of a list of texts, each with its place.
  var texts: [(text: String, position: SourcePosition)] {
    if let string { return [(string, position)] }
    return elements.compactMap { item in item.string.map { ($0, item.position) } }
  }
}
