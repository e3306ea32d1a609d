// Keys to text and cursor; bytes to keys; what is drawn.

import Foundation
import Support
import Testing

@testable import awl

/// What bytes typed into an empty editor lead to.
private struct Typed {
  var editor: LineEditor
  var outcomes: [LineEditor.Outcome] = []

  init(_ bytes: String, history: [String] = []) {
    editor = LineEditor(history: history)
    var reader = KeyReader()
    for key in reader.push(Array(bytes.utf8)[...]) + reader.expire() {
      let outcome = editor.press(key)
      if outcome != .edited { outcomes.append(outcome) }
    }
  }

  /// The entry with `|` for the cursor.
  var shown: String { String(editor.text[..<editor.cursor]) + "|" + String(editor.text[editor.cursor...]) }
}

@Suite("line editor") struct LineEditorTests {
  @Test(
    "keys move the cursor and change the text",
    arguments: [
      ("abc", "abc|"), ("abc\u{02}\u{02}x", "ax|bc"), ("abc\u{1B}[D\u{1B}[Dx", "ax|bc"), ("ab\u{1B}[D\u{1B}[C", "ab|"),
      ("abc\u{01}x", "x|abc"), ("abc\u{01}\u{05}x", "abcx|"), ("abc\u{1B}[Hx\u{1B}[Fy", "xabcy|"),
      ("abc\u{1B}OHx\u{1B}OFy", "xabcy|"), ("abc\u{1B}[1~x\u{1B}[4~y", "xabcy|"), ("abc\u{7F}", "ab|"),
      ("abc\u{08}", "ab|"),
      ("\u{7F}", "|"), ("abc\u{01}\u{04}", "|bc"), ("abc\u{01}\u{1B}[3~", "|bc"), ("abc\u{04}", "abc|"),
      ("one two\u{1B}b", "one |two"), ("one two\u{1B}b\u{1B}b\u{1B}f", "one| two"), ("one two\u{1B}[1;5D", "one |two"),
      ("one two\u{01}\u{1B}[1;3C", "one| two"), ("one two\u{17}", "one |"), ("a-b c-d\u{17}", "a-b |"),
      ("a-b c-d\u{1B}\u{7F}", "a-b c-|"), ("one two\u{01}\u{1B}d", "| two"), ("one two\u{1B}b\u{0B}", "one |"),
      ("one two\u{1B}b\u{15}", "|two"), ("one two\u{15}\u{19}\u{19}", "one twoone two|"),
      ("one two\u{17}\u{17}\u{19}", "one two|"), ("one two\u{01}\u{1B}d\u{1B}d\u{19}", "one two|"),
      ("ab\u{14}", "ba|"), ("abc\u{02}\u{14}", "acb|"), ("a\u{14}", "a|"), ("ab\u{0C}", "ab|"), ("a\u{1B}[99~b", "ab|"),
      ("a\u{0A}b", "a\nb|"), ("a\u{1B}\rb", "a\nb|"), ("a\tb", "a\tb|"),
    ])
  func editing(keys: String, shown: String) {
    #expect(Typed(keys).shown == shown)
  }

  @Test(
    "a key moves by what a reader sees as one character",
    arguments: [
      ("日本語\u{02}x", "日本x|語"), ("👩🏽‍🚀a\u{02}\u{02}x", "x|👩🏽‍🚀a"), ("e\u{301}\u{7F}", "|"), ("x👨‍👩‍👧‍👦\u{7F}", "x|"),
      ("🇩🇪\u{7F}", "|"),
      ("año\u{1B}b", "|año"),
    ])
  func clusters(keys: String, shown: String) {
    #expect(Typed(keys).shown == shown)
  }

  @Test("characters and sequences that come byte by byte are the same keys") func bytewise() {
    let bytes = Array("日e\u{301}👍🏽 two\u{1B}[1;5Dx\u{1B}[200~p\nq\u{1B}[201~y".utf8)
    var (reader, editor) = (KeyReader(), LineEditor())
    for byte in bytes { for key in reader.push([byte]) { _ = editor.press(key) } }
    #expect(editor.string == "日e\u{301}👍🏽 xp\nqytwo")
  }

