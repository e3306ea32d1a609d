// Labels of host names in ASCII (RFC 3492), both ways.

enum Punycode {
  private static func adapt(_ delta: Int, _ count: Int, isFirst: Bool) -> Int {
    var delta = isFirst ? delta / 700 : delta / 2
    delta += delta / count
    var k = 0
    while delta > 455 {
      delta /= 35
      k += 36
    }
    return k + 36 * delta / (delta + 38)
  }

  static func decode(_ text: [Unicode.Scalar]) -> [Unicode.Scalar]? {
    var output: [Unicode.Scalar] = []
    var index = 0
    if let hyphen = text.lastIndex(of: "-") {
      output = Array(text[..<hyphen])
      index = hyphen + 1
    }
    var (n, i, bias) = (128, 0, 72)
    while index < text.count {
      let before = i
      var weight = 1
      var k = 36
      while true {
        guard index < text.count else { return nil }
        let value = text[index].value
        index += 1
        let digit: Int
        switch value {
        case 0x30...0x39: digit = Int(value) - 0x30 + 26
        case 0x41...0x5A: digit = Int(value) - 0x41
        case 0x61...0x7A: digit = Int(value) - 0x61
        default: return nil
        }
        i += digit * weight
        guard i < 1 << 40 else { return nil }
        let threshold = min(26, max(1, k - bias))
        if digit < threshold { break }
        weight *= 36 - threshold
        guard weight < 1 << 40 else { return nil }
        k += 36
      }
      bias = adapt(i - before, output.count + 1, isFirst: before == 0)
      n += i / (output.count + 1)
      i %= output.count + 1
      guard let scalar = UInt32(exactly: n).flatMap(Unicode.Scalar.init) else { return nil }
      output.insert(scalar, at: i)
      i += 1
    }
    return output
  }

  /// The encoding, without `xn--`; nil for a label that is far too long.
  static func encode(_ label: [Unicode.Scalar]) -> String? {
    guard label.count <= 63 else { return nil }
    let basic = label.filter(\.isASCII)
    var output = String(String.UnicodeScalarView(basic)) + (basic.isEmpty ? "" : "-")
    var (n, delta, bias, handled) = (128, 0, 72, basic.count)
    while handled < label.count {
      guard let next = label.map({ Int($0.value) }).filter({ $0 >= n }).min() else { return nil }
      delta += (next - n) * (handled + 1)
      n = next
      for scalar in label {
        if Int(scalar.value) < n { delta += 1 }
        guard Int(scalar.value) == n else { continue }
        var q = delta
        var k = 36
        while true {
          let threshold = min(26, max(1, k - bias))
          let digit = q < threshold ? q : threshold + (q - threshold) % (36 - threshold)
          output.unicodeScalars.append(Unicode.Scalar(UInt8(digit < 26 ? 0x61 + digit : 0x16 + digit)))
          if q < threshold { break }
          q = (q - threshold) / (36 - threshold)
          k += 36
        }
        bias = adapt(delta, handled + 1, isFirst: handled == basic.count)
        delta = 0
        handled += 1
      }
      delta += 1
      n += 1
    }
    return output
  }
}
