// Mutated texts: never a crash, the same verdict as Foundation where both are strict, and what is accepted survives
// writing and reading again.

import Foundation
import Testing

@testable import Formats

struct JSONFuzzTests {
  private static let seeds: [String] = [
    #"{"id":"c-1","choices":[{"index":0,"delta":{"content":"Hi \"there\"\n\u00e9"},"finish_reason":null}],"n":-1.5e+3}"#,
    #"[1,2.5,-0.0,1e9,true,false,null,"",{},[],{"a":{"b":[[[]]]}}]"#,
    "{\"é😀\": \"日本語 text that is longer than eight bytes\", \"k\" : [ 1 , \"x\\\\\" ] }",
    "\"plain text\\tand more\"", "-12.75E-2", "  [ \"a\" ,\r\n\t\"b\" ]  ",
  ]
  private static let alphabet =
    Array(
      "{}[]\",:\\u0aeEtfn+-. \n\t19/'\u{1}é".utf8) + [0x80, 0xC3, 0xFF, 0xED, 0xA0, 0xF4]

  private static func mutate(_ bytes: [UInt8], with random: inout SplitMix64) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let at = Int.random(in: 0...bytes.count, using: &random)
      let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes.insert(byte, at: at)
      case 1 where at < bytes.count: bytes[at] = byte
      case 2 where at < bytes.count: bytes.remove(at: at)
      case 3: bytes.removeSubrange(min(at, bytes.count)..<min(at + 4, bytes.count))
      default:
        let end = min(at + Int.random(in: 0...12, using: &random), bytes.count)
        bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0...bytes.count, using: &random))
      }
    }
    return bytes
  }

  /// Texts on which Foundation's verdict is no model: it refuses lone surrogates, takes NUL for another encoding, has
  /// its own limits for numbers and allows a comma before a closing bracket.
  private static func isComparable(_ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self).lowercased()
    return !text.contains("\\ud") && !bytes.contains(0) && text.firstMatch(of: /e[+-]?\d{3}/) == nil
      && text.firstMatch(of: /\d{17}/) == nil
      && text.firstMatch(of: /,\s*[\]}]/) == nil
  }

  @Test("mutated texts get Foundation's verdict, and what is accepted survives a round trip")
  func mutations() throws {
    var random = SplitMix64(20_250_101)
    var parser = JSONParser()
    var accepted = 0
    for round in 0..<6_000 {
      let seed = Array(JSONFuzzTests.seeds[round % JSONFuzzTests.seeds.count].utf8)
      let bytes = JSONFuzzTests.mutate(seed, with: &random)
      let value = try? JSON.parse(bytes)
      let reused = bytes.withUnsafeBytes { try? parser.parse($0) }
      #expect((value == nil) == (reused == nil))
      if JSONFuzzTests.isComparable(bytes) {
        let model = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        #expect((model != nil) == (value != nil), "\(String(decoding: bytes, as: UTF8.self)) \(bytes)")
      }
      guard let value else { continue }
      accepted += 1
      #expect(reused == value)
      #expect(try JSON.parse(value.utf8) == value)
      #expect(try JSON.parse(value.prettyText) == value)
      #expect(try JSON.parse(value.canonical).canonical == value.canonical)
      #expect(try JSON.parse(value.canonical) == value)
    }
    #expect(accepted > 500)
  }

  @Test("random bytes never crash the reader, and its error lies within the text")
  func noise() {
    var random = SplitMix64(7)
    for _ in 0..<4_000 {
      let count = Int.random(in: 0...40, using: &random)
      let bytes = (0..<count).map { _ in
        Bool.random(using: &random)
          ? UInt8.random(in: 0...255, using: &random)
          : JSONFuzzTests.alphabet[Int.random(in: 0..<JSONFuzzTests.alphabet.count, using: &random)]
      }
      do throws(FormatError) {
        _ = try JSON.parse(bytes, .file)
      } catch {
        #expect(0...bytes.count ~= error.position.offset)
        #expect(error.position.line >= 1 && error.position.column >= 1)
      }
    }
  }
}
