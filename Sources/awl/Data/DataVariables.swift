// The values that a template is filled with: a file's, and those of the command line over them.

import Formats
import Models
import Storage
import Templates

struct DataVariables: Sendable {
  private enum Value: Sendable {
    case text(String)
    case file(String)
    case json(JSON)
  }

  let file: String?
  private var given: [(name: String, value: Value)] = []

  /// - Parameters:
  ///   - file: an object as JSON or YAML; `-` for stdin.
  ///   - pairs: `name=text`, `name=@file` or `name:=json`.
  init(file: String?, _ pairs: [String]) throws(UsageError) {
    self.file = file
    for pair in pairs {
      guard let mark = pair.firstIndex(of: "="), mark != pair.startIndex else {
        throw UsageError("-p: '\(pair)' has no value", hint: "write -p NAME=VALUE")
      }
      let text = String(pair[pair.index(after: mark)...])
      var name = pair[..<mark]
      if name.hasSuffix(":") {
        name.removeLast()
        do throws(FormatError) { given.append((String(name), .json(try JSON.parse(text, .file)))) } catch {
          throw UsageError("-p \(name): \(error.position.line):\(error.position.column): \(error.message)")
        }
      } else {
        given.append((String(name), text.hasPrefix("@") ? .file(String(text.dropFirst())) : .text(text)))
      }
      if name.isEmpty { throw UsageError("-p: '\(pair)' has no name", hint: "write -p NAME=VALUE") }
    }
  }

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
    for (name, value) in given {
      let json: JSON
      switch value {
      case .text(let text): json = .string(text)
      case .json(let value): json = value
      case .file(let path): json = .string(try Material.text(of: try DataVariables.bytes(path), from: path))
      }
      members.removeAll { $0.0 == name }
      members.append((name, json))
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
