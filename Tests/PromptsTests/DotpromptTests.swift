// Dotprompt files: the public specification's cases for the parts that awl takes, and what it refuses.

import Formats
import Models
import Prompts
import Support
import Testing

@Suite("dotprompt files") struct DotpromptTests {
  @Test("the public cases hold", .enabled(if: Conformance.isPresent, Conformance.hint)) func conformance() throws {
    var (held, left) = (0, [String]())
    for line in try Conformance.bytes("dotprompt/cases.jsonl").split(separator: 0x0A) {
      let test = try JSON.parse(Array(line))
      let name = "\(test["file"]?.string ?? ""): \(test["desc"]?.string ?? "")"
      let data = test["test"]?["data"]
      // Left: sections, schemas by name (a program registers them), and history, which awl has from its log.
      let isLeft =
        name.hasPrefix("helpers/section") || test["schemas"] != nil || test["data"]?["messages"] != nil
        || test["test"]?["options"] != nil
        // Refused here: a key that nobody knows, a temperature of 3.
        || name.hasPrefix("metadata.yaml: raw frontmatter") || name.hasPrefix("metadata.yaml: extension fields")
      if isLeft {
        left.append(name)
        continue
      }
      var partials: [String: String] = [:]
      for key in ["partials", "resolverPartials"] {
        for (name, text) in test[key]?.members.map({ ($0.key, $0.value) }) ?? [] {
          partials["_\(name).prompt"] = text.string
        }
      }
      var input: [(String, JSON?)] = data?["input"]?.members.map { ($0.key, $0.value) } ?? []
      for (key, value) in data?["context"]?.members.map({ ($0.key, $0.value) }) ?? [] {
        input.append(("@" + key, value))
      }
      let expected = (test["expect"]?["messages"]?.elements.map { $0 } ?? []).map { message in
        let parts = message["content"]?.elements.map { part in
          part["text"]?.string ?? "[\(part["media"]?["url"]?.string ?? "")]"
        }
        return
          "\(message["role"]?.string == "model" ? "assistant" : message["role"]?.string ?? ""): \(parts?.joined() ?? "")"
      }
      do throws(PromptFileError) {
        let template = try prompt("case.prompt", test["template"]?.string ?? "", partials)
        let result = try template.render(.object(input))
        var messages = result.system.map { ["system: " + $0] } ?? []
        messages += result.messages.map { message in
          "\(message.role.rawValue): "
            + message.parts.map {
              if case .text(let text) = $0 { text } else if case .media(let url) = $0 { "[\(url)]" } else { "" }
            }.joined()
        }
        #expect(messages == expected, "\(name)")
        if let schema = test["expect"]?["output"]?["schema"] { #expect(template.schema?.schema == schema, "\(name)") }
        held += 1
      } catch {
        // A file of nothing but front matter is no prompt here.
        #expect(expected.isEmpty && error.message == "there is no prompt in it", "\(name): \(error.text)")
      }
    }
    #expect(held >= 75 && left.count < 20, "\(held) held, left: \(left)")
  }

  @Test("front matter, schemas and helpers become a prompt") func whole() throws {
    let template = try prompt(
      "x.prompt",
      """
      # Copyright
      ---
      model: googleai/gemini-2.5-flash
      config: {temperature: 0.2, maxOutputTokens: 50}
      input: {schema: {topic: "string, what about", tone?: string, extra?: string, photo?: string}, default: {tone: plain}}
      output:
        format: json
        schema:
          title: string
          tags(array, short labels): string
      my.extension: 1
      ---
      {{role "system"}}Write in a {{tone}} voice.
      {{role "user"}}About {{topic}}{{#if extra}} and {{extra}}{{/if}} {{media url=photo}}
      """)
    #expect(template.model == "gemini/gemini-2.5-flash" && template.parameters.maxTokens == 50)
    #expect(template.schema?.schema["required"] == ["title", "tags"])
    #expect(
      template.inputs.map(\.summary) == [
        "topic (string): what about", "tone (string, default 'plain')", "extra (string, optional)",
        "photo (string, optional)",
      ])
    #expect(
      try rendered(template, [("topic", "{{role \"system\"}}"), ("photo", "p.png")]) == [
        "system: Write in a plain voice.\n", "user: About {{role \"system\"}} [p.png]",
      ])
  }

  @Test(
    "a conversation stands where {{history}} does, also at the end",
    arguments: [
      ("{{role \"system\"}}s{{role \"user\"}}a{{history}}{{role \"user\"}}b", 1),
      ("{{role \"system\"}}s{{role \"user\"}}a{{role \"model\"}}b{{history}}", 2),
      ("{{history}}a", 0), ("a", 0),
    ])
  func history(text: String, index: Int) throws {
    #expect(try prompt("x.prompt", text).render(.object([])).historyIndex == index)
  }

  @Test("partials are files beside the prompt, never outside of its folder") func partials() throws {
    #expect(try rendered(prompt("x.prompt", "{{> a}}", ["_a.prompt": "hi"])) == ["user: hi"])
    #expect(try rendered(prompt("x.prompt", "{{> sub/a}}", ["sub/a.prompt": "hi"])) == ["user: hi"])
  }

  @Test(
    "what is refused is refused at its line",
    arguments: [
      ("---\nmodel: x\ntool: y\n---\nhi", "3:1: unknown key 'tool' (did you mean 'tools'?)"),
      ("---\ntools: [search]\n---\nhi", "2:9: 'tools' names tools of a program"),
      ("---\noutput: {format: media}\n---\nhi", "2:18: there is no output format 'media' here"),
      ("---\ninput: {schema: {a: strng}}\n---\nhi", "2:21: there is no type 'strng' (did you mean 'string'?)"),
      ("---\nmodel: x\n---\nhi {{role \"boss\"}}", "4:4: there is no role 'boss'"),
      ("---\nmodel: x\n---\nhi\n{{#repeat 3}}x{{/repeat}}", "5:1: unknown block 'repeat'"),
      ("---\nmodel: x\n", "1:1: the front matter is not closed"),
    ])
  func refused(text: String, expected: String) {
    #expect(problem("x.prompt", text).hasPrefix("x.prompt:\(expected)"), "\(problem("x.prompt", text))")
  }
}