  @Test(
    "Enter submits, but for what goes on",
    arguments: [
      ("one\r", [.submitted("one")], "one|"), ("\r", [.submitted("")], "|"),
      ("a\\\rb\r", [.submitted("a\nb")], "a\nb|"),
      ("a\\\\\r", [.submitted("a\\\\")], "a\\\\|"),
      ("\"\"\"\ra\rb\"\"\"\r", [.submitted("a\nb")], "\"\"\"\na\nb\"\"\"|"),
      ("\"\"\"x\"\"\"\r", [.submitted("x")], "\"\"\"x\"\"\"|"), ("\"\"\"\ra\r", [], "\"\"\"\na\n|"),
      ("\u{03}", [.interrupted], "|"), ("abc\u{03}", [], "|"), ("\u{04}", [.ended], "|"), ("\u{0C}", [.redraw], "|"),
    ] as [(String, [LineEditor.Outcome], String)])
  func ending(keys: String, outcomes: [LineEditor.Outcome], shown: String) {
    let typed = Typed(keys)
    #expect(typed.outcomes == outcomes && typed.shown == shown)
  }

  @Test("what is pasted submits nothing and commands nothing") func paste() {
    let typed = Typed("a\u{1B}[200~one\r\ntwo\rthree\n\u{03}\u{1B}[D\u{15}end\u{1B}[201~b")
    #expect(typed.outcomes.isEmpty && typed.shown == "aone\ntwo\nthree\n[Dendb|")
    #expect(Typed("\u{1B}[200~" + String(repeating: "x\r", count: 50_000) + "\u{1B}[201~").editor.text.count == 100_000)
  }

  @Test("bytes that are no text do no harm") func garbage() {
    var (reader, editor) = (KeyReader(), LineEditor())
    for key in reader.push([0xFF, 0x61, 0xC3, 0x28, 0x80, 0xE2, 0x82, 0x62, 0x1B, 0x5B, 0x31, 0x3B, 0x00, 0x63]) {
      _ = editor.press(key)
    }
    #expect(editor.string.hasPrefix("a") && editor.string.hasSuffix("c"))
    var state: UInt64 = 7
    for _ in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      for key in reader.push([UInt8(state >> 56)]) { _ = editor.press(key) }
      #expect(editor.cursor >= 0 && editor.cursor <= editor.text.count)
    }
  }

  @Test(
    "the history is walked up and down, and searched",
    arguments: [
      ("\u{1B}[A", "three two|"), ("\u{10}\u{10}", "two|"), ("\u{10}\u{10}\u{10}\u{10}", "one|"),
      ("new\u{10}\u{0E}", "new|"),
      ("\u{0E}x", "x|"), ("\u{12}tw", "three two|"), ("\u{12}tw\u{12}", "two|"), ("\u{12}tw\u{12}\u{12}", "two|"),
      ("\u{12}on\u{05}!", "one!|"), ("x\u{12}tw\u{07}", "x|"), ("x\u{12}tw\u{03}", "x|"), ("\u{12}nowhere\u{1B}", "|"),
      ("a\\\rb\u{1B}[Ax", "ax|\nb"), ("a\\\rb\u{1B}[A\u{1B}[Bx", "a\nbx|"),
    ])
  func history(keys: String, shown: String) {
    #expect(Typed(keys, history: ["one", "two", "three two"]).shown == shown)
  }

  @Test("an entry found is submitted at once") func searchSubmit() {
    #expect(Typed("\u{12}on\r", history: ["one", "two"]).outcomes == [.submitted("one")])
  }

  @Test("an entry joins the history once") func remembering() {
    var editor = LineEditor(history: ["a"])
    editor.start(remembering: "a")
    editor.start(remembering: "b")
    _ = editor.press(.up)
    #expect(editor.string == "b")
    _ = editor.press(.up)
    #expect(editor.string == "a")
  }

  @Test("a drawing breaks lines itself and sets the cursor, also among wide characters") func drawing() {
    var screen = LineScreen(prompt: "> ", continuation: ". ")
    var editor = Typed("abcdef").editor
    #expect(screen.draw(editor, width: 6, height: 24) == "\r\u{1B}[J> abcd\r\nef\r\u{1B}[2C")
    _ = editor.press(.home)
    #expect(screen.draw(editor, width: 6, height: 24) == "\r\u{1B}[1A\u{1B}[J> abcd\r\nef\u{1B}[1A\r\u{1B}[2C")
    #expect(screen.finish() == "\u{1B}[1B\r\n")
    var wide = LineScreen(prompt: "> ")
    #expect(wide.draw(Typed("日本").editor, width: 5, height: 24) == "\r\u{1B}[J> 日\r\n本\r\u{1B}[2C")
    var lines = LineScreen(prompt: "> ", continuation: ". ")
    #expect(lines.draw(Typed("a\u{0A}b").editor, width: 9, height: 24) == "\r\u{1B}[J> a\r\n. b\r\u{1B}[3C")
    var hostile = LineScreen(prompt: "> ")
    #expect(hostile.draw(Typed("a\u{202E}b").editor, width: 40, height: 24).contains("a\\u{202e}b"))
  }

  @Test("a narrower terminal has wrapped what stood there: the drawing goes up to its start") func resize() {
    var screen = LineScreen(prompt: "> ")
    let editor = Typed("abcdefgh\u{01}\u{05}").editor
    _ = screen.draw(editor, width: 20, height: 24)
    // `> abcdefgh` takes three rows of four, and the cursor stands in the third.
    #expect(screen.draw(editor, width: 4, height: 24).hasPrefix("\r\u{1B}[2A\u{1B}[J"))
  }

  @Test("of a tall entry the rows around the cursor are drawn", arguments: [1, 2, 5]) func tall(height: Int) {
    var screen = LineScreen(prompt: "> ")
    let editor = Typed(String(repeating: "x\u{0A}", count: 50) + "end").editor
    let drawn = screen.draw(editor, width: 20, height: height)
    #expect(drawn.contains("end") && drawn.matches(of: #/\r\n/#).count < max(1, height - 1))
  }
}

