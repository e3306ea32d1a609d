// A prompt that is nothing but its text: `.txt`, `.md`, with `{{name}}` replaced and all else text, and `.j2` in our own
// language of templates.

import Formats
import Models
import Templates

enum PlainPrompt {
  @Sendable static func read(_ source: PromptSource) throws(PromptFileError) -> PromptTemplate {
    var template = PromptTemplate(file: source.path, format: .text)
    let mark = source.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let name = source.fileName
    let text: PromptText
    if [".j2", ".jinja", ".jinja2"].contains(where: { name.hasSuffix($0) }) {
      do throws(FormatError) {
        text = PromptText(try Template(source.bytes, in: mark..<source.bytes.count), .file)
      } catch {
        throw PromptFileError(file: source.path, error)
      }
    } else {
      text = PromptText(SimpleNames.braces(String(decoding: source.bytes[mark...], as: UTF8.self)), .file)
    }
    guard text.template.constantText?.allSatisfy(\.isWhitespace) != true else { throw source.error("is empty") }
    template.messages = [PromptMessage(.user, [.text(text)])]
    template.inputName = template.messages[0].uses("input") ? "input" : nil
    return template
  }
}
