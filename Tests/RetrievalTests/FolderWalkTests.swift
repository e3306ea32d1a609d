// Walking folders: patterns, ignore files, links, hidden files, order.

import Foundation
import Storage
import Testing

@testable import Retrieval

@Suite("Folders") struct FolderWalkTests {
  @Test(
    "a pattern matches",
    arguments: [
      ("a.txt", "a.txt", true), ("*.txt", "a.txt", true), ("*.txt", "d/a.txt", false), ("a?c", "abc", true),
      ("a?c", "aéc", true), ("a?c", "a/c", false), ("a??c", "aéc", false), ("[a-c]x", "bx", true),
      ("[!a-c]x", "bx", false),
      ("[!a-c]x", "éx", true), ("[]x]", "]", true), ("[ab", "[ab", true), ("**/x", "x", true), ("**/x", "a/b/x", true),
      ("**/x", "ax", false), ("a/**", "a/b/c", true), ("a/**", "b/a", false), ("a/**/b", "a/b", true),
      ("a/**/b", "a/x/y/b", true), ("a/**/b", "a/xb", false), ("a**b", "axxb", true), ("a**b", "a/b", false),
      ("\\*", "*", true), ("\\*", "a", false), ("*a*b*c*", "xxaxxbxxcxx", true), ("*a*b*c*", "xxaxxcxxbxx", false),
      ("**", "a/b", true), ("*", "", true), ("**/*.md", "a/b.md", true), ("**/*.md", "b.md", true),
    ])
  func patterns(pattern: String, path: String, matches: Bool) {
    #expect(Glob(pattern.utf8).matches(Array(path.utf8)) == matches)
  }

  @Test("braces stand for alternatives")
  func braces() {
    let globs = Glob.expanding("*.{md,t{x,s}t}")
    #expect(globs.count == 3)
    #expect(["a.md", "a.txt", "a.tst"].allSatisfy { name in globs.contains { $0.matches(Array(name.utf8)) } })
    #expect(Glob.expanding("{a").count == 1)
    #expect(Glob.expanding(String(repeating: "{a,b}", count: 40)).count <= 512)
  }

  @Test("a pattern of many stars takes no longer than its length times the path's")
  func stars() {
    let pattern = String(repeating: "*a", count: 60) + "b"
    #expect(!Glob(pattern.utf8).matches(Array(String(repeating: "a", count: 3000).utf8)))
  }

  private func found(_ folder: Folder, _ options: FolderWalk.Options = .init(), root: String = "") throws -> (
    [String], WalkCounts
  ) {
    var walk = FolderWalk(options)
    var names: [String] = []
    try walk.visit(root.isEmpty ? folder.path : folder.path + "/" + root) { names.append($0.relative) }
    return (names, walk.counts)
  }

  @Test("ignore files are honoured as git does it")
  func ignoreFiles() throws {
    let folder = try Folder([
      ".gitignore": "*.log\n!keep.log\n/build/\nout\n# note\nsub/*.tmp\nd\\ e\\ \n\\!bang\n**/deep\n",
      "a.txt": "", "a.log": "", "keep.log": "", "build/x.txt": "", "sub/build/x.txt": "", "out/y": "", "sub/out": "",
      "sub/a.tmp": "", "sub/b/a.tmp": "", "sub/.gitignore": "!a.log\n*.txt\n", "sub/a.log": "", "sub/b.txt": "",
      "!bang": "", "x/y/deep/z": "", ".git/config": "", ".hidden": "", "buildx": "",
    ])
    let (names, counts) = try found(folder)
    #expect(names == ["a.txt", "buildx", "keep.log", "sub/a.log", "sub/b/a.tmp"])
    #expect(counts.files == 5)
    #expect(counts.ignored == 9)
    // What stands above the folder holds too, since there is a repository around both.
    let (below, _) = try found(folder, root: "sub")
    #expect(below == ["a.log", "b/a.tmp"])
    let (all, _) = try found(folder, .init(honoursIgnoreFiles: false, takesHidden: true))
    #expect(all.count == 17)
    #expect(!all.contains { $0.hasPrefix(".git/") })
  }

  @Test("include and exclude take names and paths")
  func includeExclude() throws {
    let folder = try Folder(["a.md": "", "b.txt": "", "docs/c.md": "", "docs/old/d.md": "", "docs/e.swift": ""])
    #expect(try found(folder, .init(include: ["*.md"])).0 == ["a.md", "docs/c.md", "docs/old/d.md"])
    #expect(
      try found(folder, .init(include: ["*.{md,txt}"], exclude: ["docs/old/"])).0 == ["a.md", "b.txt", "docs/c.md"])
    #expect(try found(folder, .init(include: ["docs/**"], exclude: ["old"])).0 == ["docs/c.md", "docs/e.swift"])
    #expect(try found(folder, .init(include: ["./*.md"])).0 == ["a.md"])
    #expect(try found(folder, root: "docs/*.md").0 == ["c.md"])
    #expect(try found(folder, root: "**/*.md").0 == ["a.md", "docs/c.md", "docs/old/d.md"])
  }

  @Test("links are left out, or followed without going round")
  func links() throws {
    let folder = try Folder(["a/b/c.txt": "x"])
    let other = try Folder(["secret.txt": "y"])
    let manager = FileManager.default
    try manager.createSymbolicLink(atPath: folder.path + "/a/loop", withDestinationPath: "..")
    try manager.createSymbolicLink(atPath: folder.path + "/out", withDestinationPath: other.path)
    try manager.createSymbolicLink(atPath: folder.path + "/dangling", withDestinationPath: "nowhere")
    let (names, counts) = try found(folder)
    #expect(names == ["a/b/c.txt"])
    #expect(counts.links == 3)
    #expect(try found(folder, .init(followsLinks: true)).0 == ["a/b/c.txt", "out/secret.txt"])
  }

  @Test("pipes are counted and never opened")
  func pipes() throws {
    let folder = try Folder(["a": ""])
    #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
    let (names, counts) = try found(folder)
    #expect(names == ["a"])
    #expect(counts.special == 1)
    #expect(throws: ReadingError.self) { try DocumentReader().read(folder.path + "/pipe") { _ in } }
  }

  @Test("a file that is named itself is given; what is not there is an error")
  func roots() throws {
    let folder = try Folder([".hidden.txt": "x"])
    #expect(try found(folder, root: ".hidden.txt").0 == [".hidden.txt"])
    #expect(throws: StorageError(path: folder.path + "/no", operation: .open, kind: .notFound)) {
      try found(folder, root: "no")
    }
    #expect(throws: StorageError.self) { try found(folder, root: "*.md") }
  }

  @Test("the order is that of the names' bytes, a folder in its place")
  func order() throws {
    let folder = try Folder(["b/x": "", "a": "", "c": "", "B": "", "b.txt": "", "b/a/y": ""])
    #expect(try found(folder).0 == ["B", "a", "b/a/y", "b/x", "b.txt", "c"])
  }
}
