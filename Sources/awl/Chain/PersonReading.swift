// A question to a person at the terminal, for chains that ask one.

import Chains
import Storage

struct PersonReading {
  let program: Program

  /// The line that was typed; `nil` where there is none any more.
  func answer(_ question: PersonQuestion) async -> String? {
    var text = question.text
    if !question.choices.isEmpty { text += " (\(question.choices.joined(separator: ", ")))" }
    if let fallback = question.fallback, !fallback.isEmpty { text += " [\(fallback)]" }
    return await line(text + " ")
  }

  /// A person's yes or no to what a step is about to do, which is shown whole.
  func approval(_ request: ApprovalRequest) async -> ApprovalAnswer? {
    var text = "\(request.tool): \(request.what)\nallow it? y (yes), a (always, exactly this), n [reason] "
    while let answer = await line(text) {
      let words = answer.split(separator: " ", maxSplits: 1)
      switch words.first?.lowercased() {
      case "y", "yes": return .yes
      case "a", "always": return .always
      case "n", "no": return .no(words.count > 1 ? String(words[1]) : "")
      default: text = "y, a or n? "
      }
    }
    return nil
  }

  private func line(_ prompt: String) async -> String? {
    program.errors.write(untrusted: prompt)
    program.errors.flush()
    let thread = SerialThread(name: "awl-person")
    let line = await thread.runUnlessCancelled { readLine(strippingNewline: true) }
    return line ?? nil
  }
}
