// A prompt file in a run of `awl prompt`: it is found and read, may be held back until a person trusts it, is given its
// values, and becomes the messages of the request. What was typed wins over what the file says.

import Formats
import Models
import Prompts
import Storage

extension PromptCommand {
  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let program = try configured(program)
    let prompt = try await readPromptFile(program)
    var command = self
    if let prompt, models.isEmpty, baseURL == nil, let address = prompt.baseURL { command.baseURL = address }
    if extraction == nil, format == .text {
      command.extraction = prompt?.extraction.map { $0 == .last ? .last : .first }
    }
    if let rows { return try await command.runRows(rows, program, prompt) }
    return try await command.run(program, prompt)
  }

  /// The program with its configuration, as the flags want it.
  func configured(_ program: Program) throws(Failure) -> Program {
    var program = program.quiet(isQuiet)
    if isOffline { program.isOffline = true }
    return try program.configured(allowsCode: allowsCode, allowsAddress: allowsAddress)
  }

  /// Reads the file of `-t`; `nil` without one.
  private func readPromptFile(_ program: Program) async throws(Failure) -> PromptTemplate? {
    guard let template = self.template else {
      guard variables.isEmpty || rows != nil else {
        throw Failure("-p gives variables to a prompt file, and there is none (-t FILE)", .usage)
      }
      return nil
    }
    let result = await SerialThread(name: "awl-file").runUnlessCancelled {
      Result { () throws(PromptFileError) in
        try PromptTemplate.read(
          path: program.promptLibrary(configured: program.config.promptFolders).path(of: template))
      }
    }
    guard let result else { throw Failure("interrupted", .interrupted) }
    let prompt: PromptTemplate
    do throws(PromptFileError) { prompt = try result.get() } catch { throw Failure(error.text, .usage) }
    for warning in prompt.warnings { program.note("warning: " + warning.text(file: prompt.file)) }
    try checkTrust(prompt, program)
    return prompt
  }

  /// What would change where a keyed request goes, or read the environment into it, waits for a person.
  private func checkTrust(_ prompt: PromptTemplate, _ program: Program) throws(Failure) {
    // With a model of the user's own the file's server is not asked.
    guard models.isEmpty, baseURL == nil else { return }
    for need in prompt.trustNeeds {
      try program.trust.check(
        file: prompt.file, what: "the file \(need.what)", needs: .address, line: need.position.line)
    }
  }

  /// What is asked by a prompt file, the same for every model.
  func draft(
    _ prompt: PromptTemplate, _ history: ConversationHistory?, _ material: Material
  ) async throws(Failure) -> ModelRequest {
    var given: [(name: String, value: JSON)] = []
    for variable in variables { given.append((variable.name, try await variable.read(for: prompt, material))) }
    var appended: String?
    let inputName = prompt.inputName(given: Set(given.map(\.name)))
    let isNeeded = inputName.map { name in prompt.inputs.contains { $0.name == name && $0.isRequired } } ?? false
    if let text = try await typedText(isNeeded: isNeeded, material) {
      if let inputName {
        given.append((inputName, .string(text)))
      } else {
        appended = text
        material.program.note("\(prompt.file): no variable waits for the text; it is added behind the prompt")
      }
    }
    let rendered: RenderedPrompt
    do throws(PromptFileError) {
      rendered = try prompt.render(prompt.values(given))
    } catch {
      throw Failure(error.text, .usage)
    }
    var messages = try await self.messages(rendered, material)
    try await addMaterial(appended, to: &messages, material)
    messages.insert(contentsOf: history?.messages ?? [], at: rendered.historyIndex)
    guard !messages.isEmpty else {
      throw Failure("\(prompt.file): nothing to ask: there is no user message, and no text is given", .usage)
    }
    var request = ModelRequest(
      system: try await systemPrompt(material) ?? rendered.system ?? history?.system, messages: messages,
      parameters: parameters.filled(from: prompt.parameters), tools: prompt.tools, isStreaming: isStreaming)
    request.schema = prompt.schema
    return request
  }

  /// The words, and stdin behind a blank line or where a word `-` stands; `nil` where there is nothing.
  ///
  /// - Parameter isNeeded: without words stdin is all there is, and is waited for.
  func typedText(isNeeded: Bool, _ material: Material) async throws(Failure) -> String? {
    let program = material.program
    let isTaken = files.contains("-") || systemFile == "-" || variables.contains(where: \.usesStdin)
    let isPlaced = words.contains("-")
    let typed = words.joined(separator: " ")
    if isTaken || (words.isEmpty && program.environment.isInputTerminal) { return typed.isEmpty ? nil : typed }
    let waits = isPlaced || (words.isEmpty && isNeeded)
    let bytes = try await StandardInput.read(waits ? .forEver : .aWhile, program) ?? []
    if bytes.isEmpty {
      if isPlaced { throw Failure("stdin, placed by '-', is empty", .usage) }
      return typed.isEmpty ? nil : typed
    }
    let input = try Material.text(of: bytes, from: "stdin")
    if isPlaced { return words.map { $0 == "-" ? input : $0 }.joined(separator: " ") }
    return words.isEmpty ? input : typed + "\n\n" + input
  }

  func messages(_ rendered: RenderedPrompt, _ material: Material) async throws(Failure) -> [Message] {
    var messages: [Message] = []
    for message in rendered.messages {
      var parts: [Part] = []
      for part in message.parts {
        switch part {
        case .text(let text): parts.append(.text(text))
        case .media(let place): parts.append(.media(try await material.media(place)))
        }
      }
      messages.append(Message(message.role, parts))
    }
    return messages
  }

  /// `-f` goes before the text of the last message of the user, `-a` before that, and typed text behind it.
  private func addMaterial(
    _ appended: String?, to messages: inout [Message], _ material: Material
  ) async throws(Failure) {
    var before: [String] = []
    for file in files {
      before.append(Material.shown(try await material.text(file), name: file == "-" ? "stdin" : file))
    }
    var media: [Part] = []
    for place in attachments { media.append(.media(try await material.media(place))) }
    guard !before.isEmpty || !media.isEmpty || appended != nil else { return }
    if messages.last?.role != .user { messages.append(Message(.user, [])) }
    let last = messages.count - 1
    let own = messages[last].text
    let text = (before + [own, appended ?? ""]).filter { !$0.isEmpty }.joined(separator: "\n\n")
    var parts = media + messages[last].parts.filter { if case .text = $0 { false } else { true } }
    if !text.isEmpty { parts.append(.text(text)) }
    messages[last].parts = parts
  }

  /// The model that a prompt file names, as this program knows it.
  func modelName(of prompt: PromptTemplate?, _ program: Program) throws(Failure) -> String? {
    guard let prompt, let name = prompt.model else { return nil }
    do throws(ModelNameError) {
      _ = try program.names.resolve(name, baseURL: baseURL)
      return name
    } catch {
      throw Failure("\(prompt.file): the model: \(error.text); another is chosen by -m", .usage)
    }
  }

  /// Body fields for what the file wants of this provider: its options, checked, and JSON mode.
  func fields(of prompt: PromptTemplate?, for target: Target) throws(ModelError) -> [BodyField] {
    guard let prompt else { return [] }
    let (known, dialect) = PromptCommand.options(of: target)
    let given = prompt.options.filter { option in !options.contains { $0.name == option.name } }
      .map { ($0.name, $0.value.string ?? $0.value.text) }
    do throws(ModelError) {
      let mode = prompt.wantsJSON && schema.source == nil ? PromptCommand.jsonMode(of: target) : []
      return try mode + OptionReader.fields(given, known: known, dialect: dialect)
    } catch {
      throw ModelError(
        .badRequest, "\(prompt.file): options: " + error.message.replacing("--option ", with: ""),
        hint: "options of another provider: choose a model that has them, or write them for this one", attempts: 0)
    }
  }

  /// What asks a server for JSON of any form; nothing where the wire has no word for it.
  private static func jsonMode(of target: Target) -> [BodyField] {
    switch target.provider.dialect {
    case .openaiChat: [BodyField(["response_format"], ["type": "json_object"])]
    case .openaiResponses: [BodyField(["text", "format"], ["type": "json_object"])]
    case .gemini: [BodyField(["generationConfig", "responseMimeType"], "application/json")]
    case .ollama: [BodyField(["format"], "json")]
    default: []
    }
  }

  /// A call in place of an answer is for a program to take, not for a reader of text.
  func refuseCalls(_ outcome: Outcome, _ program: Program) -> Bool {
    let calls = outcome.reply.toolCalls
    guard format == .text, outcome.error == nil, let first = calls.first else { return false }
    let more = calls.count > 1 ? " and \(calls.count - 1) more" : ""
    program.say("the model wants to call '\(first.name)' with \(first.arguments)\(more) (--json prints the calls)")
    return true
  }
}
