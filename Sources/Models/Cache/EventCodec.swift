// An answer's events as bytes, for the cache. A byte of version, then for each event a byte of kind and its fields:
// numbers as variable-length integers (LEB128, signed ones zigzag), doubles as their 8 bits patterns little-endian,
// texts and JSON as their length and UTF-8. Pieces of one text that follow each other are joined into one, up to 4 KiB,
// so that a replay streams and a cache does not keep how a network once cut words.

import Formats

package enum EventCodec {
  static let version: UInt8 = 1
  /// Pieces are joined up to this many bytes.
  static let pieceLimit = 4096

  /// The events of a whole answer as bytes.
  package static func encode(_ events: [ModelEvent]) -> [UInt8] {
    var encoder = EventEncoder()
    encoder.add(events)
    return encoder.finish()
  }

  /// Reads what `encode` wrote; nil for anything else.
  package static func decode(_ bytes: ArraySlice<UInt8>) -> [ModelEvent]? {
    var reader = EventReader(bytes)
    guard reader.byte() == version else { return nil }
    var events: [ModelEvent] = []
    while !reader.isAtEnd {
      guard let event = reader.event() else { return nil }
      events.append(event)
    }
    return events
  }

  enum Kind: UInt8 {
    case started = 1, text, reasoning, refusal, toolCallStarted, toolCallArguments, toolCallFinished, partFinished
    case opaquePart, logProbabilities, usage, warning, finished
  }
}

/// Encodes events as they come.
struct EventEncoder: Sendable {
  private(set) var bytes: [UInt8] = [EventCodec.version]
  /// A text that may still grow.
  private var open: (kind: EventCodec.Kind, index: Int, text: String)?

  mutating func add(_ events: [ModelEvent]) {
    for event in events { add(event) }
  }

  mutating func finish() -> [UInt8] {
    close()
    return bytes
  }

  private mutating func add(_ event: ModelEvent) {
    switch event {
    case .text(let piece): extend(.text, 0, piece)
    case .reasoning(let piece): extend(.reasoning, 0, piece)
    case .refusal(let piece): extend(.refusal, 0, piece)
    case .toolCallArguments(let index, let piece): extend(.toolCallArguments, index, piece)
    // What continues an answer is asked for while it comes; a replay has it all.
    case .continues: break
    default:
      close()
      write(event)
    }
  }

  private mutating func extend(_ kind: EventCodec.Kind, _ index: Int, _ piece: String) {
    if let current = open, current.kind == kind, current.index == index,
      current.text.utf8.count + piece.utf8.count <= EventCodec.pieceLimit
    {
      open?.text += piece
    } else {
      close()
      open = (kind, index, piece)
    }
  }

  private mutating func close() {
    guard let (kind, index, text) = open else { return }
    open = nil
    bytes.append(kind.rawValue)
    if kind == .toolCallArguments { write(index) }
    write(text)
  }

  private mutating func write(_ event: ModelEvent) {
    switch event {
    case .text, .reasoning, .refusal, .toolCallArguments, .continues: break
    case .started(let id, let model):
      bytes.append(EventCodec.Kind.started.rawValue)
      write(id)
      write(model)
    case .toolCallStarted(let index, let id, let name):
      bytes.append(EventCodec.Kind.toolCallStarted.rawValue)
      write(index)
      write(id)
      write(name)
    case .toolCallFinished(let index, let call):
      bytes.append(EventCodec.Kind.toolCallFinished.rawValue)
      write(index)
      write(call.id)
      write(call.name)
      write(call.arguments)
      write(call.opaque)
    case .partFinished(let opaque):
      bytes.append(EventCodec.Kind.partFinished.rawValue)
      write(opaque)
    case .opaquePart(let opaque):
      bytes.append(EventCodec.Kind.opaquePart.rawValue)
      write(opaque)
    case .logProbabilities(let tokens):
      bytes.append(EventCodec.Kind.logProbabilities.rawValue)
      write(tokens)
    case .usage(let usage):
      bytes.append(EventCodec.Kind.usage.rawValue)
      for count in [usage.input, usage.cacheRead, usage.cacheWrite, usage.output, usage.reasoning] { write(count) }
      write(usage.raw)
    case .warning(let text):
      bytes.append(EventCodec.Kind.warning.rawValue)
      write(text)
    case .finished(let reason):
      bytes.append(EventCodec.Kind.finished.rawValue)
      write(reason.rawValue)
    }
  }

  private mutating func write(_ tokens: [TokenLogProbability]) {
    write(tokens.count)
    for token in tokens {
      write(token.token)
      write(token.logProbability)
      write(token.top.count)
      for alternative in token.top {
        write(alternative.token)
        write(alternative.logProbability)
      }
    }
  }

  private mutating func write(_ opaque: Opaque?) {
    bytes.append(opaque == nil ? 0 : 1)
    guard let opaque else { return }
    write(opaque.provider)
    write(opaque.fields)
  }

  private mutating func write(_ json: JSON?) {
    bytes.append(json == nil ? 0 : 1)
    guard let json else { return }
    var writer = JSONWriter()
    writer.value(json)
    write(writer.bytes)
  }

  private mutating func write(_ text: String?) {
    bytes.append(text == nil ? 0 : 1)
    if let text { write(text) }
  }

