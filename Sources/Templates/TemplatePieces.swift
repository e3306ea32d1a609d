// Templates of the simple kind, text with names in it: `{{name}}`, `$name`. Whoever reads the format finds the names; here
// they become the tree that every template is.

import Formats

extension Template {
  /// A piece of a text with names in it.
  package enum Piece: Sendable, Equatable {
    case text(String)
    /// A name, with the byte offset of where it stands.
    case name(String, Int)
  }

  /// - Parameter source: what the offsets refer to.
  package init(_ pieces: [Piece], source: [UInt8]) {
    let statements = pieces.map { piece -> Statement in
      switch piece {
      case .text(let text): .text(text)
      case .name(let name, let offset): .output(.name(name, offset), offset)
      }
    }
    self.init(statements, source, .strict)
  }

  /// A text that stands for itself.
  package init(text: String) { self.init([.text(text)], source: []) }

  /// A template cut at the names that stand alone between braces.
  package enum Cut: Sendable {
    case text(Template)
    /// One of the names, with the template that gives its value.
    case name(String, Template)
  }

  /// Cuts the template where `{{ name }}` stands for one of `names`, outside of all blocks.
  package func split(at names: Set<String>) -> [Cut] {
    var cuts: [Cut] = []
    var rest: [Statement] = []
    func flush() {
      if !rest.isEmpty { cuts.append(.text(Template(rest, source, semantics))) }
      rest = []
    }
    for statement in statements {
      if case .output(.name(let name, _), _) = statement, names.contains(name) {
        flush()
        cuts.append(.name(name, Template([statement], source, semantics)))
      } else {
        rest.append(statement)
      }
    }
    flush()
    return cuts
  }
}
