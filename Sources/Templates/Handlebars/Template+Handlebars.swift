// Templates of Handlebars, as dotprompt has them, in our own tree.

import Formats

/// A Handlebars file between its marks.
package enum HandlebarsSegment: Sendable {
  case text(Template)
  /// `{{role "x"}}`, at a byte offset.
  case role(String, Int)
  /// `{{media url=x}}`: the template gives the address.
  case media(Template)
  /// `{{history}}`.
  case history
}

extension Template {
  /// Reads a part of a file as Handlebars.
  ///
  /// - Parameter partial: the text of a partial.
  /// - Throws: what is wrong, and what has no meaning here, with its place in the file.
  package static func handlebars(
    _ source: [UInt8], in range: Range<Int>, partial: @escaping (String) -> [UInt8]? = { _ in nil }
  ) throws(FormatError) -> [HandlebarsSegment] {
    var translator = HandlebarsTranslator(partial: partial)
    do throws(TemplateFault) {
      let segments = try translator.segments(HandlebarsParser.nodes(of: source[range]))
      return segments.map { segment in
        switch segment {
        case .statements(let statements): .text(Template(statements, source, .handlebars))
        case .role(let name, let offset): .role(name, offset)
        case .media(let url, let offset): .media(Template([.output(url, offset)], source, .handlebars))
        case .history: .history
        }
      }
    } catch {
      throw error.formatError(in: source)
    }
  }
}
