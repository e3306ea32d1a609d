// The languages that code is highlighted in: what opens comments and strings, and the keywords. A row of the table is a
// language; its words are split when the first code of that language is shown.

struct CodeLanguage: Sendable {
  /// What begins a comment that ends with the line.
  private let lineComments: [[UInt8]]
  /// What begins and ends a comment or string, and whether it may span lines; the longest first.
  private let delimiters: [(open: [UInt8], end: [UInt8], isMultiline: Bool)]
  private let keywords: Set<[UInt8]>
  private let isCaseInsensitive: Bool

  private struct Row: Sendable {
    var names: StaticString
    /// Apart by spaces.
    var lineComments: StaticString
    /// `open end` in turns.
    var blockComments: StaticString
    var multilineStrings: StaticString
    var strings: StaticString
    var keywords: StaticString
    var isCaseInsensitive = false
  }

  static func isWord(_ byte: UInt8) -> Bool { Byte.isLetter(byte) || Byte.isDigit(byte) || byte == Byte.underscore }

  func isKeyword(_ word: UnsafeBufferPointer<UInt8>) -> Bool {
    keywords.contains(isCaseInsensitive ? word.map { Byte.isLetter($0) ? $0 | 0x20 : $0 } : Array(word))
  }

  func isComment(_ line: UnsafeBufferPointer<UInt8>, _ at: Int) -> Bool {
    // In a shell `#` begins a comment only where a word could begin.
    lineComments.contains { mark in
      line[at...].starts(with: mark)
        && (mark != [Byte.hash] || at == 0 || !Self.isWord(line[at - 1]) && line[at - 1] != Byte.dollar)
    }
  }

  func isBlockComment(_ open: [UInt8]) -> Bool {
    [[0x2F, 0x2A], Array("<!--".utf8), Array("{-".utf8), Array("--[[".utf8)].contains(open)
  }

  func opening(_ line: UnsafeBufferPointer<UInt8>, _ at: Int) -> (open: [UInt8], end: [UInt8], isMultiline: Bool)? {
    delimiters.first { line[at] == $0.open[0] && line[at...].starts(with: $0.open) }
  }

  static func named(_ name: String) -> CodeLanguage? {
    guard let row = table.first(where: { words($0.names).contains(Array(name.utf8)) }) else { return nil }
    return CodeLanguage(row)
  }

  private init(_ row: Row) {
    lineComments = Self.words(row.lineComments)
    let pairs = Self.words(row.blockComments) + Self.words(row.multilineStrings)
    var delimiters = stride(from: 0, to: pairs.count - 1, by: 2).map { (pairs[$0], pairs[$0 + 1], true) }
    delimiters += Self.words(row.strings).map { ($0, $0, false) }
    self.delimiters = delimiters
    keywords = Set(Self.words(row.keywords))
    isCaseInsensitive = row.isCaseInsensitive
  }

