// What can be known to fail is refused before the call: it costs nothing then, and the words are better.

import Formats
import Models

enum RequestCheck {
  static func check(_ request: ModelRequest, _ target: Target) throws(Failure) {
    try checkMedia(request, target)
    try checkLength(request, target)
  }

  private static func checkMedia(_ request: ModelRequest, _ target: Target) throws(Failure) {
    if let dialect = Dialects.dialect(target.provider.dialect)?.init(target) {
      for message in request.messages {
        for case .media(let media) in message.parts {
          guard case .no(let reason) = dialect.accepts(media) else { continue }
          throw Failure("\(media.name ?? "an attachment"): \(reason)", .usage)
        }
      }
    }
    guard let row = target.row else { return }
    for message in request.messages {
      for case .media(let media) in message.parts where !row.capabilities.contains(capability(media.kind)) {
        let what = media.kind == .pdf ? "PDFs" : media.kind == .image ? "images" : "sounds"
        throw Failure(
          "\(target.name) takes no \(what): \(media.name ?? "an attachment") (see awl models list --takes \(media.kind.rawValue))",
          .usage)
      }
    }
  }

  private static func capability(_ kind: Media.Kind) -> ModelRow.Capabilities {
    switch kind {
    case .image: .image
    case .pdf: .pdf
    case .audio: .audio
    }
  }

  private static func checkLength(_ request: ModelRequest, _ target: Target) throws(Failure) {
    guard let row = target.row, let limit = row.inputLimit ?? row.context else { return }
    // A byte is never more than a token: short prompts need no count.
    guard textSize(request) > limit else { return }
    let tokens = request.estimatedTokens
    // The estimate may be off by a tenth; only what is surely too long is refused here.
    guard Double(tokens) > Double(limit) * 1.1 else { return }
    throw Failure(
      "\(target.name): the prompt is about \(tokens) tokens, and the model takes \(limit) (cut it, or see awl models list)",
      .refusedByProvider)
  }

  private static func textSize(_ request: ModelRequest) -> Int {
    (request.system?.utf8.count ?? 0) + request.messages.reduce(0) { $0 + $1.text.utf8.count }
  }
}
