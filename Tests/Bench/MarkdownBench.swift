// What drawing Markdown costs: a long answer on a pseudo-terminal, once drawn and once with --raw, and the difference of
// their CPU, since what the two share (the model's words, the terminal) is not the drawing's.

import Foundation
import Support

func markdown(program: String) async throws -> [Row] {
  let folder = try TemporaryDirectory("markdown")
  let text = String(repeating: block, count: 4_000_000 / block.utf8.count)
  let file = try folder.write("answer.md", text)
  let terminal = try PseudoTerminal()
  var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
  _ = ioctl(terminal.master, UInt(TIOCSWINSZ), &size)
  // Somebody looks at it.
  let master = terminal.master
  Thread.detachNewThread {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while read(master, &buffer, buffer.count) > 0 {}
  }
  let words = 4
  let command = [program, "prompt", "-n", "-m", "builtin/echo", "--option", "words=\(words)", "-f", file]
  var costs: [Double] = []
  for _ in 0..<7 {
    var pair: [Double] = []
    for flags in [[], ["--raw"]] {
      let cost = try Measure.run(command + flags, environment: ["TERM": "xterm-256color"], output: terminal.slave)
      guard cost.exit == 0 else { throw BenchError("exit code \(cost.exit)") }
      pair.append(cost.cpu)
    }
    costs.append(pair[0] - pair[1])
  }
  let cost = Measure.median(costs)
  let deltas = text.split { $0 == " " || $0 == "\n" }.count / words
  return [
    Row(
      "Markdown drawn, 4 MB in \(deltas) deltas, CPU beyond `--raw`",
      "\(Measure.rate(text.utf8.count, cost)), \(String(format: "%.2f", cost / Double(deltas) * 1e6)) µs a delta", "",
      "",
      "≥ 20 MB/s, < 50 µs")
  ]
}

private let block = """
  ## Heading with `code` and *emphasis*

  A paragraph of **bold words**, some *emphasis here*, a [link](https://example.com/path) and `inline code` that goes on
  for a while, so that lines have to be wrapped; it has numbers 1234, dashes - and a semicolon.

  - an item with **bold** text
  - another item, with `code` and more words than fit on one line of a narrow terminal window, so it wraps
    - nested item with *emphasis*
  1. first
  2. second with [a link](http://example.com/z)

  > A quote that goes on
  > for two lines

  ```swift
  func f(x: Int) -> Int {
    // a comment
    return x + 1 // "string"
  }
  ```

  | Name | Value | Note |
  |---|---:|:---:|
  | one | 1 | first *row* |
  | two | 22 | `second` row |

  Final paragraph with ünïcode, 日本語 text and an emoji 🎉 to be measured. Snake_case_words and 2 * 3 * 4.


  """
