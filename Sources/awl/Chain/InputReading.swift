// The inputs of a chain from the command line: `-p`, `--inputs`, and stdin as the one required input that nothing else
// gives.

import Chains
import Formats
import Models
import Storage

struct InputReading {
  let chain: Chain
  let program: Program

  /// The inputs that were given, and the names of those that came from outside.
  func inputs(
    _ parameters: [String], _ file: String?, readsStandardInput: Bool = true
  ) async throws(Failure) -> (JSON, Set<String>) {
    var given: [(String, JSON?)] = []
    func set(_ name: String, _ value: JSON) {
      given.removeAll { $0.0 == name }
      given.append((name, value))
    }
    if let file {
      let json = try parsed(file)
      guard json.kind == .object else { throw Failure("\(file): inputs are an object", .usage) }
      for (name, value) in json.members { set(name, placed(name, value, isFromFile: true)) }
    }
    var seen: Set<String> = []
    for parameter in parameters {
      let (name, value) = try self.parameter(parameter)
      guard seen.insert(name).inserted else { throw Failure("-p \(name) is given twice", .usage) }
      set(name, placed(name, value, isFromFile: false))
    }
    for input in chain.inputs where input.kind == .path || input.kind == .image {
      guard !given.contains(where: { $0.0 == input.name }), let path = input.fallback?.string else { continue }
      set(input.name, .string(FilePlaces.inChain(path, directory: chain.directory)))
    }
    var tainted: Set<String> = []
    let missing = chain.inputs.filter { input in input.fallback == nil && !given.contains { $0.0 == input.name } }
    if readsStandardInput, missing.count == 1, let input = missing.first, !program.environment.isInputTerminal {
      if let text = try await standardInput(for: input) {
        set(input.name, text)
        tainted.insert(input.name)
      }
    }
    return (.object(given), tainted)
  }

  /// `k=text`, `k=@file`, `k:=json`.
  private func parameter(_ text: String) throws(Failure) -> (String, JSON) {
    guard let mark = text.firstIndex(of: "="), mark != text.startIndex else {
      throw Failure("-p: '\(text)' has no value (write -p NAME=VALUE)", .usage)
    }
    var name = String(text[..<mark])
    let value = String(text[text.index(after: mark)...])
    let isJSON = name.hasSuffix(":")
    if isJSON { name.removeLast() }
    guard let input = chain.inputs.first(where: { $0.name == name }) else {
      let near = EditDistance.suggestion(for: name, among: chain.inputs.map(\.name)).map { "did you mean '\($0)'?" }
      let known =
        chain.inputs.isEmpty ? "the chain has none" : "it has \(chain.inputs.map(\.name).joined(separator: ", "))"
      throw Failure("-p: unknown input '\(name)' (\(near ?? known))", .usage)
    }
    if isJSON {
      do throws(FormatError) {
        return (name, try JSON.parse(value))
      } catch {
        throw Failure("-p \(name): not JSON: \(error.message) (-p \(name)=… gives a text)", .usage)
      }
    }
    // A path is a path; of the others `@` names the file that has the text.
    if value.hasPrefix("@"), input.kind != .path, input.kind != .image {
      return (name, try typed(try contents(String(value.dropFirst())), input))
    }
    return (name, try typed(value, input))
  }

  private func typed(_ text: String, _ input: Chain.Input) throws(Failure) -> JSON {
    do throws(StepFailure) {
      return try ChainInputs.value(text, for: input)
    } catch {
      throw Failure("-p \(input.name): \(error.text)", .usage)
    }
  }

  /// Paths of the command line are relative to the working directory; the chain sees them from its own.
  private func placed(_ name: String, _ value: JSON, isFromFile: Bool) -> JSON {
    guard let input = chain.inputs.first(where: { $0.name == name }), input.kind == .path || input.kind == .image,
      let path = value.string
    else { return value }
    return .string(FilePlaces.inChain(FilePlaces.absolute(path), directory: chain.directory))
  }

  private func contents(_ path: String) throws(Failure) -> String {
    do throws(StorageError) {
      let bytes = try Files.read(path, limit: 64 << 20)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw StorageError(path: path, operation: .read, kind: .corrupt(offset: 0))
      }
      return text
    } catch {
      throw Failure(error.description, .usage)
    }
  }

  private func parsed(_ path: String) throws(Failure) -> JSON {
    let bytes = Array(try contents(path).utf8)
    do throws(FormatError) {
      return path.hasSuffix(".json") ? try JSON.parse(bytes, .file) : try YAML.parse(bytes, .file)
    } catch {
      throw Failure(error.text(file: path), .usage)
    }
  }

  private func standardInput(for input: Chain.Input) async throws(Failure) -> JSON? {
    guard let bytes = try await StandardInput.read(.forEver, program), !bytes.isEmpty else { return nil }
    guard var text = String(validating: bytes, as: UTF8.self) else { throw Failure("stdin is no UTF-8 text", .usage) }
    if input.kind != .string, text.hasSuffix("\n") { text.removeLast() }
    guard input.kind != .path, input.kind != .image else { return nil }
    return try typed(text, input)
  }
}