  private static func words(_ text: StaticString) -> [[UInt8]] {
    UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount).split(separator: Byte.space).map(
      Array.init)
  }

  private static let table: [Row] = [
    Row(
      names: "python py python3 pycon", lineComments: "#", blockComments: "",
      multilineStrings: "\"\"\" \"\"\" ''' '''", strings: "\" '",
      keywords: """
        and as assert async await break class continue def del elif else except finally for from global if import in is \
        lambda match nonlocal not or pass raise return try while with yield None True False self
        """),
    Row(
      names: "javascript js jsx mjs typescript ts tsx node", lineComments: "//", blockComments: "/* */",
      multilineStrings: "` `", strings: "\" '",
      keywords: """
        abstract any as async await boolean break case catch class const continue debugger declare default delete do else \
        enum export extends finally for from function get if implements import in instanceof interface keyof let new null \
        number of package private protected public readonly return set static string super switch this throw try type \
        typeof undefined var void while with yield true false
        """),
    Row(
      names: "swift", lineComments: "//", blockComments: "/* */", multilineStrings: "\"\"\" \"\"\"", strings: "\"",
      keywords: """
        actor any as associatedtype async await break case catch class continue default defer deinit do else enum \
        extension fallthrough false fileprivate for func guard if import in init inout internal is let mutating nil \
        nonisolated open operator override package private protocol public repeat rethrows return self Self some static \
        struct subscript super switch throw throws true try typealias var where while
        """),
    Row(
      names: "c h cpp c++ cc hpp objc cuda java kotlin kt scala csharp cs c# dart php groovy", lineComments: "//",
      blockComments: "/* */", multilineStrings: "", strings: "\" '",
      keywords: """
        abstract alignas auto bool boolean break byte case catch char class companion const constexpr continue data \
        default defer delete do double else enum explicit export extends extern false final finally float for foreach fun \
        function goto if implements import in inline instanceof int interface internal is lateinit let long mutable \
        namespace new noexcept null nullptr object operator out override package private protected public readonly ref \
        register return sealed short signed sizeof static string struct super suspend switch template this throw throws \
        true try typedef typename union unsigned using val var virtual void volatile when while with yield
        """),
    Row(
      names: "rust rs", lineComments: "//", blockComments: "/* */", multilineStrings: "\" \"", strings: "",
      keywords: """
        as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut \
        pub ref return self Self static struct super trait true type unsafe use where while bool char f32 f64 i8 i16 i32 \
        i64 isize str u8 u16 u32 u64 usize String Vec Option Result Some None Ok Err
        """),
    Row(
      names: "go golang", lineComments: "//", blockComments: "/* */", multilineStrings: "` `", strings: "\" '",
      keywords: """
        break case chan const continue default defer else fallthrough for func go goto if import interface map package \
        range return select struct switch type var nil true false string int int64 bool byte error float64 rune any
        """),
    Row(
      names: "bash sh shell zsh console fish", lineComments: "#", blockComments: "", multilineStrings: "\" \" ' '",
      strings: "",
      keywords: """
        if then else elif fi for while until do done case esac function in select return local export readonly declare \
        unset shift break continue exit source alias set trap cd echo sudo
        """),
    Row(
      names: "ruby rb", lineComments: "#", blockComments: "", multilineStrings: "", strings: "\" '",
      keywords: """
        alias and begin break case class def defined do else elsif end ensure false for if in module next nil not or redo \
        rescue retry return self super then true undef unless until when while yield require attr_accessor
        """),
    Row(
      names: "sql mysql postgresql postgres sqlite plsql", lineComments: "--", blockComments: "/* */",
      multilineStrings: "' '", strings: "\"",
      keywords: """
        add all alter and as asc begin between by case cast check column commit constraint create cross database default \
        delete desc distinct drop else end exists foreign from full group having if in index inner insert into is join key \
        left like limit not null on or order outer over partition primary references returning right rollback select set \
        table then union unique update using values view when where with
        """, isCaseInsensitive: true),
    Row(
      names: "json json5 jsonc jsonl", lineComments: "//", blockComments: "/* */", multilineStrings: "", strings: "\"",
      keywords: "true false null"),
    Row(
      names: "yaml yml toml ini conf properties dotenv env", lineComments: "#", blockComments: "", multilineStrings: "",
      strings: "\" '", keywords: "true false null yes no on off"),
    Row(
      names: "html xml svg vue xhtml", lineComments: "", blockComments: "<!-- -->", multilineStrings: "", strings: "\"",
      keywords: ""),
    Row(
      names: "css scss less", lineComments: "//", blockComments: "/* */", multilineStrings: "", strings: "\" '",
      keywords: "important media import from to"),
    Row(
      names: "dockerfile docker", lineComments: "#", blockComments: "", multilineStrings: "", strings: "\" '",
      keywords: """
        from run cmd label expose env add copy entrypoint volume user workdir arg onbuild stopsignal healthcheck shell as
        """, isCaseInsensitive: true),
    Row(
      names: "makefile make cmake", lineComments: "#", blockComments: "", multilineStrings: "", strings: "\"",
      keywords: "ifeq ifneq ifdef ifndef else endif include define endef export override"),
    Row(
      names: "lua", lineComments: "--", blockComments: "--[[ ]]", multilineStrings: "[[ ]]", strings: "\" '",
      keywords: """
        and break do else elseif end false for function goto if in local nil not or repeat return then true until while
        """),
    Row(
      names: "haskell hs elm", lineComments: "--", blockComments: "{- -}", multilineStrings: "", strings: "\"",
      keywords: """
        case class data deriving do else forall if import in infix infixl infixr instance let module newtype of then type \
        where
        """),
    Row(
      names: "r julia jl elixir ex perl pl", lineComments: "#", blockComments: "", multilineStrings: "\"\"\" \"\"\"",
      strings: "\" '",
      keywords: """
        begin break case catch cond const def defmodule defp do else elsif end false finally fn for function if import in \
        let library local macro module my next NULL NA our package quote raise repeat rescue return struct sub TRUE FALSE \
        true try unless use using when where while with
        """),
    Row(
      names: "zig", lineComments: "//", blockComments: "", multilineStrings: "", strings: "\" '",
      keywords: """
        and break catch comptime const continue defer else enum error export extern false fn for if inline null or orelse \
        pub return struct switch test true try union unreachable usingnamespace var void while
        """),
  ]
}
