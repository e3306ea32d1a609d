// The reader of one file: it holds what was declared, what can be seen from where it stands, and everything that was
// found wrong. A class, since the kinds of step read their parts through it.

import Formats
import Templates

package final class ChainReader {
  let source: [UInt8]
  private(set) var problems: [ChainProblem] = []
  var scope = NameScope()
  /// Names used by what is being read, since it was last emptied.
  var uses: [NameUse] = []
  /// Whether templates may name secrets here.
  var allowsSecrets = false
  var inputs: [String: Chain.Input] = [:]
  var vars: JSON = .object([])
  var secrets: Set<String> = []
  var stores: Set<String> = []
  var policy = Policy()
  /// Every id of the file with its place, to tell what is used before it is there from what is nowhere.
  var allSteps: [String: Int] = [:]
  /// Ids of steps that could not be read.
  var broken: Set<String> = []

  let path: String
  /// What paths are relative to; absolute.
  let directory: String
  /// The chains that call this one, and this one itself, by their absolute paths.
  let callers: [String]
  /// Other files that are part of the chain, with their SHA-256.
  var files: [(path: String, sha256: String)] = []

  init(_ source: [UInt8], path: String, directory: String, callers: [String]) {
    self.source = source
    self.path = path
    self.directory = directory
    self.callers = callers + [FilePlaces.absolute(path)]
  }

  func report(_ message: String, hint: String? = nil, at offset: Int) {
    problems.append(ChainProblem(message, hint: hint, at: offset))
  }

  func check(_ value: JSON, _ shape: Shape, _ name: String) -> Bool {
    var check = ShapeCheck()
    check.check(value, shape, name)
    problems += check.problems
    return check.problems.isEmpty
  }

  func line(_ offset: Int) -> Int { SourcePosition(of: offset, in: source).line }

  // MARK: Templates

  /// A template; numbers and booleans are the text that they are written as.
  func template(_ json: JSON) -> ChainTemplate? {
    let text = json.string ?? json.numberText ?? json.bool.map { $0 ? "true" : "false" } ?? ""
    let place = ScalarPlace(offset: json.sourceOffset)
    do throws(FormatError) {
      let template = try Template(text)
      let references = TemplateReferences(template)
      let uses = resolve(references, text, place)
      return ChainTemplate(
        template: template, text: text, place: place, uses: uses,
        marksUntrusted: references.filters.contains("untrusted"))
    } catch {
      report(error, text, place)
      return nil
    }
  }

  func expression(_ json: JSON) -> ChainExpression? {
    let text = json.string ?? json.bool.map { $0 ? "true" : "false" } ?? ""
    let place = ScalarPlace(offset: json.sourceOffset)
    do throws(FormatError) {
      let expression = try TemplateExpression(text)
      return ChainExpression(
        expression: expression, text: text, place: place,
        uses: resolve(TemplateReferences(expression), text, place))
    } catch {
      report(error, text, place)
      return nil
    }
  }

  /// Any value, its texts compiled; one without a template is constant.
  func value(_ json: JSON, depth: Int = 0) -> ChainValue {
    switch json.kind {
    case .string where Shape.hasTemplate(json.string ?? "") || (json.string ?? "").utf8.contains(UInt8(ascii: "{")):
      guard let template = template(json) else { return .constant(.null) }
      return template.constant.map { $0 == json.string ? .constant(json) : .template(template) } ?? .template(template)
    case .array:
      let items = json.elements.map { value($0, depth: depth + 1) }
      return items.allSatisfy { $0.constantValue != nil } ? .constant(json) : .list(items, json.sourceOffset)
    case .object:
      let members = json.members.map { (key: $0.key, value: value($0.value, depth: depth + 1)) }
      return members.allSatisfy { $0.value.constantValue != nil }
        ? .constant(json) : .object(members, json.sourceOffset)
    default: return .constant(json)
    }
  }

  private func report(_ error: FormatError, _ text: String, _ place: ScalarPlace) {
    report(
      error.message, hint: error.hint,
      at: place.offset(of: error.position.offset, text: Array(text.utf8), in: source))
  }

  // MARK: Names

  private func resolve(_ references: TemplateReferences, _ text: String, _ place: ScalarPlace) -> [NameUse] {
    var found: [NameUse] = []
    for reference in references.names {
      guard let use = resolve(reference, text, place) else { continue }
      if !found.contains(use) { found.append(use) }
    }
    uses += found
    return found
  }

  private func resolve(_ reference: TemplateReference, _ text: String, _ place: ScalarPlace) -> NameUse? {
    func fail(_ message: String, hint: String? = nil) -> NameUse? {
      let bytes = Array(text.utf8)
      report(message, hint: hint, at: place.offset(of: reference.offset, text: bytes, in: source))
      return nil
    }
    func unknown(_ what: String, _ name: String, among names: some Sequence<String>, none: String) -> NameUse? {
      let known = Array(names)
      let near = EditDistance.suggestion(for: name, among: known).map { "did you mean '\($0)'?" }
      return fail("unknown \(what) '\(name)'", hint: near ?? (known.isEmpty ? none : nil))
    }
    func input(_ name: String) -> NameUse {
      NameUse(name: name, level: NameUse.inputLevel, index: 0, isStep: false, isGuarded: true, isRecord: false)
    }
    let member = reference.path.first
    switch reference.name {
    case "inputs":
      guard let member else { return input("inputs") }
      return inputs[member] != nil
        ? input("inputs.\(member)")
        : unknown("input", member, among: inputs.keys, none: "the chain declares no inputs")
    case "vars":
      guard let member else { return nil }
      return vars[member] != nil ? nil : unknown("var", member, among: vars.keys, none: "the chain declares no vars")
    case "secrets":
      guard let member else { return fail("'secrets' is named whole", hint: "name one: secrets.NAME") }
      guard secrets.contains(member) else {
        return unknown("secret", member, among: secrets, none: "list it under secrets:")
      }
      return allowsSecrets
        ? nil
        : fail(
          "a secret would leave the chain here", hint: "secrets go into headers of http and env of run, nowhere else")
    case "run":
      guard let member, !["id", "dir", "started"].contains(member) else { return nil }
      return unknown("member of run", member, among: ["id", "dir", "started"], none: "")
    case "steps":
      guard let member else { return fail("'steps' needs an id", hint: "write steps.ID") }
      let fields = ["status", "usage", "error", "seconds"]
      if reference.path.count > 1, !fields.contains(reference.path[1]) {
        return unknown("member of a step's record", reference.path[1], among: fields, none: "")
      }
      guard let (known, level) = scope.find(member), known.kind == .step else { return missing(member, fail) }
      return NameUse(
        name: member, level: level, index: known.index, isStep: true, isGuarded: true, isRecord: true)
    case "index", "round", "value":
      guard let (_, level) = scope.find(reference.name) else {
        let places = ["index": "within a for", "round": "within a loop", "value": "in a guard's check"]
        return fail("'\(reference.name)' means nothing here", hint: "it is known \(places[reference.name] ?? "")")
      }
      return NameUse(
        name: reference.name, level: level, index: 0, isStep: false, isGuarded: reference.isGuarded, isRecord: false)
    default:
      guard let (known, level) = scope.find(reference.name) else { return missing(reference.name, fail) }
      if let members = known.members, let member, !members.contains(member), !reference.isGuarded {
        return unknown("member of '\(reference.name)'", member, among: members, none: "")
      }
      return NameUse(
        name: reference.name, level: level, index: known.index, isStep: known.kind == .step,
        isGuarded: reference.isGuarded, isRecord: false)
    }
  }

  private func missing(_ name: String, _ fail: (String, String?) -> NameUse?) -> NameUse? {
    if broken.contains(name) { return nil }
    let outside: [(String, String)] =
      (inputs[name] != nil ? [("inputs", "inputs.\(name)")] : [])
      + (vars[name] != nil ? [("vars", "vars.\(name)")] : [])
    if let near = outside.first { return fail("unknown name '\(name)'", "did you mean '\(near.1)'?") }
    if let place = allSteps[name] {
      return fail(
        "'\(name)' cannot be seen from here",
        "the step of line \(line(place)) stands below or inside another; a step sees those above it and around it")
    }
    let near = EditDistance.suggestion(for: name, among: scope.visible)
    return fail("unknown name '\(name)'", near.map { "did you mean '\($0)'?" })
  }

  /// Gives a name to what follows in the innermost frame.
  func declare(_ name: String, _ known: KnownName, what: String) {
    if let (message, hint) = scope.objection(to: name, what: what) { report(message, hint: hint, at: known.offset) }
    scope.set(name, known)
  }
}
