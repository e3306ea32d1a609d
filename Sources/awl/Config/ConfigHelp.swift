// `awl help config`: the keys of a configuration file, from the table that reads them.

enum ConfigHelp {
  static var text: String {
    var text = """
      Configuration files (YAML)

      The user's: $AWL_CONFIG, else $XDG_CONFIG_HOME/awl/config.yaml (~/.config/awl/config.yaml).
      The project's: awl.yaml, the nearest upward from where awl runs; it wins over the user's.
      Flags and variables win over both. Relative paths start at the folder of their file.

      Keys marked ! count in a project's file only after 'awl trust awl.yaml' (or --allow-base-url, --allow-code
      for one run): they change where requests go, read the environment, run code, or remove what you have kept.


      """
    for key in ConfigTable.root { describe(key, "", false, &text) }
    text += """

      Example

        model: quick
        aliases: {quick: work/big-1}
        providers:
          work: {base_url: http://10.0.0.5:8000/v1, key_command: [pass, show, work]}
        prices:
          work/big-1: {input: 0.5, output: 1.5}
        patch:
          - {model: ^work/, rename: {max_tokens: max_completion_tokens}}

      """
    return text
  }

  private static func describe(_ key: ConfigKey, _ indentation: String, _ isTrusted: Bool, _ text: inout String) {
    let needsTrust = isTrusted || key.trust != nil
    let name = "\(indentation)\(key.name):\(needsTrust ? " !" : "")"
    text += "  \(Help.padded(name, 28))\(key.help)\(words(key.shape))\n"
    switch key.shape {
    case .keys(let keys): for key in keys { describe(key, indentation + "  ", needsTrust, &text) }
    case .list(.keys(let keys)):
      for key in keys { describe(key, indentation + "  - ", needsTrust, &text) }
    case .names(let what, .keys(let keys)):
      text += "  \(indentation)  NAME:                     one of the \(what)\n"
      for key in keys { describe(key, indentation + "    ", needsTrust, &text) }
    default: break
    }
  }

  private static func words(_ shape: ConfigShape) -> String {
    switch shape {
    case .choice(let words), .choices(let words): ": \(words.joined(separator: ", "))"
    default: ""
    }
  }
}
