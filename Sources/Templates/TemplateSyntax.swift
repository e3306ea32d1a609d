// The syntax tree of templates. Every node that can fail knows its byte offset in the source.

indirect enum Expression: Sendable {
  case literal(TemplateValue)
  case name(String, Int)
  /// The whole context, which only Handlebars has a word for.
  case context
  case list([Expression])
  case object([(Expression, Expression)])
  case attribute(Expression, String, Int)
  case index(Expression, Expression, Int)
  case slice(Expression, Expression?, Expression?, Expression?, Int)
  case unary(UnaryOperator, Expression, Int)
  case binary(BinaryOperator, Expression, Expression, Int)
  /// `a < b <= c`: each neighbour is compared.
  case comparison(Expression, [(ComparisonOperator, Expression)], Int)
  case and(Expression, Expression)
  case or(Expression, Expression)
  case not(Expression)
  case conditional(Expression, then: Expression, otherwise: Expression?, Int)
  case filter(String, Expression, Arguments, Int)
  case test(String, Expression, Arguments, isNegated: Bool, Int)

  struct Arguments: Sendable {
    var positional: [Expression] = []
    var named: [(String, Expression)] = []
  }

  enum UnaryOperator: Sendable { case minus, plus }
  enum BinaryOperator: String, Sendable {
    case add = "+", subtract = "-", multiply = "*", divide = "/", floorDivide = "//", remainder = "%", power = "**"
    case concatenate = "~"
  }
  enum ComparisonOperator: String, Sendable {
    case equal = "==", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
    case `in`, notIn
  }
}

indirect enum Statement: Sendable {
  case text(String)
  case output(Expression, Int)
  case conditional([(Expression, [Statement])], otherwise: [Statement])
  case loop(Loop)
  case set([String], Expression, Int)
  case setBlock(String, [Statement])

  struct Loop: Sendable {
    var names: [String]
    var sequence: Expression
    var condition: Expression?
    var body: [Statement]
    var otherwise: [Statement]
    var offset: Int
  }
}

/// What is wrong with a template, by byte offset.
struct TemplateFault: Error {
  enum Kind { case syntax, undefined, runtime }
  var kind: Kind
  var message: String
  var hint: String?
  var offset: Int

  init(_ kind: Kind, _ message: String, hint: String? = nil, at offset: Int) {
    self.kind = kind
    self.message = message
    self.hint = hint
    self.offset = offset
  }
}
