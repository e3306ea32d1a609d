// Lookup in the table of models, with the user's own rows in front. The table is scanned as bytes and only the
// lines that match become rows: nothing is read at start-up, and a lookup allocates for the row it returns alone.

import Formats

/// The known models: the user's rows first, then the built-in table.
package struct ModelCatalogue: Sendable {
  /// Rows that stand before the table. One with the provider and id of a table row takes its place.
  package var overrides: [ModelRow]

  package init(overrides: [ModelRow] = []) { self.overrides = overrides }

  /// A model of the built-in table; see the method of the same name on a catalogue.
  package static func row(provider: String, id: String) -> ModelRow? {
    ModelCatalogue().row(provider: provider, id: id)
  }

  /// The row of a model by its wire name, an alias, or a dated snapshot of either.
  ///
  /// A snapshot (`gpt-5-mini-2025-08-07`, `claude-haiku-4-5-20251001`) without a row of its own has the row of the
  /// name before the date, so `id` of the result may be shorter than what was asked: send what was asked.
  /// `builtin/hash-N` has a row for every N from 1 to 65536, `builtin/script:FILE` that of `script`.
  package func row(provider: String, id: String) -> ModelRow? {
    if let row = named(provider: provider, id: id) { return row }
    if provider == "builtin" { return builtin(id) }
    guard let base = Self.withoutDate(id) else { return nil }
    return named(provider: provider, id: String(base))
  }

  /// The rows of one provider, or of all, read as they are asked for.
  package func rows(provider: String? = nil) -> Rows { Rows(catalogue: self, provider: provider) }

  /// The models a bare name can mean, over all providers.
  ///
  /// Wire names, aliases and snapshots count first; only when there is none, the part of a wire name behind its last
  /// slash (`gpt-oss-120b` for `openai/gpt-oss-120b`). More than one result means the name is ambiguous.
  package func rows(named name: String) -> [ModelRow] {
    let base = Self.withoutDate(name).map(String.init)
    var exact: [ModelRow] = []
    var snapshots: [ModelRow] = []
    var tails: [ModelRow] = []
    for row in rows() {
      if row.answers(to: name) {
        exact.append(row)
      } else if let base, row.answers(to: base) {
        snapshots.append(row)
      } else if row.id.hasSuffix("/" + name) {
        tails.append(row)
      }
    }
    return !exact.isEmpty ? exact : !snapshots.isEmpty ? snapshots : tails
  }

  /// Known models whose name is near a name nobody knows, nearest first, as `provider/id`.
  ///
  /// With a known provider in front (`openai/gpt-5-mni`) only that provider's models are compared.
  package func nearest(to name: String, limit: Int) -> [String] {
    if let slash = name.firstIndex(of: "/"), rows(provider: String(name[..<slash])).contains(where: { _ in true }) {
      let provider = String(name[..<slash])
      let wanted = String(name[name.index(after: slash)...])
      return nearest(to: wanted, in: rows(provider: provider), limit: limit)
    }
    return nearest(to: name, in: rows(), limit: limit)
  }

  private func nearest(to name: String, in rows: Rows, limit: Int) -> [String] {
    var providers: [String: [String]] = [:]
    var names: [String] = []
    for row in rows {
      let tail = row.id.lastIndex(of: "/").map { String(row.id[row.id.index(after: $0)...]) }
      for known in [row.id] + row.aliases + (tail.map { [$0] } ?? []) {
        if providers[known] == nil { names.append(known) }
        providers[known, default: []].append("\(row.provider)/\(row.id)")
      }
    }
    var found: [String] = []
    for known in EditDistance.nearest(to: name, among: names, limit: limit) {
      for full in providers[known] ?? [] where found.count < limit && !found.contains(full) { found.append(full) }
    }
    return found
  }

  private func named(provider: String, id: String) -> ModelRow? {
    if let row = overrides.first(where: { $0.provider == provider && $0.answers(to: id) }) { return row }
    var lines = ModelTable.Lines()
    while let line = lines.next() {
      if line.isNamed(provider: provider, id: id), let row = line.row, !isOverridden(row) { return row }
    }
    return nil
  }

  fileprivate func isOverridden(_ row: ModelRow) -> Bool {
    overrides.contains { $0.provider == row.provider && $0.id == row.id }
  }

  private func builtin(_ id: String) -> ModelRow? {
    if id.hasPrefix("script:") { return named(provider: "builtin", id: "script") }
    guard id.hasPrefix("hash-"), let dimensions = Int(id.dropFirst(5)), (1...65_536).contains(dimensions) else {
      return nil
    }
    var row = named(provider: "builtin", id: "hash-384")
    row?.id = id
    row?.dimensions = dimensions
    return row
  }

  /// A name without the date of a snapshot, `-YYYY-MM-DD`, `-YYYYMMDD` or `@YYYYMMDD`; nil when it ends in no date.
  static func withoutDate(_ name: String) -> Substring? {
    let bytes = Array(name.utf8)
    for (length, separators) in [(8, [UInt8]()), (10, [4, 7])] where bytes.count > length + 1 {
      let start = bytes.count - length
      let opener = bytes[start - 1]
      guard opener == UInt8(ascii: "-") || (opener == UInt8(ascii: "@") && length == 8) else { continue }
      guard bytes[start] == UInt8(ascii: "2"), bytes[start + 1] == UInt8(ascii: "0") else { continue }
      let isDate = (0..<length).allSatisfy { offset in
        let byte = bytes[start + offset]
        return separators.contains(UInt8(offset))
          ? byte == UInt8(ascii: "-") : (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      }
      if isDate { return Substring(name.utf8.dropLast(length + 1)) }
    }
    return nil
  }
}

extension ModelCatalogue {
  /// Rows of a catalogue, made one at a time.
  package struct Rows: Sequence, IteratorProtocol, Sendable {
    private let catalogue: ModelCatalogue
    private let provider: String?
    private var override = 0
    private var lines = ModelTable.Lines()

    fileprivate init(catalogue: ModelCatalogue, provider: String?) {
      self.catalogue = catalogue
      self.provider = provider
    }

    package mutating func next() -> ModelRow? {
      while override < catalogue.overrides.count {
        let row = catalogue.overrides[override]
        override += 1
        if provider == nil || row.provider == provider { return row }
      }
      while let line = lines.next() {
        if let provider, !line.isOf(provider: provider) { continue }
        if let row = line.row, !catalogue.isOverridden(row) { return row }
      }
      return nil
    }
  }
}

extension ModelRow {
  fileprivate func answers(to name: String) -> Bool { id == name || aliases.contains(name) }
}
