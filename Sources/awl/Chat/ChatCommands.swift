// What the commands of a chat do. What they say is talk and goes to stderr; what goes wrong in one changes nothing.

import Formats
import Models
import Storage

extension Chat {
  mutating func obey(_ command: SlashCommand) async -> ExitCode {
    do throws(Failure) {
      switch command {
      case .model(let name): try await changeModel(name)
      case .system(let text): changeSystem(text)
      case .file(let path): try await show(file: path)
      case .attach(let path): try await attach(path)
      case .undo: try undo()
      case .retry:
        guard let question = takeLastTurn() else { throw Failure("there is nothing to ask again", .usage) }
        return await ask(question)
      case .save(let file): try save(file)
      case .cost: tell(costs.summary)
      case .help: tell(SlashCommand.helpText)
      case .quit: break
      }
    } catch {
      for message in error.messages { program.say(message) }
      return error.code
    }
    return .done
  }

  private func tell(_ text: String) {
    guard !program.isQuiet || input.isPerson else { return }
    program.errors.write(untrusted: text.hasSuffix("\n") ? text : text + "\n")
    program.errors.flush()
  }

  private mutating func changeModel(_ name: String?) async throws(Failure) {
    guard let name else { return tell(target.name) }
    // An address that was given for one server is not given to a provider that has its own.
    let end = name.firstIndex { $0 == "/" || $0 == ":" }
    let hasProvider = end.map { program.names.providerRow(named: String(name[..<$0])) != nil } ?? false
    let (choice, baseURL) = (choice, hasProvider ? nil : prompt.baseURL)
    let found = await stopper.running {
      await Result { () async throws(Failure) in try await choice.target(name, baseURL: baseURL) }
    }
    let next = try found.get()
    try check(next)
    target = next
    tell(target.name)
  }

  private mutating func changeSystem(_ text: String?) {
    guard let text else { return tell(system ?? "there is no system prompt") }
    system = text == "-" ? nil : text
    tell(text == "-" ? "no system prompt from now on" : "the system prompt is set")
  }

  private mutating func show(file typed: String) async throws(Failure) {
    let path = ChatPath.resolved(typed, home: program.environment["HOME"])
    let material = material
    let read = await stopper.running {
      await Result { () async throws(Failure) in try await material.text(path) }
    }
    let text = try read.get()
    pieces.append(Material.shown(text, name: path))
    tell("\(path): \(ProgressLine.count(TokenEstimate.count(text))) tokens or so, shown with the next message")
  }

  private mutating func attach(_ typed: String) async throws(Failure) {
    let path = ChatPath.resolved(typed, home: program.environment["HOME"])
    let material = material
    let read = await stopper.running {
      await Result { () async throws(Failure) in try await Chat.loaded(path, material) }
    }
    let medium = try read.get()
    media.append(.media(medium))
    tell("\(path): \(medium.type), shown with the next message")
  }

  /// A medium with its content: its file may be gone when a later turn sends it again.
  static func loaded(_ path: String, _ material: Material) async throws(Failure) -> Media {
    var medium = try await material.media(path)
    guard case .file(_, let size) = medium.source, size <= Material.mediaLimit else { return medium }
    do throws(StorageError) {
      medium.source = .bytes(try Files.read(path, limit: Material.mediaLimit))
    } catch {
      throw Failure(error.description, .usage)
    }
    return medium
  }

  private mutating func undo() throws(Failure) {
    guard let question = takeLastTurn() else { throw Failure("there is nothing to forget", .usage) }
    let words = question.map(\.text).joined(separator: " ").split(whereSeparator: \.isWhitespace).joined(separator: " ")
    tell("forgotten: \(words.count > 60 ? words.prefix(60) + "…" : words[...])")
  }

  private mutating func save(_ typed: String) throws(Failure) {
    let path = ChatPath.resolved(typed, home: program.environment["HOME"])
    guard let turns = history?.turns, !turns.isEmpty else { throw Failure("there is nothing to save", .usage) }
    guard saved.contains(path) || !Files.exists(path) else {
      throw Failure("\(path): is there already, and was left as it is (name another file)", .usage)
    }
    do throws(StorageError) {
      try Files.replace(
        path, Transcript.bytes(path, system: system, turns: turns, model: target.name), mode: 0o666)
    } catch {
      throw Failure(error.description, .usage)
    }
    saved.insert(path)
    tell("\(path): \(turns.count) turn\(turns.count == 1 ? "" : "s") saved")
  }
}

extension Result where Success: Sendable {
  /// The result of an asynchronous body.
  fileprivate init(_ body: () async throws(Failure) -> Success) async {
    do throws(Failure) { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
