// What counts as white space: in bytes that are looked at one by one the six of ASCII, around texts all of Unicode's.

extension UInt8 {
  /// Space, tab, line feed, vertical tab, form feed or carriage return.
  package var isSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}

extension StringProtocol {
  /// The text without the white space around it.
  package var trimmedOfSpace: String {
    var scalars = Substring(self).unicodeScalars
    while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
    while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
    return String(scalars)
  }
}
