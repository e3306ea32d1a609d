// `builtin/extract`: the sentences of the material that answer the prompt, word for word. An honest baseline: it invents
// nothing, and says so where there is nothing to take from.

import Formats

enum ExtractModel {
  /// What is said where the prompt is a question alone.
  static let noMaterial = "There is no text in the prompt to take an answer from."

  /// The answer to the last user message; material is looked for there, in tool results and earlier turns, and in the
  /// system prompt, in this order.
  static func answer(_ request: ModelRequest) -> String {
    var prompt = PromptMaterial(BuiltinModels.lastUserText(request))
    let results = request.messages.flatMap(\.parts).compactMap { part in
      if case .toolResult(let result) = part { result.content } else { nil }
    }
    if prompt.material.isEmpty { prompt.material = results.joined(separator: "\n\n") }
    if prompt.material.isEmpty {
      let earlier = request.messages.filter { $0.role == .user }.dropLast()
      prompt.material = earlier.map { PromptMaterial($0.text).material }.filter { !$0.isEmpty }
        .joined(separator: "\n\n")
    }
    if prompt.material.isEmpty, let system = request.system {
      let material = Array(PromptMaterial(system).material.utf8)
      // A system prompt of a sentence or two is an instruction.
      if SentenceSplitter.sentences(of: material).count > 2 {
        prompt.material = String(decoding: material, as: UTF8.self)
      }
    }
    return answer(prompt)
  }

  private static func answer(_ prompt: PromptMaterial) -> String {
    let text = Array(prompt.material.utf8)
    var sentences = SentenceSplitter.sentences(of: text)
    if sentences.isEmpty { sentences = SentenceSplitter.sentences(of: text, keepsCode: true) }
    guard !sentences.isEmpty else { return noMaterial }
    let question = Array(prompt.question.utf8)
    var terms: Set<UInt64> = []
    Terms.scan(question, 0..<question.count, isQuestion: true) { terms.insert($0) }
    let wish = AnswerLength(prompt.question)
    let best = SentenceRanking.best(sentences, of: text, question: terms, limit: wish.sentences)
    let lines = best.map { oneLine(text[sentences[$0]]) }
    if wish.isList { return lines.map { "- " + $0 }.joined(separator: "\n") }
    return lines.reduce(into: "") { answer, line in
      if let last = answer.unicodeScalars.last, last.value < 0x3000 { answer += " " }
      answer += line
    }
  }

  /// A sentence that was wrapped over lines (and quoted by `>`), on one.
  private static func oneLine(_ sentence: ArraySlice<UInt8>) -> String {
    var line: [UInt8] = []
    var isBreak = false
    var isSpace = false
    for byte in sentence {
      if byte == 0x0A { isBreak = true }
      if byte <= 0x20 || (isBreak && byte == UInt8(ascii: ">")) {
        isSpace = true
        continue
      }
      if isSpace, !line.isEmpty { line.append(0x20) }
      isSpace = false
      isBreak = false
      line.append(byte)
    }
    return String(decoding: line, as: UTF8.self)
  }
}

/// How long an instruction wants the answer: "in one sentence", "3 bullet points", "in drei Sätzen".
struct AnswerLength {
  var sentences = 3
  var isList = false

  init(_ instruction: String) {
    var words: [String] = []
    let text = Array(instruction.utf8)
    WordScanner.scan(text, 0..<text.count) { word in
      var view = String.UnicodeScalarView()
      view.append(contentsOf: word.scalars.compactMap(Unicode.Scalar.init))
      words.append(String(view))
    }
    for (index, word) in words.enumerated() {
      guard Self.units.contains(word) else { continue }
      if word.hasPrefix("bullet") { isList = true }
      // "3 short bullet points": the number stands at most three words before.
      let before = words[max(0, index - 3)..<index].reversed().compactMap { Self.number($0) }
      if let count = before.first {
        sentences = min(max(count, 1), 50)
        isList = isList || words.contains { $0.hasPrefix("bullet") }
        return
      }
    }
  }

  private static let units: Set<String> = [
    "sentence", "sentences", "bullet", "bullets", "point", "points", "line", "lines", "satz", "sätze", "sätzen",
    "phrase", "phrases", "frase", "frases",
  ]
  private static let numbers: [[String]] = [
    ["one", "a", "single", "ein", "einem", "einen", "une", "una"], ["two", "zwei", "deux", "dos"],
    ["three", "drei", "trois", "tres"], ["four", "vier", "quatre", "cuatro"], ["five", "fünf", "cinq", "cinco"],
    ["six", "sechs", "seis"], ["seven", "sieben", "sept", "siete"], ["eight", "acht", "huit", "ocho"],
    ["nine", "neun", "neuf", "nueve"], ["ten", "zehn", "dix", "diez"],
  ]

  private static func number(_ word: String) -> Int? {
    Int(word) ?? numbers.firstIndex { $0.contains(word) }.map { $0 + 1 }
  }
}
