// JSON text, written straight into one byte array: requests, records and results are made with it without a value in
// between. Values keep the text of their numbers and, where nothing has to change, of their strings.

/// Writes one JSON text. Keys and values are given in order; commas and colons come by themselves.
///
///     var writer = JSONWriter()
///     writer.beginObject()
///     writer.member("model", "gpt-5-mini")
///     writer.key("messages")
///     …
package struct JSONWriter: Sendable {
  package private(set) var bytes: [UInt8]
  private var needsComma = false

  package init(capacity: Int = 256) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  package mutating func beginObject() { begin(UInt8(ascii: "{")) }
  package mutating func endObject() { end(UInt8(ascii: "}")) }
  package mutating func beginArray() { begin(UInt8(ascii: "[")) }
  package mutating func endArray() { end(UInt8(ascii: "]")) }

  package mutating func key(_ name: String) {
    string(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  package mutating func string(_ text: String) {
    var text = text
    separate()
    bytes.append(UInt8(ascii: "\""))
    text.withUTF8 { JSONEscapes.encode(UnsafeRawBufferPointer($0), into: &bytes) }
    bytes.append(UInt8(ascii: "\""))
  }

  /// A string whose inside the caller appends as bytes that need no escape (base64), or splices in later: gives the
  /// byte offset at which the inside ends.
  package mutating func string(unescaped prefix: some Sequence<UInt8>) -> Int {
    separate()
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: prefix)
    bytes.append(UInt8(ascii: "\""))
    return bytes.count - 1
  }

  package mutating func int(_ value: Int) {
    separate()
    bytes.append(contentsOf: String(value).utf8)
  }

  /// Null where `value` is not finite.
  package mutating func double(_ value: Double) {
    separate()
    bytes.append(contentsOf: (JSONNumber.text(value) ?? "null").utf8)
  }

  package mutating func bool(_ value: Bool) {
    separate()
    bytes.append(contentsOf: (value ? "true" : "false").utf8)
  }

  package mutating func null() {
    separate()
    bytes.append(contentsOf: "null".utf8)
  }

  /// A value as it stands: order of keys, number text and escapes are kept.
  package mutating func value(_ value: JSON) {
    separate()
    value.write(into: &bytes)
  }

  /// JSON text made elsewhere.
  package mutating func raw(_ json: some Sequence<UInt8>) {
    separate()
    bytes.append(contentsOf: json)
  }

  package mutating func member(_ name: String, _ text: String) {
    key(name)
    string(text)
  }

  package mutating func member(_ name: String, _ number: Int) {
    key(name)
    int(number)
  }

  package mutating func member(_ name: String, _ number: Double) {
    key(name)
    double(number)
  }

  package mutating func member(_ name: String, _ flag: Bool) {
    key(name)
    bool(flag)
  }

  package mutating func member(_ name: String, _ json: JSON) {
    key(name)
    value(json)
  }

  @inline(__always)
  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func begin(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    needsComma = false
  }

  private mutating func end(_ bracket: UInt8) {
    bytes.append(bracket)
    needsComma = true
  }
}
