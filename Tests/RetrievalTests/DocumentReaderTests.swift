// Files into texts: each format, encodings, places, windows, and files that are not what they say.

import Formats
import Foundation
import Testing

@testable import Retrieval

@Suite("Reading files") struct DocumentReaderTests {
  private func read(_ name: String, _ data: Data, _ reader: DocumentReader = DocumentReader()) throws -> [Document] {
    let folder = try Folder()
    let path = try folder.write(name, data)
    var documents: [Document] = []
    try reader.read(path) { documents.append($0) }
    return documents
  }

  private func read(_ name: String, _ text: String, _ reader: DocumentReader = DocumentReader()) throws -> [Document] {
    try read(name, Data(text.utf8), reader)
  }

  private func text(_ document: Document?) -> String { String(decoding: document?.text ?? [], as: UTF8.self) }

  @Test(
    "a file's kind is told by its name, else by its start",
    arguments: [
      ("a.md", "", FileFormat.text(.markdown)), ("A.MD", "", .text(.markdown)),
      ("a.py", "", .text(.code(hasBraces: false))),
      ("a.swift", "", .text(.code(hasBraces: true))), ("README", "", .text(.prose)), ("a", "%PDF-1.7", .pdf),
      ("a", "#!/bin/sh", .text(.code(hasBraces: false))), ("a", "\n <!DOCTYPE HTML>", .html),
      ("x.docx", "", .office("docx")),
      ("a.jsonl", "", .jsonLines), ("a.b.tsv", "", .tabs), ("a.json", "", .text(.data)),
    ])
  func formats(name: String, head: String, format: FileFormat) {
    #expect(FileFormat.of(name: name, head: Array(head.utf8)) == format)
  }

  @Test("text is given byte for byte, with its place")
  func plain() throws {
    let document = try #require(try read("a.txt", "\u{FEFF}one\ntwo\n").first)
    #expect(text(document) == "one\ntwo\n")
    #expect(document.place(bytes: 4..<7, lines: 2...2) == SourcePlace(bytes: 7..<10, lines: 2...2))
    #expect(try read("empty.txt", "").isEmpty)
  }

  @Test("other encodings become UTF-8, with the lines of the file")
  func encodings() throws {
    let latin = try read("a.txt", Data([0x63, 0x61, 0x66, 0xE9, 0x0A, 0x80, 0x35, 0x0A]))
    #expect(text(latin.first) == "café\n€5\n")
    #expect(latin.first?.place(bytes: 6..<10, lines: 2...2) == SourcePlace(bytes: 5..<8, lines: 2...2))
    for encoding in [String.Encoding.utf16LittleEndian, .utf16BigEndian] {
      let data = try #require("\u{FEFF}één\n日本\n".data(using: encoding))
      let wide = try read("a.txt", data)
      #expect(text(wide.first) == "één\n日本\n")
      #expect(wide.first?.place(bytes: 6..<12, lines: 2...2).lines == 2...2)
    }
    let broken = try read("a.txt", Data("é ok ".utf8) + Data([0xFF]) + Data(" and much more text\n".utf8))
    #expect(text(broken.first) == "é ok \u{FFFD} and much more text\n")
  }

  @Test("binary files are refused")
  func binary() throws {
    #expect(throws: ReadingError.self) { try read("a.bin", Data([1, 2, 0, 3])) }
    #expect(throws: ReadingError.self) { try read("a.html", Data([0x3C, 0, 0x3E])) }
  }

  @Test("a long file comes in windows that fit together, cut at blank lines or at characters")
  func windows() throws {
    let folder = try Folder()
    for (text, strategy) in [
      ((0..<2000).map { "Paragraph \($0) é\n\n" }.joined(), "lines"),
      (String(repeating: "日本", count: 20_000), "one line"),
    ] {
      let path = try folder.write("a.md", Data(text.utf8))
      var documents: [Document] = []
      var file = try SourceFile(path)
      try TextReader(kind: .markdown, window: 10_000).read(&file) { documents.append($0) }
      #expect(documents.count > 3, "\(strategy)")
      #expect(documents.map { String(decoding: $0.text, as: UTF8.self) }.joined() == text)
      #expect(documents.map(\.isContinued) == [false] + documents.dropFirst().map { _ in true })
      let all = Array(text.utf8)
      for document in documents {
        #expect(document.text.count <= 10_000)
        guard case .verbatim(let offset, let line) = document.map else {
          Issue.record("not verbatim")
          continue
        }
        #expect(Array(all[offset..<(offset + document.text.count)]) == document.text)
        #expect(line == 1 + all[..<offset].count { $0 == 0x0A })
      }
    }
  }

