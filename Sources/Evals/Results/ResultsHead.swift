// The first line of `results.jsonl`: which run it is and what its columns are, so that a file of results explains itself.

import Formats
import Storage

/// What a file of results says before its cells.
package struct ResultsHead: Sendable, Equatable {
  /// The version of the format.
  package static let version = 1

  /// A prompt asked of a provider.
  package struct Column: Sendable, Equatable {
    package var prompt: String
    package var provider: String
    /// The prompt before anything is put into it.
    package var text: String
    /// A model of this process answers: what it took says nothing.
    package var isLocal: Bool

    package init(prompt: String, provider: String, text: String, isLocal: Bool = false) {
      self.prompt = prompt
      self.provider = provider
      self.text = text
      self.isLocal = isLocal
    }
  }

  /// The run's id.
  package var run: String
  /// What was asked for, hashed: the same suite with the same flags and files has the same.
  package var key = ""
  /// When it began, RFC 3339.
  package var time: String
  package var description: String?
  /// The suite's file; nil where flags alone said it.
  package var suite: String?
  /// Which part of the suite it is, where it was run in parts.
  package var shard: Shard?
  package var columns: [Column]
  /// The suite as it was read, an object; for exports that carry it.
  package var config: JSON

  package init(
    run: String, time: String, description: String? = nil, suite: String? = nil, columns: [Column],
    config: JSON = .object([])
  ) {
    self.run = run
    self.time = time
    self.description = description
    self.suite = suite
    self.columns = columns
    self.config = config
  }

  /// The object, on one line.
  package var record: [UInt8] {
    var writer = JSONWriter(capacity: 1024)
    writer.beginObject()
    writer.member("awl", ResultsHead.version)
    writer.member("kind", "eval")
    writer.member("run", run)
    if !key.isEmpty { writer.member("key", key) }
    writer.member("time", time)
    if let description { writer.member("description", description) }
    if let suite { writer.member("suite", suite) }
    if let shard { writer.member("shard", shard.description) }
    writer.key("columns")
    writer.beginArray()
    for column in columns {
      writer.beginObject()
      writer.member("prompt", column.prompt)
      writer.member("provider", column.provider)
      writer.member("text", column.text)
      if column.isLocal { writer.member("local", true) }
      writer.endObject()
    }
    writer.endArray()
    writer.member("config", config)
    writer.endObject()
    return writer.bytes
  }

  /// - Throws: where the file is another version's, or none of results.
  package init(_ json: JSON, path: String) throws(StorageError) {
    guard json["kind"]?.string == "eval", let run = json["run"]?.string else {
      throw StorageError(path: path, operation: .read, kind: .corrupt(offset: 0))
    }
    let found = json["awl"]?.int ?? 0
    guard found == ResultsHead.version else {
      throw StorageError(path: path, operation: .read, kind: .version(found: found, supported: ResultsHead.version))
    }
    self.init(
      run: run, time: json["time"]?.string ?? "", description: json["description"]?.string,
      suite: json["suite"]?.string,
      columns: json["columns"]?.elements.map {
        Column(
          prompt: $0["prompt"]?.string ?? "", provider: $0["provider"]?.string ?? "", text: $0["text"]?.string ?? "",
          isLocal: $0["local"]?.bool ?? false)
      } ?? [], config: json["config"] ?? .object([]))
    key = json["key"]?.string ?? ""
    shard = json["shard"]?.string.flatMap(Shard.init)
  }
}
