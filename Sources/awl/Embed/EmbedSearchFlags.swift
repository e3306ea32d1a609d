// The flags of a search, for `search` and `similar`.

import Formats
import Models
import Retrieval
import Storage

struct EmbedSearchFlags: Sendable {
  var count: Int
  var minimumScore: Double?
  var diversity: Double?
  var expansion: Int
  var isFast: Bool
  var filter: String?
  var keepsRepeats: Bool
  var isJSON: Bool

  static let flags = [
    Flag("count", "k", value: "N", "how many (10)"),
    Flag(
      "where", value: "JSON",
      "only rows whose metadata match: '{\"lang\": \"en\", \"year\": {\"$gte\": 2020}}', or @FILE"),
    Flag("min-score", value: "N", "least cosine (by keywords alone: least score)"),
    Flag("mmr", value: "LAMBDA", "less of the same: 1 is the plain ranking, 0.7 a mixture"),
    Flag("expand", value: "N", "with the N parts before and behind each hit"),
    Flag("repeats", "a text that an earlier hit has as well, too"),
    Flag("fast", "scan one bit a dimension (awl embed verify --recall measures what that misses)"),
    Flag("json", "one JSON object"),
  ]

  init(_ arguments: Arguments) throws(UsageError) {
    count = try arguments.int("count", in: 1...1_000_000) ?? 10
    minimumScore = try arguments.double("min-score")
    diversity = try arguments.double("mmr", in: 0...1)
    expansion = try arguments.int("expand", in: 0...1000) ?? 0
    isFast = arguments.has("fast")
    filter = arguments.string("where")
    keepsRepeats = arguments.has("repeats")
    isJSON = arguments.has("json")
  }

  /// A question with what the flags say.
  func query(_ program: Program) throws(Failure) -> RetrievalQuery {
    var query = RetrievalQuery("")
    query.count = count
    query.minimumScore = minimumScore
    query.diversity = diversity
    query.expansion = expansion
    query.scan = isFast ? .fast : .exact
    query.dropsRepeats = !keepsRepeats
    query.kernels = try program.vectorKernels
    query.filter = try parsedFilter()
    return query
  }

  private func parsedFilter() throws(Failure) -> Filter? {
    guard let text = filter else { return nil }
    var bytes = Array(text.utf8)
    var place = "--where"
    if text.hasPrefix("@") {
      place = String(text.dropFirst())
      do throws(StorageError) { bytes = try Files.read(place) } catch { throw Failure(error.description, .usage) }
    }
    do throws(FormatError) {
      return try Filter(JSON.parse(bytes))
    } catch {
      throw Failure(error.text(file: place), .usage)
    }
  }
}

extension Program {
  /// The inner loops that vectors are compared with: AWL_KERNEL, else the best of this machine.
  var vectorKernels: VectorKernels {
    get throws(Failure) {
      guard let name = environment["AWL_KERNEL"] else { return .best }
      guard let kernels = VectorKernels.named(name) else {
        throw Failure(
          "AWL_KERNEL: '\(name)' is not on this machine (\(VectorKernels.names.joined(separator: ", ")))", .usage)
      }
      return kernels
    }
  }
}
