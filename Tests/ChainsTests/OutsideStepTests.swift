// Steps that reach out of the process: chunks and vectors, a person, a server; and what keeps a server where it belongs.

import Formats
import Foundation
import Support
import Testing

@testable import Chains

@Suite("steps that reach outside") struct OutsideStepTests {
  @Test("a text is cut, with places and headings") func chunks() async throws {
    let ran = try await runChain(
      """
      vars: {text: "# A\\n\\none\\n\\n# B\\n\\ntwo\\n"}
      steps: [{id: a, chunk: {text: "{{ vars.text }}", by: markdown, size: 4}}]
      outputs: {h: "{{ a | map(attribute='heading') | unique }}", n: "{{ a | length }}"}
      """)
    #expect(ran.outputs == #"{"h":["A","B"],"n":4}"#)
    let placed = try await runChain(
      """
      vars: {text: "One. Two. Three. Four. Five. Six. Seven. Eight."}
      steps: [{id: a, chunk: {text: "{{ vars.text }}", by: sentence, size: 6}}]
      outputs: {t: "{% for c in a %}{{ vars.text[c.start:c.end] == c.text }} {% endfor %}"}
      """)
    #expect(placed.outputs.contains("true") && !placed.outputs.contains("false"), "\(placed.outputs)")
  }

  @Test("without a person the default counts, else the run stops with 6") func person() async throws {
    let ran = try await runChain(
      "steps: [{id: a, ask: {text: \"Go on?\", choices: [\"yes\", \"no\"], default: \"no\"}}]\noutputs: {a: \"{{ a }}\"}"
    )
    #expect(ran.outputs == #"{"a":"no"}"#)
    let stopped = try await runChain("steps: [{id: a, ask: {text: \"Go on?\"}}]")
    #expect(stopped.result.failure?.code == 6)
  }

  @Test(
    "what is wrong with a request is told before it is sent",
    arguments: [
      (
        "{url: \"https://a.example/x\"}",
        "4:17: the policy does not let it reach a.example (policy: {net: [\"a.example\"]})"
      ),
      (
        "{url: \"https://user@b.example:8/x\"}",
        "4:17: the policy does not let it reach b.example (policy: {net: [\"b.example\"]})"
      ),
      ("{url: \"https://ok.example/\", method: GET, body: x}", "4:54: a GET has no body"),
      ("{url: \"https://ok.example/\", json: 1, body: x}", "4:50: 'json' and 'body' exclude each other"),
    ])
  func requests(step: String, expected: String) {
    #expect(
      problems("chain: 1\npolicy: {net: [ok.example]}\nsteps:\n  - {id: a, http: \(step)}").map(columnless) == [
        columnless(expected)
      ])
  }

  /// Without the column, which the table's own spelling would have to count.
  private func columnless(_ line: String) -> String {
    let parts = line.split(separator: ":", maxSplits: 2)
    return parts.count == 3 ? "\(parts[0]):\(parts[2])" : line
  }

  @Test("a secret goes into a header and nowhere else") func secrets() {
    let chain = """
      chain: 1
      secrets: [TOKEN]
      policy: {net: [ok.example]}
      steps:
        - id: a
          http: {url: "https://ok.example/", headers: {Authorization: "Bearer {{ secrets.TOKEN }}"}}
        - id: b
          http: {url: "https://ok.example/{{ secrets.TOKEN }}"}
      """
    #expect(problems(chain).count == 1 && problems(chain)[0].hasPrefix("8:"), "\(problems(chain))")
  }

  @Test(
    "addresses of the open Internet are told from those that are not",
    arguments: [
      ([8, 8, 8, 8], false), ([10, 0, 0, 1], true), ([127, 0, 0, 1], true), ([169, 254, 169, 254], true),
      ([172, 16, 0, 1], true), ([172, 32, 0, 1], false), ([192, 168, 1, 1], true), ([100, 64, 0, 1], true),
      ([0, 0, 0, 0], true), ([224, 0, 0, 1], true), ([255, 255, 255, 255], true), ([198, 18, 0, 1], true),
    ] as [([UInt8], Bool)])
  func addresses(bytes: [UInt8], isPrivate: Bool) {
    #expect(HostAddresses.isPrivate(four: bytes) == isPrivate)
    let zeros = [UInt8](repeating: 0, count: 10)
    #expect(HostAddresses.isPrivate(sixteen: zeros + [0xFF, 0xFF] + bytes) == isPrivate)
    #expect(HostAddresses.isPrivate(sixteen: [0, 0x64, 0xFF, 0x9B] + zeros.prefix(8) + bytes) == isPrivate)
    #expect(HostAddresses.isPrivate(sixteen: [0x20, 0x02] + bytes + zeros) == isPrivate)
  }

  @Test("a name that leads into the private network is refused unless it is listed itself") func names() async {
    guard case .success(let found) = await HostAddresses.find("localhost") else { return }
    #expect(found.allSatisfy(\.isPrivate) && !found.isEmpty)
  }

  @Test("the cases beside a chain: answers, files and calls, and nothing in the project") func cases() async throws {
    let home = try TemporaryDirectory("cases")
    let text = """
      chain: 1
      inputs: {n: {type: integer}}
      policy: {write: ["out/*"], net: [ok.example]}
      steps:
        - {id: a, for: "[1, 2][:inputs.n]", prompt: "{{ item }}"}
        - {id: w, write: {file: out/a.txt, content: "{{ a | join('+') }}"}}
        - {id: h, http: {url: "https://ok.example/"}}
      outputs: {a: "{{ a }}", h: "{{ h.status }}"}
      tests:
        - name: holds
          inputs: {n: 2}
          script: {answers: [x, y], steps: {h: {status: 200}}}
          outputs: {a: [x, y], h: 200}
          files: {out/a.txt: x+y}
          calls: 2
        - {name: does not, inputs: {n: 1}, script: {answers: [x], steps: {h: {status: 500}}}, outputs: {h: 200}, calls: 2}
        - {name: not said, inputs: {n: 1}, script: [x], exit: 2}
      """
    let chain = try ChainFile.read(Array(text.utf8), path: home.path + "/c.yaml", directory: home.path)
    var found: [[String]] = []
    for (index, test) in ChainCase.all(of: chain).enumerated() {
      let scratch = try TemporaryDirectory("case\(index)")
      found.append(await ChainTesting.problems(of: test, chain, world: scriptedWorld(), in: scratch.path))
    }
    #expect(found == [[], ["output h is 500, not 200", "1 calls are made, not 2"], []])
    #expect(!FileManager.default.fileExists(atPath: home.path + "/out"))
  }
}
