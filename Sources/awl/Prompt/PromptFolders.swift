// Where this program's prompts lie: the project's `prompts/`, folders of the configuration, the user's own, llm's and
// fabric's.

import Prompts
import Storage

extension Program {
  /// - Parameter configured: folders that configuration files name.
  func promptLibrary(configured: [String] = []) -> PromptLibrary {
    var folders = [PromptLibrary.Folder(.project, "prompts")]
    if let here = Paths.workingDirectory(), let root = Paths.project(of: here), root != here {
      folders.append(PromptLibrary.Folder(.project, Paths.join(root, "prompts")))
    }
    folders += configured.map { PromptLibrary.Folder(.configured, $0) }
    if let own = ownPrompts { folders.append(PromptLibrary.Folder(.user, own)) }
    let home = environment["HOME"]
    if let path = environment["LLM_USER_PATH"] ?? home.map({ $0 + "/.config/io.datasette.llm" }) {
      folders.append(PromptLibrary.Folder(.llm, Paths.join(path, "templates")))
    }
    let config = environment["XDG_CONFIG_HOME"] ?? home.map { $0 + "/.config" }
    if let config { folders.append(PromptLibrary.Folder(.fabric, config + "/fabric/patterns")) }
    if let home, config != home + "/.config" {
      folders.append(PromptLibrary.Folder(.fabric, home + "/.config/fabric/patterns"))
    }
    return PromptLibrary(folders: folders.filter { (try? FileStatus.of($0.path))?.kind == .directory })
  }

  /// Names that `-t` finds.
  func promptNames() -> [String] { knownPrompts().list().map(\.name) }

  /// With the folders of the configuration, as far as it can be read: for commands that only look.
  func knownPrompts() -> PromptLibrary {
    promptLibrary(configured: configuredAsFarAsPossible().config.promptFolders)
  }

  /// The user's own folder: what `awl prompts save` writes to.
  var ownPrompts: String? { environment.configDirectory.map { $0 + "/prompts" } }
}
