// The rules of the house, read off Package.swift and the files: rooms import downward only, Foundation stays out, files
// stay small and say what they are for.

import Foundation
import Testing

private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

/// The source files below a folder, as paths from the root, with their lines.
private func files(_ folder: String, _ endings: [String]) throws -> [(path: String, lines: [Substring])] {
  let base = root.appending(path: folder)
  let paths = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
  return try paths.filter { path in endings.contains { path.hasSuffix($0) } }.sorted().map { path in
    let text = try String(contentsOf: base.appending(path: path), encoding: .utf8)
    return ("\(folder)/\(path)", text.split(separator: "\n", omittingEmptySubsequences: false))
  }
}

/// The rooms in the order of Package.swift, each with what it may use.
private func rooms() throws -> [(name: String, uses: Set<String>)] {
  let text = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
  let target = #/\.(?:executableTarget|target|testTarget)\(\s*name: "(\w+)"(?:,\s*dependencies: \[([^\]]*)\])?/#
  return text.matches(of: target).map { match in
    let uses = match.2.map { $0.matches(of: #/"(\w+)"/#).map { String($0.1) } } ?? []
    return (String(match.1), Set(uses))
  }
}

@Suite("the house") struct HouseTests {
  @Test("a room depends only on rooms that stand below it in Package.swift") func order() throws {
    let rooms = try rooms()
    let names = rooms.map(\.name)
    #expect(names.contains("awl") && names.contains("Formats"))
    let sources = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources").path)
    for (index, room) in rooms.enumerated() where sources.contains(room.name) {
      for used in room.uses {
        let place = try #require(names.firstIndex(of: used), "\(room.name) uses \(used), which is no room")
        #expect(place > index, "\(room.name) uses \(used), which stands above it")
      }
    }
  }

  @Test("a file imports only what its room depends on, or the system's own libraries") func imports() throws {
    let rooms = try rooms()
    let system: Set<String> = ["Glibc", "Musl", "Darwin", "Dispatch", "Synchronization"]
    for room in rooms {
      let folder = root.appending(path: "Sources/\(room.name)").path
      guard FileManager.default.fileExists(atPath: folder) else { continue }
      for (path, lines) in try files("Sources/\(room.name)", [".swift"]) {
        for line in lines {
          guard let match = line.firstMatch(of: #/^\s*(?:@\w+ )?import (?:struct |func )?(\w+)/#) else { continue }
          let name = String(match.1)
          #expect(room.uses.contains(name) || system.contains(name), "\(path) imports \(name)")
        }
      }
    }
  }

  @Test("a file has at most 400 lines, tables of data excepted") func length() throws {
    let tables: Set<String> = ["Sources/Models/Catalogue/ModelTable.swift"]
    for (path, lines) in try files("Sources", [".swift", ".c", ".h"]) + files("Tests", [".swift", ".c", ".h"]) {
      let isTable = tables.contains(path) || path.hasSuffix("Table.swift") || path.hasSuffix("Data.swift")
      #expect(isTable || lines.count <= 401, "\(path) has \(lines.count) lines")
    }
  }

  @Test("a file opens by saying what it is") func opening() throws {
    for (path, lines) in try files("Sources", [".swift", ".c", ".h"]) + files("Tests", [".swift"]) {
      let first = lines.first ?? ""
      #expect(first.hasPrefix("// ") || first.hasPrefix("/* "), "\(path) opens with: \(first)")
    }
  }

  @Test("nothing stands at the top but what belongs there") func top() throws {
    let allowed: Set<String> = [
      "Package.swift", "Package.resolved", "Sources", "Tests", "README.md", "Makefile", "prompts", "evals", "LICENSE",
    ]
    let names = try FileManager.default.contentsOfDirectory(atPath: root.path)
    for name in names where !name.hasPrefix(".") { #expect(allowed.contains(name), "\(name) at the top level") }
  }

  @Test("sources crash on purpose nowhere: no try!, as!, fatalError") func crashes() throws {
    for (path, lines) in try files("Sources", [".swift"]) {
      for (number, line) in lines.enumerated() {
        let code = line.replacing(#/\/\/.*|"(?:[^"\\]|\\.)*"/#, with: "")
        for word in ["try!", "as!", "fatalError("] {
          #expect(!code.contains(word), "\(path):\(number + 1): \(word)")
        }
      }
    }
  }
}
