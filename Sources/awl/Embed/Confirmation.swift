// A yes of the person at the terminal, asked on stderr.

import Formats
import Models
import Storage

enum Confirmation {
  /// Whether the answer is a yes; anything else is none.
  static func isGiven(_ question: String, _ program: Program) async -> Bool {
    program.errors.write(untrusted: question)
    program.errors.flush()
    let answer = await SerialThread(name: "awl-answer").runUnlessCancelled { readLine() ?? "" }
    return ["y", "yes"].contains((answer ?? "").trimmedOfSpace.lowercased())
  }
}
