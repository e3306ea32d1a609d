// Files that appear together: nobody's file is lost, also where one appeared in between.

import Foundation
import Storage
import Testing

@Suite struct StagedFilesTests {
  private func content(_ path: String) throws -> String { text(try Files.read(path, limit: 1000)) }

  @Test("files appear together, the old ones replaced or continued, and nothing else is left")
  func together() throws {
    let directory = try TemporaryDirectory()
    try Files.replace(directory("old"), bytes("old"))
    try Files.replace(directory("log"), bytes("one\n"))
    let files = StagedFiles(below: directory.path)
    try files.stage("new", bytes("new"), .create)
    try files.stage("old", bytes("newer"), .overwrite)
    try files.stage("log", bytes("two\n"), .append)
    try files.stage("folder/deep", bytes("deep"), .create)
    #expect(try content(directory("old")) == "old")
    try files.commit()
    #expect(try content(directory("new")) == "new" && content(directory("old")) == "newer")
    #expect(try content(directory("log")) == "one\ntwo\n" && content(directory("folder/deep")) == "deep")
    #expect(try Files.list(directory.path).sorted() == ["folder", "log", "new", "old"])
    #expect(try Files.list(directory("folder")) == ["deep"])
  }

  @Test("a file that appeared since is not overwritten, and all others are as they were")
  func appeared() throws {
    let directory = try TemporaryDirectory()
    try Files.replace(directory("old"), bytes("old"))
    let files = StagedFiles(below: directory.path)
    try files.stage("old", bytes("newer"), .overwrite)
    try files.stage("first", bytes("mine"), .create)
    try files.stage("new", bytes("mine"), .create)
    try Files.replace(directory("new"), bytes("another's"))
    let error = #expect(throws: StorageError.self) { try files.commit() }
    #expect(error?.kind == .exists)
    #expect(try content(directory("new")) == "another's" && content(directory("old")) == "old")
    #expect(try Files.list(directory.path).sorted() == ["new", "old"])
  }

  @Test("a directory that took a file's name since is not moved away")
  func directoryAppeared() throws {
    let directory = try TemporaryDirectory()
    let files = StagedFiles(below: directory.path)
    try files.stage("a", bytes("a"), .overwrite)
    try files.stage("b", bytes("b"), .overwrite)
    try Files.makeDirectories(directory("b/inside"))
    #expect(throws: StorageError.self) { try files.commit() }
    #expect(try Files.list(directory.path) == ["b"])
    #expect(try Files.list(directory("b")) == ["inside"])
  }
}
