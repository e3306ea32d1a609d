// TEMPORARY local stand-in
package enum BuiltinModels {
  package static let options: [OptionSpecification] = []
  struct Once: EventSource {
    var events: [ModelEvent]?
    mutating func next() async throws(ModelError) -> [ModelEvent]? { defer { events = nil }; return events }
  }
  static func answer(_ request: ModelRequest, _ target: Target) throws(ModelError) -> any EventSource {
    Once(events: [.text(request.messages.last?.text ?? ""), .usage(Usage(input: 3, output: 3)), .finished(.stop)])
  }
}