@Suite("history file") struct HistoryFileTests {
  @Test("entries come back, for the owner alone") func roundTrip() throws {
    let folder = try TemporaryDirectory("history")
    let file = HistoryFile(folder.file("deep/history"))
    for entry in ["one", "two\nlines\\n", "two\nlines\\n", "", "日本"] { file.append(entry) }
    #expect(file.load() == ["one", "two\nlines\\n", "日本"])
    let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test("damaged lines are skipped, and a torn tail costs itself alone") func damage() throws {
    let folder = try TemporaryDirectory("history")
    let path = try folder.write(
      "history", bytes: Array("good\n\u{1}bad\nbad\\\n\nok\\nok\n".utf8) + [0xFF, 0x0A] + Array("to\\".utf8))
    let file = HistoryFile(path)
    #expect(file.load() == ["good", "ok\nok"])
    file.append("new")
    #expect(file.load() == ["good", "ok\nok", "new"])
    #expect(HistoryFile("/nonexistent/x").load().isEmpty)
  }

  @Test("a large file is cut down to the last entries") func bounds() throws {
    let folder = try TemporaryDirectory("history")
    let text = (0..<30_000).map { "entry \($0) " + String(repeating: "x", count: 30) + "\n" }.joined()
    let file = HistoryFile(try folder.write("history", text))
    #expect(file.load().count == HistoryFile.entryLimit)
    let size = try #require(folder.text("history")).utf8.count
    #expect(size < 100_000)
    #expect(file.load().last?.hasPrefix("entry 29999") == true)
  }

  @Test("several writers lose nothing") func writers() async throws {
    let folder = try TemporaryDirectory("history")
    let path = folder.file("history")
    await withTaskGroup(of: Void.self) { group in
      for writer in 0..<4 {
        group.addTask { for number in 0..<25 { HistoryFile(path).append("\(writer)-\(number)") } }
      }
    }
    #expect(Set(HistoryFile(path).load()).count == 100)
  }
}
