// The prompts that ship with awl: each is read without a warning, says what it expects, and is rendered with every row of
// its test data.

import Formats
import Foundation
import Prompts
import Support
import Testing

@Suite("the prompts that ship") struct OwnPromptsTests {
  private static let folder = packageRoot + "/prompts"
  private static let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
    $0 != "chains"
  }.sorted()

  @Test("there are twelve") func count() { #expect(Self.files.filter { $0.hasSuffix(".prompt.yml") }.count == 12) }

  @Test("each is read, described, and rendered with its test data", arguments: files)
  func renders(file: String) throws {
    let template = try PromptTemplate.read(path: Self.folder + "/" + file)
    #expect(template.warnings.isEmpty && template.description != nil)
    #expect(file == (template.name ?? "") + ".prompt.yml")
    for input in template.inputs { #expect(input.description != nil, "\(input.name) is not described") }
    let rows = template.testData.map { Array($0.elements) } ?? []
    #expect(rows.count >= 2 && (template.evaluators?.count ?? 0) >= 1)
    for row in rows {
      #expect(row["expected"]?.string != nil)
      let given = row.members.filter { $0.key != "expected" }.map { (name: $0.key, value: $0.value) }
      let prompt = try template.render(template.values(given))
      #expect(prompt.system != nil && prompt.messages.count == 1)
      for (_, value) in given {
        guard let text = value.string, text.count > 20 else { continue }
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        let whole = (prompt.system ?? "") + prompt.messages.map(\.text).joined()
        #expect(whole.contains(trimmed), "\(text.prefix(20)) is not in the prompt")
      }
    }
  }
}
