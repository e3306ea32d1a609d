// The extractive baseline: which sentences it takes, and what it says when there is nothing to take from.

import Formats
import Testing

@testable import Models

struct BuiltinExtractTests {
  static let material = """
    # Bern

    Bern is the capital of Switzerland. It lies on the river Aare. The old town was founded in 1191 by Duke
    Berthold of Zähringen. Its bridges are made of stone.

    ```
    capital = "not this"
    ```

    - The bear is the animal of the city.
    - Dr. Meyer wrote its history in 1920.
    """

  @Test(
    "the sentence that answers the question is given, word for word",
    arguments: [
      ("What is the capital of Switzerland?", "Bern is the capital of Switzerland."),
      ("Who wrote the history?", "Dr. Meyer wrote its history in 1920."),
      ("Which river?", "It lies on the river Aare."),
      ("When was the old town founded?", "The old town was founded in 1191 by Duke Berthold of Zähringen."),
    ])
  func question(question: String, answer: String) async {
    for prompt in [
      question + "\n\n" + Self.material, Self.material + "\n\n" + question,
      question + "\n\n<file name=\"bern.md\">\n\(Self.material)\n</file>\n",
    ] {
      #expect(await ask("extract", prompt).reply.text == answer)
    }
  }

  @Test("the wished number of sentences is kept, in the order of the text")
  func count() async {
    let one = await ask("extract", "Summarize the text in one sentence.\n\n" + Self.material).reply.text
    #expect(SentenceSplitter.sentences(of: Array(one.utf8)).count == 1)
    let bullets = await ask("extract", "List 4 bullet points.\n\n" + Self.material).reply.text
    let lines = bullets.split(separator: "\n")
    #expect(lines.count == 4 && lines.allSatisfy { $0.hasPrefix("- ") })
    let places = lines.compactMap { line in
      Self.material.replacing("\n", with: " ").firstRange(of: line.dropFirst(2))?.lowerBound
    }
    #expect(places.count == 4 && places == places.sorted())
    let plain = await ask("extract", "Summarize.\n\n" + Self.material).reply.text
    #expect(SentenceSplitter.sentences(of: Array(plain.utf8)).count == 3)
  }

  @Test("a question without material is answered honestly", arguments: ["What is love?", "Hello", "", "日本の首都は？"])
  func noMaterial(prompt: String) async {
    #expect(await ask("extract", prompt).reply.text == ExtractModel.noMaterial)
  }

  @Test(
    "sentences are split by script, list and fence",
    arguments: [
      ("One. Two! Three?", ["One.", "Two!", "Three?"]),
      (
        "Mr. Smith saw J. K. Rowling at 3.5 km, e.g. There. Then left.",
        [
          "Mr. Smith saw J. K. Rowling at 3.5 km, e.g. There.", "Then left.",
        ]
      ),
      ("She said \"no.\" He left.", ["She said \"no.\"", "He left."]),
      ("東京は首都です。人口は多い！「本当？」はい。", ["東京は首都です。", "人口は多い！", "「本当？」", "はい。"]),
      ("# Head\nText here.\n\n* a\n* b\n1. c\n", ["Text here.", "a", "b", "c"]),
      ("Before.\n```\ncode. More.\n```\nAfter.", ["Before.", "After."]),
      ("Before.\n| a | b |\n|---|---|\n| c | d |\nAfter.", ["Before.", "After."]),
      ("See no. 5 of it. Done.", ["See no. 5 of it.", "Done."]), ("", []), ("...", ["..."]),
    ] as [(String, [String])])
  func split(text: String, expected: [String]) {
    let bytes = Array(text.utf8)
    #expect(SentenceSplitter.sentences(of: bytes).map { String(decoding: bytes[$0], as: UTF8.self) } == expected)
  }

  @Test("Chinese and Japanese questions find their sentence")
  func ideographs() async {
    let text = "北京是中国的首都。长江是最长的河。上海有很多人口。\n\n哪个是最长的河？"
    #expect(await ask("extract", text).reply.text == "长江是最长的河。")
  }

  @Test("a large text is answered from, and the same each time")
  func large() async {
    var text = "Who keeps the lighthouse?\n\n"
    for number in 0..<6000 { text += "Entry \(number) tells of weather \(number % 97) and ships \(number % 31). " }
    text += "The lighthouse is kept by Anna."
    let first = await ask("extract", text).reply.text
    #expect(first == "The lighthouse is kept by Anna.")
    #expect(await ask("extract", text).reply.text == first)
  }

  @Test("a value's free strings are the extracted text")
  func schema() async throws {
    var request = ModelRequest(messages: [Message(.user, text: "Which river?\n\n" + Self.material)])
    let schema = try JSON.parse(
      #"{"type":"object","properties":{"a":{"type":"string"},"k":{"enum":["x","y"]},"n":{"type":"integer"}},"required":["k","a"]}"#
    )
    request.schema = OutputSchema(schema: schema)
    #expect(await ask("extract", request).reply.text == #"{"a":"It lies on the river Aare.","k":"x"}"#)
  }
}
