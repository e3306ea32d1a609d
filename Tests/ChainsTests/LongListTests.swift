// Lists of many elements, which are kept as text: they mean what short ones mean, whoever uses them and however.

import Formats
import Foundation
import Support
import Testing

@testable import Chains

@Suite("long lists") struct LongListTests {
  @Test("mean what short ones mean", arguments: [10, 20_001])
  func same(count: Int) async throws {
    let home = try TemporaryDirectory("long")
    try home.write("rows.txt", (1...count).map { "row \"\($0)\"\n" }.joined())
    let ran = try await runChain(
      """
      policy: {read: ["**"], write: ["out/*"]}
      steps:
        - {id: rows, read: {file: rows.txt, as: lines}}
        - {id: a, for: rows, value: {n: "{{ item }}", i: "{{ index }}"}}
        - {id: b, for: a, as: x, value: "{{ x.i * 2 }}"}
        - {id: c, for: "b[-2:]", prompt: "{{ item }}"}
        - {id: w, write: {file: out/a.jsonl, as: jsonl, content: "{{ a }}"}}
        - {id: r, read: {file: out/a.jsonl, as: jsonl}, needs: [w]}
      outputs:
        n: "{{ a | length }}"
        last: "{{ a[-1] }}"
        sum: "{{ b | sum }}"
        words: "{{ a | length }} items"
        same: "{{ r == a }}"
        c: "{{ c }}"
        first: "{{ (r | first).n }}"
      """, directory: home.path)
    #expect(
      ran.outputs == "{\"n\":\(count),\"last\":{\"n\":\"row \\\"\(count)\\\"\",\"i\":\(count)},"
        + "\"sum\":\(count * (count + 1)),\"words\":\"\(count) items\",\"same\":true,"
        + "\"c\":[\"<\(2 * count - 2)>\",\"<\(2 * count)>\"],\"first\":\"row \\\"1\\\"\"}")
    #expect((home.text("out/a.jsonl") ?? "").split(separator: "\n").count == count)
  }

  @Test("keep what failed in its place") func failed() async throws {
    let ran = try await runChain(
      """
      steps:
        - {id: a, for: "('x ' * 10500) | split(' ')", parallel: 8, on_item_error: keep, prompt: "{{ index }}"}
      outputs: {n: "{{ a | length }}", e: "{{ a | errors | length }}", l: "{{ a[10498] }}"}
      """
    ) { $0 == "10499" ? "!no" : $0 }
    #expect(ran.outputs.contains("\"n\":10501,\"e\":1,\"l\":{\"error\":\"no"), "\(ran.outputs)")
  }
}
