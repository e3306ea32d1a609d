// What came of an indexing run, what it says while it runs, and what can end it.

import Models
import Storage

/// Counts of an indexing run. Sources are files.
package struct IndexReport: Sendable {
  package var added = 0
  package var changed = 0
  package var removed = 0
  package var unchanged = 0
  /// Gone from the disk, still in the store.
  package var vanished = 0
  /// Rows that were written.
  package var rows = 0
  /// Rows whose vector the store had already.
  package var reused = 0
  /// Parts of texts that hold no letter or digit, and are left out.
  package var wordless = 0
  /// Files that are no text.
  package var binary = 0
  /// Files that need another program, or are too large for their format: the first ones.
  package var skipped: [String] = []
  package var skippedCount = 0
  /// Files that could not be read: the first ones.
  package var failed: [String] = []
  package var failedCount = 0
  package var walk = WalkCounts()
  /// Why it ended before its end. What was finished is in the store.
  package var stop: IndexingError?
  /// Whether the store has a new version.
  package var isCommitted = false

  package init() {}

  static let shown = 20

  mutating func skip(_ text: String) {
    skippedCount += 1
    if skipped.count < IndexReport.shown { skipped.append(text) }
  }

  mutating func fail(_ text: String) {
    failedCount += 1
    if failed.count < IndexReport.shown { failed.append(text) }
  }
}

/// How far an indexing run is.
package struct IndexProgress: Sendable {
  package var files = 0
  package var rows = 0
}

/// What ends an indexing run.
package enum IndexingError: Error, Sendable {
  case store(StoreError)
  case model(ModelError)
  case storage(StorageError)
  case interrupted

  package var text: String {
    switch self {
    case .store(let error): error.description
    case .model(let error): error.text
    case .storage(let error): error.description
    case .interrupted: "interrupted"
    }
  }
}
