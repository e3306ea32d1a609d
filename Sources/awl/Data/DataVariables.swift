// The values that a template is filled with: a file's, and those of the command line over them.

import Formats
import Models
import Storage
import Templates

struct DataVariables: Sendable {
  let file: String?
  private let given: [PromptVariable]

  /// - Parameters:
  ///   - file: an object as JSON or YAML; `-` for stdin.
  ///   - pairs: as `-p` of `awl prompt` takes them.
  init(file: String?, _ pairs: [String]) throws(UsageError) {
    self.file = file
    var given: [PromptVariable] = []
    for pair in pairs { given.append(try PromptVariable(pair)) }
    self.given = given
  }

  /// How many of them take stdin.
  var stdinUses: Int { given.filter(\.usesStdin).count + (file == "-" ? 1 : 0) }

  /// The text of a template with these values.
  ///
  /// - Parameter path: `-` for stdin.
  func render(_ path: String) throws(Failure) -> String {
    let source = try DataVariables.bytes(path)
    let context = try context()
    do throws(FormatError) {
      return try Template(source).render(context)
    } catch {
      throw Failure(error.text(file: path == "-" ? "stdin" : path), .usage)
    }
  }

  private func context() throws(Failure) -> JSON {
    var members: [(String, JSON?)] = []
    if let file {
      let bytes = try DataVariables.bytes(file)
      let name = file == "-" ? "stdin" : file
      let value: JSON
      do throws(FormatError) {
        // JSON is YAML too, but for the control characters and keys that YAML is strict about.
        value = DataFormat(fileName: file) == .json ? try JSON.parse(bytes, .file) : try YAML.parse(bytes, .file)
      } catch {
        throw Failure(error.text(file: name), .usage)
      }
      guard value.kind == .object else { throw Failure("\(name): the values must be an object", .usage) }
      members = value.members.map { ($0.key, $0.value) }
    }
    for variable in given {
      let json: JSON
      switch variable.value {
      case .text(let text): json = .string(text)
      case .json(let value): json = value
      case .textFile(let path): json = .string(try Material.text(of: try DataVariables.bytes(path), from: path))
      case .jsonFile(let path):
        let bytes = try DataVariables.bytes(path)
        do throws(FormatError) { json = try JSON.parse(bytes, .file) } catch {
          throw Failure(error.text(file: path), .usage)
        }
      }
      members.removeAll { $0.0 == variable.name }
      members.append((variable.name, json))
    }
    return .object(members)
  }

  private static func bytes(_ path: String) throws(Failure) -> [UInt8] {
    do throws(StorageError) {
      guard path == "-" else { return try Files.read(path) }
      let file = try FileReader()
      var bytes: [UInt8] = []
      while true {
        let piece = try file.next(1 << 16)
        if piece.isEmpty { return bytes }
        bytes += piece
        guard bytes.count <= StandardInput.limit else {
          throw StorageError(path: "stdin", operation: .read, kind: .tooLarge(limit: StandardInput.limit))
        }
      }
    } catch {
      throw Failure(error.description, .usage)
    }
  }
}