  @Test("a file that changes while it is read is told")
  func changes() throws {
    let folder = try Folder()
    let path = try folder.write("a.txt", Data(String(repeating: "text\n", count: 5000).utf8))
    var file = try SourceFile(path)
    #expect(throws: ReadingError.changed(path: path)) {
      try TextReader(kind: .prose, window: 1000).read(&file) { _ in
        let handle = FileHandle(forWritingAtPath: path)
        handle?.truncateFile(atOffset: 12_000)
        try handle?.close()
      }
    }
  }

  @Test("a page becomes light Markdown")
  func html() throws {
    let page = """
      <!DOCTYPE html><html><head><title> A &amp; B </title><style>p > b { }</style>
      <script>if (a < b) document.write("</p>")</script></head>
      <body><h1>Head&shy;ing</h1><p>One <b>bold</b>&nbsp;word &copy; &#x41;&#66; &unknown; a&b
      on.</p><!-- <p>no</p> --><ul><li>x<li>y</ul><pre>
      a  b
        c</pre><table><tr><th>k<td>v</table><p title="a > b">end<br>line<svg><text>no</text></svg>
      """
    let document = try #require(try read("a.html", page).first)
    #expect(document.title == "A & B")
    #expect(
      text(document) == """
        # Heading

        One bold word © AB &unknown; a&b on.

        - x
        - y

        ```
        a  b
          c
        ```

        | k | v

        end
        line

        """)
    let place = (text(document) as NSString).range(of: "One bold")
    #expect(document.place(bytes: place.location..<(place.location + 5), lines: 3...3).lines == 3...3)
  }

  @Test("a notebook gives its cells and what they printed")
  func notebook() throws {
    let source = #"""
      {"metadata": {"language_info": {"name": "python"}}, "cells": [
       {"cell_type": "markdown", "source": ["# Title\n", "words"]},
       {"cell_type": "code", "source": "print('```')",
        "outputs": [{"output_type": "stream", "text": ["out\n"]}, {"data": {"image/png": "AAAA", "text/plain": "42"}}]},
       {"cell_type": "code", "source": []}
      ]}
      """#
    let document = try #require(try read("a.ipynb", source).first)
    #expect(document.title == "Title")
    #expect(
      text(document) == "# Title\nwords\n\n````python\nprint('```')\n````\n\n```\nout\n```\n\n```\n42\n```\n\n")
    #expect(document.place(bytes: 18..<30, lines: 4...6).lines == 3...3)
    #expect(throws: ReadingError.self) { try read("a.ipynb", "{}") }
    #expect(throws: ReadingError.self) { try read("a.ipynb", "{") }
  }

  @Test("a mail gives its headers and the plain one of its bodies")
  func mail() throws {
    let source = """
      From: =?utf-8?Q?J=C3=BCrgen?= =?iso-8859-1?B?TfxsbGVy?= <j@example.org>\r
      Subject: A long\r
       subject\r
      Date: Tue, 24 Nov 2026 12:00:00 +0000\r
      Content-Type: multipart/mixed; boundary="x y"\r
      \r
      preamble\r
      --x y\r
      Content-Type: multipart/alternative; boundary=in\r
      \r
      --in\r
      Content-Type: text/plain; charset=iso-8859-1\r
      Content-Transfer-Encoding: quoted-printable\r
      \r
      Gr=FC=DFe, a long=\r
       line =3D\r
      --in\r
      Content-Type: text/html\r
      \r
      <p>no</p>\r
      --in--\r
      --x y\r
      Content-Type: text/plain; charset=utf-8\r
      Content-Transfer-Encoding: base64\r
      \r
      w6lu\r
      dMOp\r
      --x y\r
      Content-Disposition: attachment; filename="a.bin"\r
      \r
      zzz\r
      --x y--\r
      epilogue\r

      """
    let document = try #require(try read("a.eml", source).first)
    #expect(document.title == "A long subject")
    #expect(
      text(document) == """
        From: JürgenMüller <j@example.org>
        Date: Tue, 24 Nov 2026 12:00:00 +0000
        Subject: A long subject

        Grüße, a long line =

        énté


        """)
    #expect(document.metadata.last?.value == ["a.bin"])
    let page = try read("b.eml", "Subject: x\nContent-Type: text/html\n\n<p>Only &eacute;</p>")
    #expect(text(page.first) == "Subject: x\n\nOnly é\n\n")
  }

  @Test("a row is a document with its id, text and columns")
  func rows() throws {
    let csv = "id,text,lang\n1,\"two\nlines\",de\nb,x,en\n"
    let rows = try read("a.csv", csv)
    #expect(rows.map(\.part) == ["1", "b"])
    #expect(rows.map { text($0) } == ["two\nlines", "x"])
    #expect(rows[0].metadata.map(\.name) == ["lang"])
    #expect(rows[0].map == .whole(bytes: 13..<30, lines: 2...3))
    #expect(rows[1].map == .whole(bytes: 30..<37, lines: 4...4))
    let plain = try read("a.tsv", "name\tage\nAda\t36\n")
    #expect(plain.map { text($0) } == ["name: Ada\nage: 36\n"])
    let chosen = DocumentReader(columns: RowColumns(id: "name", text: ["age", "name"], metadata: []))
    #expect(try read("a.tsv", "name\tage\nAda\t36\n", chosen).map(\.part) == ["Ada"])
    #expect(throws: ReadingError.self) {
      try read("a.csv", "naem,age\nAda,36\n", DocumentReader(columns: RowColumns(text: ["name"])))
    }
  }

  @Test("a line of JSON Lines is a document")
  func lines() throws {
    let documents = try read(
      "a.jsonl", "{\"_id\": 7, \"title\": \"T\", \"text\": \"body\", \"n\": [1]}\n\n\"just text\"\n")
    #expect(documents.map(\.part) == ["7", "3"])
    #expect(documents.map { text($0) } == ["body", "just text"])
    #expect(documents[0].title == "T")
    #expect(documents[0].metadata.map(\.name) == ["title", "n"])
    #expect(documents[1].map == .whole(bytes: 52..<52, lines: 3...3))
    #expect(throws: ReadingError.self) { try read("a.jsonl", "{\"a\": \n") }
  }

  @Test("PDF and office files go through a program, or say which one is needed")
  func programs() throws {
    let error = #expect(throws: ReadingError.self) { try read("a.pdf", "%PDF-1.4") }
    #expect(
      error?.description.hasSuffix(
        "needs pdftotext, which is not here (install poppler-utils, or give the text instead)") == true)
    let reader = DocumentReader(converter: { (_, command) throws(ReadingError) in
      Array("\(command[0])\u{0C}page two".utf8)
    })
    let document = try #require(try read("a.pdf", "%PDF-1.4", reader).first)
    #expect(text(document) == "pdftotext\u{0C}page two")
    #expect(document.place(bytes: 10..<14, lines: 1...1) == SourcePlace(lines: 2...2, isPages: true))
    #expect(text(try read("a.docx", "PK", reader).first).hasPrefix("pandoc"))
  }

  @Test("damaged files of every format give an error or a text, and never a fault")
  func noise() throws {
    var state: UInt64 = 3
    let seeds = [
      "<p a='>'><pre>x</pre><!-- --><script></script>&#x110000;&#0;<tr><td>", "{\"cells\":[{\"source\":[\"a\"]}]}",
      "a,b\n\"x\n,1\n", "{\"a\":1}\n", "Content-Type: multipart/mixed; boundary=a\n\n--a\n\n=?q?Q?=ZZ?=\n--a--",
    ]
    for round in 0..<300 {
      var bytes = Array(seeds[round % seeds.count].utf8)
      for _ in 0..<(round % 7) {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let at = Int(state >> 33) % bytes.count
        if state >> 20 & 1 == 0 {
          bytes[at] = UInt8(truncatingIfNeeded: state >> 40)
        } else {
          bytes.removeSubrange(at...)
        }
        if bytes.isEmpty { bytes = [0x3C] }
      }
      for name in ["a.html", "a.ipynb", "a.csv", "a.jsonl", "a.eml", "a.txt"] {
        for document in (try? read(name, Data(bytes))) ?? [] {
          #expect(UTF8Validation.isValid(document.text))
          _ = document.place(bytes: 0..<document.text.count, lines: 1...1)
        }
      }
    }
  }
}
