// The syntax tree of Handlebars, as it was written; the translation to our own tree is a step of its own.

/// A tag or text between tags.
enum HandlebarsPiece {
  case text([UInt8])
  case tag(HandlebarsTag)
}

struct HandlebarsTag {
  enum Kind { case output, open, inverse, close, otherwise, partial, comment }
  var kind: Kind
  var call: HandlebarsCall
  /// `as |item index|`.
  var blockNames: [String] = []
  /// What stands before a partial that is alone on its line.
  var indent: [UInt8] = []
  var offset: Int
  /// `~` before and behind.
  var trimsBefore = false
  var trimsAfter = false
}

/// A name with what it is given: `helper a b=1`.
struct HandlebarsCall {
  var target: HandlebarsValue
  var arguments: [HandlebarsValue] = []
  var named: [(String, HandlebarsValue)] = []

  var isPlain: Bool { arguments.isEmpty && named.isEmpty }

  /// The name of the helper, where the target is a single word.
  var name: String? {
    guard case .path(let path) = target, path.steps.count == 1, path.parents == 0, !path.isData, !path.isScoped else {
      return nil
    }
    return path.steps[0]
  }
}

indirect enum HandlebarsValue {
  case path(HandlebarsPath)
  case literal(TemplateValue)
  case call(HandlebarsCall, Int)
}

/// `../a.b`, `@index`, `this.x`.
struct HandlebarsPath {
  /// How many `../` it begins with.
  var parents = 0
  /// It begins with `@`.
  var isData = false
  /// It begins with `this` or `.`: never a helper.
  var isScoped = false
  var steps: [String] = []
  var offset: Int
}

indirect enum HandlebarsNode {
  case text([UInt8])
  case output(HandlebarsCall, Int)
  case block(HandlebarsBlock)
  case partial(HandlebarsCall, indent: [UInt8], Int)
}

struct HandlebarsBlock {
  var call: HandlebarsCall
  var isInverse: Bool
  var names: [String]
  var body: [HandlebarsNode]
  var otherwise: [HandlebarsNode]
  var offset: Int
}