  private mutating func write(_ text: String) { write(Array(text.utf8)) }

  private mutating func write(_ content: [UInt8]) {
    writeUnsigned(UInt64(content.count))
    bytes += content
  }

  private mutating func write(_ number: Double) {
    withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private mutating func write(_ number: Int) {
    let number = Int64(number)
    writeUnsigned(UInt64(bitPattern: number << 1 ^ number >> 63))
  }

  private mutating func writeUnsigned(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

/// Reads events from bytes that may be anything.
private struct EventReader {
  private let bytes: ArraySlice<UInt8>
  private var place: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    place = bytes.startIndex
  }

  var isAtEnd: Bool { place == bytes.endIndex }

  mutating func byte() -> UInt8? {
    guard place < bytes.endIndex else { return nil }
    defer { place += 1 }
    return bytes[place]
  }

  mutating func event() -> ModelEvent? {
    guard let kind = byte().flatMap(EventCodec.Kind.init(rawValue:)) else { return nil }
    switch kind {
    case .started:
      guard let id = optional({ $0.text() }), let model = optional({ $0.text() }) else { return nil }
      return .started(id: id, model: model)
    case .text: return text().map(ModelEvent.text)
    case .reasoning: return text().map(ModelEvent.reasoning)
    case .refusal: return text().map(ModelEvent.refusal)
    case .toolCallStarted:
      guard let index = int(), let id = text(), let name = text() else { return nil }
      return .toolCallStarted(index: index, id: id, name: name)
    case .toolCallArguments:
      guard let index = int(), let piece = text() else { return nil }
      return .toolCallArguments(index: index, text: piece)
    case .toolCallFinished:
      guard let index = int(), let id = text(), let name = text(), let arguments = text(),
        let opaque = optional({ $0.opaque() })
      else { return nil }
      return .toolCallFinished(index: index, ToolCall(id: id, name: name, arguments: arguments, opaque: opaque))
    case .partFinished: return optional { $0.opaque() }.map(ModelEvent.partFinished)
    case .opaquePart: return optional { $0.opaque() }.flatMap { $0.map(ModelEvent.opaquePart) }
    case .logProbabilities: return logProbabilities().map(ModelEvent.logProbabilities)
    case .usage:
      guard let input = int(), let read = int(), let write = int(), let output = int(), let reasoning = int(),
        let raw = optional({ $0.json() })
      else { return nil }
      return .usage(
        Usage(input: input, cacheRead: read, cacheWrite: write, output: output, reasoning: reasoning, raw: raw))
    case .warning: return text().map(ModelEvent.warning)
    case .finished: return text().flatMap(FinishReason.init(rawValue:)).map(ModelEvent.finished)
    }
  }

  private mutating func logProbabilities() -> [TokenLogProbability]? {
    guard let count = count() else { return nil }
    var tokens: [TokenLogProbability] = []
    for _ in 0..<count {
      guard let token = text(), let probability = double(), let alternatives = self.count() else { return nil }
      var top: [TokenLogProbability.Alternative] = []
      for _ in 0..<alternatives {
        guard let token = text(), let probability = double() else { return nil }
        top.append(.init(token: token, logProbability: probability))
      }
      tokens.append(TokenLogProbability(token: token, logProbability: probability, top: top))
    }
    return tokens
  }

  private mutating func opaque() -> Opaque? {
    guard let provider = text(), let fields = optional({ $0.json() }), let fields else { return nil }
    return Opaque(provider: provider, fields: fields)
  }

  private mutating func json() -> JSON? {
    guard let content = content() else { return nil }
    return try? JSON.parse(Array(content))
  }

  /// A field that may be absent: nil where it cannot be read, `.some(nil)` where it is absent.
  private mutating func optional<Value>(_ read: (inout EventReader) -> Value?) -> Value?? {
    switch byte() {
    case 0: return .some(nil)
    case 1: return read(&self).map { .some($0) }
    default: return nil
    }
  }

  private mutating func text() -> String? {
    content().flatMap { String(validating: $0, as: UTF8.self) }
  }

  private mutating func content() -> ArraySlice<UInt8>? {
    guard let length = unsigned(), length <= UInt64(bytes.endIndex - place) else { return nil }
    defer { place += Int(length) }
    return bytes[place..<place + Int(length)]
  }

  /// A number of things that each take at least a byte.
  private mutating func count() -> Int? {
    guard let count = int(), count >= 0, count <= bytes.endIndex - place else { return nil }
    return count
  }

  private mutating func double() -> Double? {
    guard bytes.endIndex - place >= 8 else { return nil }
    var pattern: UInt64 = 0
    for index in 0..<8 { pattern |= UInt64(bytes[place + index]) << (8 * UInt64(index)) }
    place += 8
    return Double(bitPattern: pattern)
  }

  private mutating func int() -> Int? {
    unsigned().map { Int(Int64(bitPattern: $0 >> 1) ^ -Int64(bitPattern: $0 & 1)) }
  }

  private mutating func unsigned() -> UInt64? {
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 63, by: 7) {
      guard let byte = byte() else { return nil }
      let bits = UInt64(byte & 0x7F)
      if shift == 63, bits > 1 { return nil }
      number |= bits << shift
      if byte < 0x80 { return number }
    }
    return nil
  }
}
