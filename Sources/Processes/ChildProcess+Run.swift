// Running a child from asynchronous code: a thread of its own looks after it, so that none of the small cooperative pool
// is held; cancelling the task ends the child.

import Storage

extension ChildProcess {
  /// Runs the program to its end.
  ///
  /// - Parameter receive: gets each piece of output as it comes, on the thread that looks after the child; while it
  ///   blocks, the child waits. What it gets counts towards no limit but is kept, too.
  /// - Returns: how it ended; a child that fails is no error.
  /// - Throws: why it could not be started.
  package func run(
    receive: (@Sendable (Output, [UInt8]) -> Void)? = nil
  ) async throws(ChildError) -> ChildResult {
    let supervisor = try ChildSupervisor(self, receive: receive)
    let result: Result<ChildResult, ChildError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isStarted = startThread(name: "awl-child") {
          continuation.resume(returning: supervisor.run())
        }
        if !isStarted {
          continuation.resume(returning: .failure(ChildError(.system, "no thread is left")))
        }
      }
    } onCancel: {
      supervisor.cancel()
    }
    return try result.get()
  }
}
