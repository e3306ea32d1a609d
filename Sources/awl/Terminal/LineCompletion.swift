// What the tab key can put in the place of a word, as bash does it: as far as all candidates agree, and their list when
// they agree on nothing more.

/// Candidates for the end of what was typed.
struct LineCompletion: Sendable, Equatable {
  /// Gives the completion of the text in front of the cursor; `nil` where a tab is a tab.
  typealias Source = @Sendable (String) -> LineCompletion?

  /// Candidates that are listed at once.
  static let listLimit = 100

  /// The end of the text, which the candidates replace; each begins with it.
  var typed: String
  var candidates: [String]

  /// - Parameter among: all words; those that begin with `typed` stay.
  init(_ typed: String, among words: [String]) {
    self.typed = typed
    candidates = words.filter { $0.hasPrefix(typed) }
  }

  /// What can be put there without a choice; `nil` where that is nothing more. What is whole gets a space behind it.
  var progress: String? {
    guard var common = candidates.first else { return nil }
    for candidate in candidates.dropFirst() {
      common = String(zip(common, candidate).prefix { $0 == $1 }.map(\.0))
    }
    if candidates.count == 1, !common.hasSuffix("/") { common += " " }
    return common.count > typed.count ? common : nil
  }
}
