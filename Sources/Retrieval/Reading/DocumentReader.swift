// Files into documents: finds the format and gives the file to its reader. Formats that must be seen as a whole (pages,
// notebooks, mails) have a limit; text and rows of any size are read as a stream.

import Formats
import Storage

/// Runs another program that prints the text of a file.
///
/// - Returns: What it printed; `nil` when there is no such program.
package typealias TextConverter = @Sendable (_ path: String, _ command: [String]) throws(ReadingError) -> [UInt8]?

/// Reads files of all formats.
///
///     try DocumentReader().read("notes/a.md") { document in … }
package struct DocumentReader: Sendable {
  package var columns: RowColumns
  /// For PDF and office files; without one they are refused with a hint.
  package var converter: TextConverter?
  /// In bytes, for formats that are read as a whole.
  package var wholeLimit: Int

  package init(columns: RowColumns = RowColumns(), converter: TextConverter? = nil, wholeLimit: Int = 64 << 20) {
    self.columns = columns
    self.converter = converter
    self.wholeLimit = wholeLimit
  }

  /// Gives the documents of a file in their order, and the state the file was read in.
  ///
  /// - Throws: `ReadingError`, and whatever `body` throws. Documents given before an error count for nothing: the file may
  ///   have changed under them.
  @discardableResult
  package func read(_ path: String, _ body: (Document) throws -> Void) throws -> FileStamp {
    var file = try SourceFile(path)
    let head = try file.head(512)
    switch FileFormat.of(name: FolderWalk.name(path), head: head) {
    case .text(let kind): try TextReader(kind: kind).read(&file, body)
    case .csv:
      try RowDocuments(path: path, columns: columns).readTable(&file, CSV.Options(allowsBareQuotes: true), body)
    case .tabs: try RowDocuments(path: path, columns: columns).readTable(&file, .tabs, body)
    case .jsonLines: try RowDocuments(path: path, columns: columns).readLines(&file, body)
    case .html:
      let page = HTMLReader.read(try text(&file))
      try body(
        Document(path: path, kind: .markdown, title: page.title, text: page.text, map: .marks(page.marks)))
    case .notebook:
      let bytes = try text(&file)
      let notebook = try formatted(path) { () throws(FormatError) in try NotebookReader.read(bytes) }
      try body(
        Document(path: path, kind: .markdown, title: notebook.title, text: notebook.text, map: .marks(notebook.marks)))
    case .mail:
      let mail = MailReader.read(try file.readAll(limit: wholeLimit))
      try body(
        Document(
          path: path, kind: .prose, title: mail.title, metadata: mail.metadata, text: mail.text, map: .marks(mail.marks)
        ))
    case .pdf:
      let bytes = try convert(
        path, ["pdftotext", "-enc", "UTF-8", path, "-"], hint: "install poppler-utils, or give the text instead")
      try body(Document(path: path, kind: .prose, text: bytes, map: .pages))
      try file.checkUnread()
    case .office(let format):
      let bytes = try convert(
        path, ["pandoc", "--from", format, "--to", "gfm", "--wrap", "none", path],
        hint: "install pandoc, or give the text instead")
      try body(Document(path: path, kind: .markdown, text: bytes, map: .pages))
      try file.checkUnread()
    }
    return file.stamp
  }

  /// The whole file in UTF-8.
  private func text(_ file: inout SourceFile) throws(ReadingError) -> [UInt8] {
    let bytes = try file.readAll(limit: wholeLimit)
    let (encoding, mark) = TextEncoding.of(bytes)
    guard encoding == .utf16BigEndian || encoding == .utf16LittleEndian || !bytes.prefix(1 << 16).contains(0) else {
      throw .binary(path: file.path)
    }
    return encoding.decode(bytes[mark...])
  }

  private func formatted<Result>(
    _ path: String, _ body: () throws(FormatError) -> Result
  ) throws(ReadingError) -> Result {
    do throws(FormatError) { return try body() } catch { throw .format(path: path, error) }
  }

  private func convert(_ path: String, _ command: [String], hint: String) throws(ReadingError) -> [UInt8] {
    guard let text = try converter?(path, command) else {
      throw .needsProgram(path: path, program: command[0], hint: hint)
    }
    return TextEncoding.utf8.decode(text)
  }
}
