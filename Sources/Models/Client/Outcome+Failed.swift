// A call that was never made.

extension Outcome {
  /// What comes of a call that was refused before it was sent.
  package static func refused(_ error: ModelError) -> Outcome {
    Outcome(reply: Reply(), error: error, record: "", conversation: "", timing: Timing(), attempts: 0, cost: nil)
  }
}
