// Which reader a file gets: by the end of its name, else by its first bytes.

/// A format of files.
package enum FileFormat: Sendable, Equatable {
  case text(Document.Kind)
  case html, csv, tabs, jsonLines, notebook, mail, pdf
  /// Read by pandoc, which calls it by this name.
  case office(String)

  /// - Parameters:
  ///   - name: Of the file.
  ///   - head: Its first bytes.
  package static func of(name: String, head: [UInt8]) -> FileFormat {
    let end =
      name.utf8.lastIndex(of: UInt8(ascii: ".")).map { String(name[name.index(after: $0)...]).lowercased() } ?? ""
    switch end {
    case "md", "markdown", "mdown", "mdx", "mkd", "qmd", "rmd": return .text(.markdown)
    case "html", "htm", "xhtml": return .html
    case "csv": return .csv
    case "tsv", "tab": return .tabs
    case "jsonl", "ndjson": return .jsonLines
    case "ipynb": return .notebook
    case "eml": return .mail
    case "pdf": return .pdf
    case "docx", "odt", "rtf", "epub", "fb2": return .office(end)
    case "json", "yaml", "yml", "toml", "xml", "ini", "cfg", "conf", "log", "lock", "properties", "plist", "svg":
      return .text(.data)
    case "txt", "text", "rst", "adoc", "org", "tex", "": break
    default:
      if braced.contains(end) { return .text(.code(hasBraces: true)) }
      if unbraced.contains(end) { return .text(.code(hasBraces: false)) }
    }
    if head.starts(with: "%PDF-".utf8) { return .pdf }
    if head.starts(with: "#!".utf8) { return .text(.code(hasBraces: false)) }
    let start = String(decoding: head.drop { $0 <= 0x20 }.prefix(15), as: UTF8.self).lowercased()
    if start.hasPrefix("<!doctype html") || start.hasPrefix("<html") { return .html }
    return .text(.prose)
  }

  private static let braced: Set<String> = [
    "c", "h", "cc", "cpp", "cxx", "hh", "hpp", "hxx", "m", "mm", "java", "kt", "kts", "scala", "groovy", "cs", "js",
    "mjs",
    "cjs", "jsx", "ts", "mts", "cts", "tsx", "go", "rs", "swift", "php", "dart", "zig", "css", "scss", "less", "proto",
    "graphql", "glsl", "cu", "vue", "svelte", "awk", "r", "d", "v", "sol",
  ]
  private static let unbraced: Set<String> = [
    "py", "pyi", "rb", "pl", "pm", "lua", "sh", "bash", "zsh", "fish", "ex", "exs", "erl", "hs", "ml", "mli", "fs",
    "fsx",
    "clj", "lisp", "el", "scm", "jl", "nim", "sql", "vb", "bas", "pas", "f90", "f", "asm", "s", "tcl", "ps1", "nix",
    "cmake",
    "mk", "tf", "elm", "cr", "coffee",
  ]
}
