// Schemas, YAML and templates beside the Python packages that most people use for them, on the same texts: jsonschema,
// PyYAML's C loader, jinja2. Seconds of CPU on both sides, in rounds that take turns, since the machine is shared.

import Formats
import Foundation
import Support
import Templates

func formats(_: String) async throws -> [Row] {
  guard let python = Peers.python else { return [] }
  return try yaml(python) + templates(python)
}

/// About 5 MB of test cases as people write them by hand.
private func yaml(_ python: String) throws -> [Row] {
  let text = testCases(megabytes: 5)
  let script = """
    import sys, time, yaml
    text = open(sys.argv[1], encoding='utf-8').read()
    start = time.process_time()
    value = yaml.load(text, Loader=yaml.CSafeLoader)
    print(time.process_time() - start, len(value))
    """
  var count = 0
  let (ours, theirs) = try rounds(3, python, script, text) {
    let value = try YAML.parse(text)
    count = value.count
    // Every node still has its place.
    guard value[count - 1]?["input"]?.position.line ?? 0 > count else { throw BenchError("a position is lost") }
  }
  return [
    Row(
      "YAML: \(count) test cases read, positions kept", Measure.rate(text.count, ours),
      "\(Measure.rate(text.count, theirs)) (PyYAML's C loader)", Measure.ratio(theirs / ours), "≥ 20")
  ]
}

private func templates(_ python: String) throws -> [Row] {
  let source = [UInt8](templateText.utf8)
  let context = try JSON.parse(templateContext)
  let setUp = """
    import json, sys, time, jinja2
    source, context = open(sys.argv[1]).read().split("\\0")
    context = json.loads(context)
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    template = environment.from_string(source)
    """
  let input = source + [0] + [UInt8](templateContext.utf8)
  let template = try Template(source)
  let text = try template.render(context)
  let same = try Peers.output(python, setUp + "\nsys.stdout.write(template.render(context))", input)
  guard same == text else { throw BenchError("the templates give different texts: \(same) and \(text)") }
  let render = try rounds(5, python, setUp + loop(2000, "template.render(context)"), input) {
    for _ in 0..<2000 { _ = try template.render(context) }
  }
  let compile = try rounds(5, python, setUp + loop(100, "environment.from_string(source)"), input) {
    for _ in 0..<100 { _ = try Template(source) }
  }
  func row(_ what: String, _ cost: (ours: Double, theirs: Double), _ count: Double, _ target: String) -> Row {
    Row(
      what, String(format: "%.1f µs", cost.ours / count * 1e6),
      String(format: "%.1f µs (jinja2)", cost.theirs / count * 1e6), Measure.ratio(cost.theirs / cost.ours), target)
  }
  return [
    row("template: a render of \(text.utf8.count) bytes", render, 2000, "≥ 10"),
    row("template: compiled", compile, 100, "≥ 50"),
  ]
}

private func loop(_ count: Int, _ body: String) -> String {
  "\nstart = time.process_time()\nfor _ in range(\(count)): \(body)\nprint(time.process_time() - start)\n"
}

/// Seconds of CPU of `body` and of the script, each the median of rounds that take turns.
private func rounds(
  _ count: Int, _ python: String, _ script: String, _ input: [UInt8], _ body: () throws -> Void
) throws -> (ours: Double, theirs: Double) {
  var ours: [Double] = []
  var theirs: [Double] = []
  for _ in 0..<count {
    let start = Measure.threadSeconds
    try body()
    ours.append(Measure.threadSeconds - start)
    let words = try Peers.output(python, script, input).split(separator: " ")
    guard let seconds = words.first.flatMap({ Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }) else {
      throw BenchError("the Python package is not there (make bench-peers)")
    }
    theirs.append(seconds)
  }
  return (Measure.median(ours), Measure.median(theirs))
}

private func testCases(megabytes: Int) -> [UInt8] {
  var text = ""
  var number = 0
  while text.utf8.count < megabytes * 1_000_000 {
    number += 1
    text += """
      - id: case-\(number)
        input: "A customer writes: my order no. \(number) has not come, and nobody answers the phone."
        expected: {label: delivery, urgent: \(number % 3 == 0), score: 0.\(number % 10)}
        tags: [support, "orders", delivery-\(number % 7)]
        notes: |
          Seen in the week \(number % 53).
          The answer has to name the order.
        vars:
          name: Zoë \(number)
          count: \(number % 100)
          empty: null

      """
  }
  return Array(text.utf8)
}

private let templateText = """
  {% if tone %}Write in a {{ tone }} voice.{% endif %}
  Summarise for {{ reader.name | upper }} in at most {{ limit }} words:
  {% for item in items %}{{ loop.index }}. {{ item.title }} ({{ item.price * 2 }}, {{ item.tags | join(", ") }})
  {% endfor %}{% if items | length > 3 %}There are {{ items | length }} of them.{% else %}That is all.{% endif %}
  """

private let templateContext =
  #"{"tone":"calm","reader":{"name":"Ada Lovelace"},"limit":80,"items":["#
  + (1...8).map { #"{"title":"The title of article number \#($0)","price":\#($0),"tags":["new","red","small"]}"# }
  .joined(separator: ",") + "]}"

extension Measure {
  /// Seconds of CPU that this thread has taken.
  static var threadSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

extension Peers {
  /// What a script prints that is given a file.
  static func output(_ python: String, _ script: String, _ input: [UInt8]) throws -> String {
    let directory = try TemporaryDirectory("bench")
    let (file, printed) = (directory.path + "/input", directory.path + "/printed")
    guard FileManager.default.createFile(atPath: file, contents: Data(input)) else { throw BenchError("no file") }
    let descriptor = open(printed, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(descriptor) }
    let command = [python, "-c", script, file]
    guard try Measure.run(command, environment: ["PATH": Measure.path], output: descriptor).exit == 0 else {
      throw BenchError("the script failed (make bench-peers)")
    }
    return try String(contentsOfFile: printed, encoding: .utf8)
  }
}
