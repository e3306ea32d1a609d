// PDF and office files through programs that are there: pdftotext and pandoc, each in a clean environment, with an end to
// its time and its output. Called on the thread that reads files, which may wait.

import Processes
import Retrieval
import Storage

enum TextConversion {
  /// Seconds, and bytes of text.
  private static let timeout = 120.0
  private static let limit = 64 << 20

  static func converter(_ environment: Environment) -> TextConverter {
    let variables = ChildEnvironment.allowed(environment.variables)
    return { path, command throws(ReadingError) in
      var child = ChildProcess(command, environment: variables)
      child.limits.timeout = timeout
      child.limits.outputBytes = limit
      child.limits.endsWhenFull = true
      let process = child
      let ended = Monitor<Result<ChildResult, ChildError>?>(nil)
      Task.detached {
        let result: Result<ChildResult, ChildError>
        do throws(ChildError) { result = .success(try await process.run()) } catch { result = .failure(error) }
        ended.update { $0 = result }
      }
      switch ended.wait({ result in result.map { .go($0) } ?? .wait }) {
      case .failure(let error) where error.kind == .notFound: return nil
      case .failure(let error):
        throw .programFailed(path: path, program: command[0], message: error.message)
      case .success(let result) where result.isSuccess: return result.output
      case .success(let result):
        throw .programFailed(path: path, program: command[0], message: words(result))
      }
    }
  }

  private static func words(_ result: ChildResult) -> String {
    switch result.stop {
    case .timeout: return "it took more than \(Int(timeout)) seconds"
    case .outputFull: return "the text is larger than \(limit >> 20) MB"
    case .cancelled: return "interrupted"
    case nil: break
    }
    let last = String(decoding: result.errors.suffix(2000), as: UTF8.self).split(separator: "\n").last.map(String.init)
    return last ?? "\(result.exit)"
  }
}
