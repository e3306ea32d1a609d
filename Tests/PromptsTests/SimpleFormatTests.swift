// Templates of llm, patterns of fabric, and plain text: what they become, and what of them is refused.

import Formats
import Models
import Prompts
import Testing

@Suite("llm templates") struct LLMTemplateTests {
  @Test("names behind a dollar sign are replaced once, in system and prompt") func names() throws {
    let template = try prompt(
      "short.yaml",
      """
      model: gpt-5-mini
      system: You write in the tone of $tone
      prompt: "Shorten this for $$5: ${input}"
      defaults: {tone: calm}
      options: {temperature: 0.3, max_tokens: 9, top_k: 4}
      extract: true
      schema_object: {type: object}
      """)
    #expect(template.format == .llm && template.inputName == "input")
    #expect(
      try rendered(template, [("input", "$tone")]) == [
        "system: You write in the tone of calm", "user: Shorten this for $5: $tone",
      ])
    #expect(template.parameters.temperature == 0.3 && template.parameters.maxTokens == 9)
    #expect(template.options.map(\.name) == ["top_k"] && template.extraction == .first)
    #expect(template.schema?.schema == ["type": "object"])
  }

  @Test("without a prompt the user's message is what is typed, as it is") func systemOnly() throws {
    let template = try prompt("s.yaml", "system: Be brief\n")
    #expect(try rendered(template, [("input", "a $b")]) == ["system: Be brief", "user: a $b"])
  }

  @Test("a template that is a text is its prompt") func text() throws {
    #expect(try rendered(prompt("s.yaml", "'Explain $input'"), [("input", "x")]) == ["user: Explain x"])
  }

  @Test(
    "what cannot run here is refused at its line",
    arguments: [
      ("prompt: x\nfunctions: |\n  def f(): pass", "2:12: 'functions': Python code, which awl cannot run"),
      ("prompt: x\ntools: [llm_time]", "2:8: 'tools': tools by name are Python code"),
      ("prompt: x\nfragments: [a]", "2:12: 'fragments': fragments are kept by llm"),
      ("prompt: x\nsytem: y", "2:1: unknown key 'sytem' (did you mean 'system'?)"),
      ("prompt: costs $5", "1:15: '$' starts no name (a dollar sign is written $$)"),
      ("system: |\n  a\n  b ${x", "3:5: '$' starts no name (a dollar sign is written $$)"),
    ])
  func refused(text: String, expected: String) {
    #expect(problem("t.yaml", text).hasPrefix("t.yaml:\(expected)"), "\(problem("t.yaml", text))")
  }
}

@Suite("fabric patterns") struct FabricPatternTests {
  @Test("what is typed is the user's message, behind user.md") func behind() throws {
    let template = try prompt("patterns/gist/system.md", "# PURPOSE\nMake {{n}} bullets.\n", ["user.md": "CONTENT:"])
    #expect(template.name == "gist" && template.inputName == "input")
    #expect(
      try rendered(template, [("n", "3"), ("input", "{{n}}")]) == [
        "system: # PURPOSE\nMake 3 bullets.\n", "user: CONTENT:\n\n{{n}}",
      ])
  }

  @Test("what is typed stands where the pattern wants it") func within() throws {
    let template = try prompt("gist/system.md", "Make bullets.\n# INPUT\n{{ input }}", ["user.md": " \n"])
    #expect(try rendered(template, [("input", "x")]) == ["user: Make bullets.\n# INPUT\nx"])
  }

  @Test("plugins are refused at their place") func plugins() {
    let text = problem("gist/system.md", "a\nb {{plugin:file:read:/etc/passwd}}")
    #expect(text.hasPrefix("gist/system.md:2:3: '{{plugin:…}}' is code of fabric, which awl does not run"), "\(text)")
  }
}

@Suite("plain prompts") struct PlainPromptTests {
  @Test("text has names between braces, and .j2 is our language") func forms() throws {
    #expect(try rendered(prompt("a.txt", "Hi {{who}} {% x %}"), [("who", "Ann")]) == ["user: Hi Ann {% x %}"])
    let template = try prompt("a.j2", "{% if x is defined %}{{ x }}{% else %}none{% endif %}")
    #expect(try rendered(template) == ["user: none"])
    #expect(try rendered(template, [("x", "{{ y }}")]) == ["user: {{ y }}"])
    #expect(problem("a.j2", "a\n{% nope %}").hasPrefix("a.j2:2:1: unknown tag 'nope'"))
    #expect(problem("a.txt", " \n") == "a.txt: is empty")
  }
}
