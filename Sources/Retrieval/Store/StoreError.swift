// What can go wrong with a store, as a value: which file, and of which kind. The words are made once, here.

import Storage

/// A store that cannot be read, written or searched.
///
/// Its description reads `PATH: what is wrong (what to do)`.
package struct StoreError: Error, Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    /// There is no store here.
    case notFound
    /// A directory with other things in it.
    case notAStore
    /// Bytes that are not what was written; `what` names the part.
    case damaged(what: String)
    /// A file that the manifest names is not there.
    case missing
    /// Written by a newer program.
    case version(found: Int, supported: Int)
    /// Another process is writing.
    case locked
    case model(stored: String, given: String)
    case dimension(stored: Int, given: Int)
    /// A vector that cannot be normalised: zero, not a number or infinite; `row` names it.
    case vector(row: String, what: String)
    /// An id that is empty, too long, or given twice.
    case id(String, what: String)
    case storage(StorageError)
  }

  package let path: String
  package let kind: Kind

  package init(path: String, kind: Kind) {
    self.path = path
    self.kind = kind
  }

  package init(_ error: StorageError) { self.init(path: error.path, kind: .storage(error)) }
}

extension StoreError: CustomStringConvertible {
  package var description: String {
    switch kind {
    case .storage(let error): error.description
    default: "\(path): \(reason)"
    }
  }

  private var reason: String {
    switch kind {
    case .notFound: "no store here (awl embed add \(path) FILES makes one)"
    case .notAStore: "is a directory but not a store (name another)"
    case .damaged(let what): "is damaged: \(what) (awl embed verify tells more; --rebuild makes the store anew)"
    case .missing: "is missing though the store names it (restore the file, or --rebuild)"
    case .version(let found, let supported):
      "has store version \(found), this program reads up to \(supported) (update it)"
    case .locked: "another process is writing to this store (try again when it is done)"
    case .model(let stored, let given):
      "was made with the model \(stored), not \(given) (-m \(stored), or --rebuild to embed everything anew)"
    case .dimension(let stored, let given):
      "holds vectors of \(stored) numbers, this one has \(given) (use the model it was made with, or --rebuild)"
    case .vector(let row, let what): "\(row): the vector \(what) (it cannot be compared with others)"
    case .id(let id, let what): "id '\(id)' \(what)"
    case .storage(let error): error.reason
    }
  }
}
