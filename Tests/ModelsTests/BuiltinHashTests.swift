// Feature hashing: vectors that stay the same on every machine, and closer for texts that are alike.

import Formats
import Testing

@testable import Models

struct BuiltinHashTests {
  private func vector(_ text: String, _ dimension: Int = 384) -> [Float] {
    HashEmbedding(dimension: dimension).vector(of: text) ?? []
  }

  private func cosine(_ first: String, _ second: String) -> Float {
    zip(vector(first), vector(second)).reduce(0) { $0 + $1.0 * $1.1 }
  }

  @Test(
    "texts on the same thing are nearer than texts on another",
    arguments: [
      ("The cat sat on the mat", "A cat is sitting on a mat", "The market fell by two percent"),
      ("how do I reset my password", "resetting a forgotten password", "how do I bake my bread"),
      ("Installation on Linux", "install it on a linux machine", "prices of the models"),
      ("東京は日本の首都です", "日本の首都はどこですか", "猫が好きです"),
      ("Die Rechnung wurde bezahlt", "Rechnungen bezahlen", "Das Wetter ist schön"),
    ])
  func similarity(text: String, near: String, far: String) {
    #expect(cosine(text, near) > cosine(text, far) + 0.1)
  }

  @Test("vectors have length 1 and the asked dimension", arguments: [1, 2, 7, 384, 65_536])
  func length(dimension: Int) {
    let vector = vector("some words of a text", dimension)
    #expect(vector.count == dimension)
    #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
  }

  @Test("case does not count, and FNV-1a is the published one")
  func stable() {
    #expect(vector("Hello WORLD") == vector("hello world"))
    var hash = FNV1a()
    for byte in "foobar".utf8 { hash.add(byte: byte) }
    #expect(hash.value == 0x8594_4171_F739_67E8)
  }

  @Test("a text without words is an error that says which")
  func empty() throws {
    let request = EmbeddingRequest(inputs: ["words", " ?! "])
    let error = #expect(throws: ModelError.self) { try BuiltinModels.embed(request, target("hash-8")) }
    #expect(error?.message == "text 2 of 2 has no word to embed")
  }

  @Test("models of other names or dimensions are refused", arguments: ["hash-0", "hash-65537", "hash-", "echo"])
  func refused(model: String) {
    #expect(throws: ModelError.self) { try BuiltinModels.embed(EmbeddingRequest(inputs: ["a"]), target(model)) }
  }
}
