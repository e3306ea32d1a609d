// Operators on values: Python's meanings, as Jinja has them; whole numbers stay whole and overflow is an error.

import Formats

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum TemplateArithmetic {
  static func signed(
    _ sign: Expression.UnaryOperator, _ value: TemplateValue, at offset: Int
  ) throws(TemplateFault) -> TemplateValue {
    if let whole = value.wholeNumber { return .integer(sign == .minus ? try negated(whole, at: offset) : whole) }
    guard let number = value.double else {
      throw TemplateFault(.runtime, "\(value.kindName) has no sign", at: offset)
    }
    return .number(sign == .minus ? -number : number)
  }

  /// - Throws: for the least whole number, which has no counterpart.
  static func negated(_ whole: Int, at offset: Int) throws(TemplateFault) -> Int {
    let (value, overflows) = (0).subtractingReportingOverflow(whole)
    guard !overflows else { throw TemplateFault(.runtime, "the number is too large", at: offset) }
    return value
  }

  static func apply(
    _ operation: Expression.BinaryOperator, _ left: TemplateValue, _ right: TemplateValue, _ limits: TemplateLimits,
    at offset: Int
  ) throws(TemplateFault) -> TemplateValue {
    switch (operation, left, right) {
    case (.concatenate, _, _): return .string(left.text + right.text)
    case (.add, .string(let a), .string(let b)): return .string(a + b)
    case (.multiply, .string(let text), _): return try repeated(text, right, limits, at: offset)
    case (.multiply, _, .string(let text)): return try repeated(text, left, limits, at: offset)
    case (.add, _, _):
      if let a = left.elements, let b = right.elements { return .list(a + b) }
    default: break
    }
    if let a = left.wholeNumber, let b = right.wholeNumber, let value = try whole(operation, a, b, at: offset) {
      return value
    }
    guard let a = left.double, let b = right.double else {
      throw TemplateFault(
        .runtime, "'\(operation.rawValue)' cannot take \(left.kindName) and \(right.kindName)",
        hint: operation == .add ? "~ joins texts" : nil, at: offset)
    }
    if b == 0, [.divide, .floorDivide, .remainder].contains(operation) {
      throw TemplateFault(.runtime, "division by zero", at: offset)
    }
    switch operation {
    case .add: return .number(a + b)
    case .subtract: return .number(a - b)
    case .multiply: return .number(a * b)
    case .divide: return .number(a / b)
    case .floorDivide: return .number((a / b).rounded(.down))
    case .remainder:
      let rest = fmod(a, b)
      return .number(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest)
    case .power: return .number(pow(a, b))
    case .concatenate: return .string(left.text + right.text)
    }
  }

  /// The result where it is a whole number; `nil` where it is none.
  private static func whole(
    _ operation: Expression.BinaryOperator, _ a: Int, _ b: Int, at offset: Int
  ) throws(TemplateFault) -> TemplateValue? {
    let (value, overflows): (Int, Bool)
    switch operation {
    case .add: (value, overflows) = a.addingReportingOverflow(b)
    case .subtract: (value, overflows) = a.subtractingReportingOverflow(b)
    case .multiply: (value, overflows) = a.multipliedReportingOverflow(by: b)
    case .floorDivide, .remainder:
      guard b != 0 else { throw TemplateFault(.runtime, "division by zero", at: offset) }
      guard b != -1 else { return .integer(operation == .remainder ? 0 : try negated(a, at: offset)) }
      let rest = a % b
      let isOff = rest != 0 && (rest < 0) != (b < 0)
      return .integer(operation == .remainder ? (isOff ? rest + b : rest) : (isOff ? a / b - 1 : a / b))
    case .power:
      guard b >= 0 else { return nil }
      var result = 1
      for _ in 0..<min(b, 64) {
        let (next, tooLarge) = result.multipliedReportingOverflow(by: a)
        if tooLarge { return nil }
        result = next
      }
      return b <= 64 || (-1...1).contains(a) ? .integer(b > 64 && a == -1 && b % 2 == 1 ? -1 : result) : nil
    case .divide, .concatenate: return nil
    }
    guard !overflows else { throw TemplateFault(.runtime, "the number is too large", at: offset) }
    return .integer(value)
  }

  private static func repeated(
    _ text: String, _ count: TemplateValue, _ limits: TemplateLimits, at offset: Int
  ) throws(TemplateFault) -> TemplateValue {
    guard let count = count.integer else {
      throw TemplateFault(.runtime, "a text is repeated a whole number of times", at: offset)
    }
    guard count <= 0 || text.utf8.count <= limits.output / count else {
      throw TemplateFault(.runtime, "the text is larger than \(limits.output) bytes", at: offset)
    }
    return .string(String(repeating: text, count: max(0, count)))
  }

  /// Rounded to decimal places: half to even on the exact value, as Python's `round`, which the C library's decimal
  /// output also does.
  static func rounded(_ number: Double, _ digits: Int) -> Double {
    guard number.isFinite, digits >= 0 else { return rounded(number, digits, .toNearestOrEven) }
    var buffer = [CChar](repeating: 0, count: 1024)
    let length = withVaList([Int32(digits), number]) { vsnprintf(&buffer, buffer.count, "%.*f", $0) }
    guard length > 0, Int(length) < buffer.count else { return number }
    return Double(String(decoding: buffer[..<Int(length)].map { UInt8(bitPattern: $0) }, as: UTF8.self)) ?? number
  }

  static func rounded(_ number: Double, _ digits: Int, _ rule: FloatingPointRoundingRule) -> Double {
    var scale = 1.0
    for _ in 0..<abs(digits) { scale *= 10 }
    let scaled = digits >= 0 ? number * scale : number / scale
    guard scaled.isFinite, scaled.magnitude < 9e15 else { return number }
    return digits >= 0 ? scaled.rounded(rule) / scale : scaled.rounded(rule) * scale
  }

  static func compare(
    _ operation: Expression.ComparisonOperator, _ left: TemplateValue, _ right: TemplateValue, at offset: Int
  ) throws(TemplateFault) -> Bool {
    switch operation {
    case .equal: return TemplateValue.areEqual(left, right)
    case .notEqual: return !TemplateValue.areEqual(left, right)
    case .in: return try contains(right, left, at: offset)
    case .notIn: return try !contains(right, left, at: offset)
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      let isForward = operation == .less || operation == .greaterOrEqual
      guard let isLess = isForward ? TemplateValue.isLess(left, right) : TemplateValue.isLess(right, left) else {
        throw TemplateFault(.runtime, "\(left.kindName) and \(right.kindName) have no order", at: offset)
      }
      return operation == .less || operation == .greater ? isLess : !isLess
    }
  }

  static func contains(
    _ container: TemplateValue, _ value: TemplateValue, at offset: Int
  ) throws(TemplateFault) -> Bool {
    if let elements = container.elements { return elements.contains { TemplateValue.areEqual($0, value) } }
    if container.members != nil { return container.member(value.text) != nil }
    guard case .string(let text) = container, case .string(let part) = value else {
      throw TemplateFault(.runtime, "'in' cannot look for \(value.kindName) in \(container.kindName)", at: offset)
    }
    return part.isEmpty || Array(text.utf8).contains(bytes: Array(part.utf8))
  }

  /// Python's slices: negative bounds count from the end, bounds outside are cut.
  static func slice(_ items: [TemplateValue], _ start: Int?, _ end: Int?, _ step: Int) -> [TemplateValue] {
    let count = items.count
    func place(_ bound: Int, _ least: Int, _ most: Int) -> Int {
      max(least, min(bound < 0 ? bound + count : bound, most))
    }
    var picked: [TemplateValue] = []
    if step > 0 {
      var index = start.map { place($0, 0, count) } ?? 0
      let stop = end.map { place($0, 0, count) } ?? count
      while index < stop {
        picked.append(items[index])
        let (next, overflows) = index.addingReportingOverflow(step)
        if overflows { break }
        index = next
      }
    } else {
      var index = start.map { place($0, -1, count - 1) } ?? count - 1
      let stop = end.map { place($0, -1, count - 1) } ?? -1
      while index > stop {
        picked.append(items[index])
        let (next, overflows) = index.addingReportingOverflow(step)
        if overflows { break }
        index = next
      }
    }
    return picked
  }
}

extension TemplateValue {
  /// A whole number or a boolean, for arithmetic that stays whole.
  var wholeNumber: Int? {
    switch self {
    case .integer(let value): value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }
}
