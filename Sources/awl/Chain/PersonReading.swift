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
    program.errors.write(untrusted: text + " ")
    program.errors.flush()
    let thread = SerialThread(name: "awl-person")
    let line = await thread.runUnlessCancelled { readLine(strippingNewline: true) }
    return line ?? nil
  }
}
