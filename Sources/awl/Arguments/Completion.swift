// What can come next on a command line: the answer to the shell, from the same tables as help. The shells call
// `awl __complete WORDS…` with the words so far, the last one unfinished; candidates come back one a line.

import Models

struct Completion {
  let program: Program

  /// Candidates for the last of `words` (without the program's name), each that begins with it.
  static func candidates(_ words: [String], _ program: Program) -> [String] {
    let current = words.last ?? ""
    let before = Array(words.dropLast())
    return Completion(program: program).all(before, current).filter { $0.hasPrefix(current) }
  }

  private func all(_ before: [String], _ current: String) -> [String] {
    guard let first = before.first else { return Commands.names }
    let verbs = Commands.verbs(of: first)
    if before.count == 1, !verbs.isEmpty, !current.hasPrefix("-") { return verbs }
    guard let (command, rest) = try? Commands.find(before) else { return [] }
    if let flag = waitingFlag(rest, command.flags) {
      return flag.value == "PROMPT" ? program.promptNames() : values(of: flag)
    }
    if current.hasPrefix("-") { return command.flags.map { "--\($0.name)" }.sorted() }
    switch command.name {
    case "help": return Commands.names + HelpCommand.pages.filter { !Commands.names.contains($0) }
    case "config get", "config set": return ConfigTable.root.map(\.name)
    case "models show": return modelNames
    case "prompts show", "prompts check", "prompts convert": return program.promptNames()
    case "models list", "doctor": return names.providers.map(\.name)
    case "keys set", "keys rm": return names.providers.filter { $0.auth != .none }.map(\.name)
    case "completion": return Shell.allCases.map(\.rawValue)
    default: return []
    }
  }

  /// The flag whose value is being typed.
  private func waitingFlag(_ words: [String], _ flags: [Flag]) -> Flag? {
    guard let last = words.last, last.hasPrefix("-") else { return nil }
    let flag = flags.first { last == "--\($0.name)" || $0.short.map { last == "-\($0)" } == true }
    return flag?.value == nil ? nil : flag
  }

  private func values(of flag: Flag) -> [String] {
    switch flag.value {
    case "MODEL": modelNames
    case "LEVEL": ["off", "low", "medium", "high"]
    case "KIND": ["image", "pdf", "audio"]
    case "ABILITY": ["tools", "schema", "reasoning", "logprobs", "embedding"]
    case "FORM": ChatExport.allCases.map(\.rawValue)
    // The shell completes files by itself.
    default: []
    }
  }

  /// Those of the configuration too, where it can be read.
  private var names: ModelNames { program.configuredAsFarAsPossible().names }

  private var modelNames: [String] { Completion.modelNames(names) }

  /// What can be written after -m: aliases, then models by their providers.
  static func modelNames(_ names: ModelNames) -> [String] {
    names.aliases.keys.sorted() + ModelNames.defaults.map(\.alias).filter { names.aliases[$0] == nil }
      + names.catalogue.rows().map { "\($0.provider)/\($0.id)" }
  }
}

/// A shell with its way to ask for completions.
enum Shell: String, CaseIterable, Sendable {
  case bash, zsh, fish

  /// The script that the user's shell reads.
  var script: String {
    switch self {
    case .bash:
      """
      _awl() {
        # Readline parts words at ':' and '='; awl wants them whole.
        local words=() line=${COMP_LINE:0:COMP_POINT}
        read -ra words <<< "$line"
        [[ $line == *' ' ]] && words+=("")
        local current=${words[${#words[@]}-1]}
        mapfile -t COMPREPLY < <(awl __complete "${words[@]:1}" 2>/dev/null)
        [[ $current == *:* ]] && COMPREPLY=("${COMPREPLY[@]#"${current%"${current##*:}"}"}")
      }
      complete -o bashdefault -o default -F _awl awl

      """
    case .zsh:
      """
      #compdef awl
      _awl() {
        local -a candidates
        candidates=("${(@f)$(awl __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
        if [[ -n $candidates[1] ]]; then compadd -- $candidates; else _files; fi
      }
      compdef _awl awl

      """
    case .fish:
      """
      function __awl_complete
        set -l words (commandline -opc) (commandline -ct)
        awl __complete $words[2..-1] 2>/dev/null
      end
      complete -c awl -a '(__awl_complete)'

      """
    }
  }
}
