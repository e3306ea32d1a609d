// What turns files into texts, chunks and indexes, under fuzz: readers of foreign formats, and blocks of an index that come
// back damaged from the disk.

import Formats
import Retrieval

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension FuzzTargets {
  static let retrieval = [
    FuzzTarget(name: "chunks", samples: markdown + code) { bytes, random in
      for strategy in ChunkOptions.Strategy.allCases {
        let options = ChunkOptions(
          strategy: strategy, size: Int.random(in: 1...60, using: &random),
          overlap: Int.random(in: 0...20, using: &random))
        var chunker = Chunker(options, hasBraces: true)
        var start = -1
        for piece in [bytes, bytes] {
          piece.withUnsafeBytes { text in
            chunker.cut(text) { chunk in
              precondition(chunk.bytes.lowerBound > start, "chunks are not in order")
              precondition(chunk.bytes.upperBound <= bytes.count * 2, "a chunk lies outside of its text")
              start = chunk.bytes.lowerBound
            }
          }
        }
      }
    },
    FuzzTarget(name: "html", samples: pages) { bytes, _ in
      precondition(UTF8Validation.isValid(HTMLReader.read(TextEncoding.of(bytes).encoding.decode(bytes)).text))
    },
    FuzzTarget(
      name: "documents", samples: mails + pages + markdown + ["id,text\n1,\"a\nb\"\n", "{\"id\":1,\"text\":\"x\"}\n"]
    ) {
      bytes, _ in
      let folder = "/tmp/awl-fuzz-\(getpid())"
      mkdir(folder, 0o700)
      defer { rmdir(folder) }
      for ending in ["txt", "eml", "ipynb", "csv", "tsv", "jsonl"] {
        let path = "\(folder)/a.\(ending)"
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        _ = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        close(file)
        defer { unlink(path) }
        _ = try? DocumentReader().read(path) { document in
          precondition(UTF8Validation.isValid(document.text), "a text is not UTF-8")
          _ = document.place(bytes: 0..<document.text.count, lines: 1...1)
        }
      }
    },
    FuzzTarget(name: "glob", samples: ["**/a*b?/[!x-z]*.{md,txt}", "*a*a*a*a*b", "{a,{b,c}}**"]) { bytes, _ in
      for glob in Glob.expanding(String(decoding: bytes.prefix(300), as: UTF8.self)) {
        _ = glob.matches("aaaa/b/c.md".utf8)
        _ = glob.matches(bytes.prefix(300))
      }
    },
    FuzzTarget(name: "keyword-index", samples: [""]) { bytes, random in
      var blocks = indexed(markdown + code + pages)
      damage(&blocks, bytes, &random)
      guard let index = try? KeywordIndex(path: "fuzz", block: { name in Block.named(name, blocks) }),
        index.rows < 1 << 16
      else { return }
      _ = try? KeywordSearch.search("the let title text fooBar 日本", in: [KeywordSegment(index: index)], k: 5)
    },
    FuzzTarget(name: "npy", samples: ["\u{1}\u{0}v\u{0}{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }"]) {
      bytes, _ in
      guard let header = try? NumPyHeader([0x93] + Array("NUMPY".utf8) + bytes) else { return }
      precondition(header.rows >= 0 && header.dimension > 0 && header.offset <= bytes.count + 6, "a header lies")
    },
    FuzzTarget(name: "store-attachments", samples: ["awl src\n", #"{"awl":1,"size":300,"roots":[{"path":"./a"}]}"#]) {
      bytes, random in
      _ = try? IndexSettings(bytes, path: "fuzz")
      _ = try? SourceTable(bytes, path: "fuzz")
      var table = SourceTable()
      for number in 0..<5 {
        table.sources["./file \(number)"] = SourceState(
          stamp: FileStamp(size: number, modified: 1, changed: 2, device: 3, inode: 4), digest: bytes, settings: 7,
          rows: number, root: 0)
      }
      var whole = table.bytes
      for _ in 0..<3 {
        whole[Int.random(in: 0..<whole.count, using: &random)] = bytes.randomElement(using: &random) ?? 0xFF
      }
      _ = try? SourceTable(Array(whole.prefix(Int.random(in: 0...whole.count, using: &random))), path: "fuzz")
    },
    FuzzTarget(name: "filter", samples: filters) { bytes, random in
      guard let filter = (try? JSON.parse(bytes)).flatMap({ try? Filter($0) }) else { return }
      var indexer = ColumnIndexer()
      for (row, text) in filters.enumerated() {
        indexer.add(StoreRecord(id: "\(row)", metadata: try? JSON.parse(text)), row: row)
      }
      var blocks = indexer.finish()
      if Bool.random(using: &random) { damage(&blocks, bytes, &random) }
      guard let block = Block.named(blocks[0].name, blocks), let columns = try? Columns(path: "fuzz", block: block),
        columns.rows < 1 << 16
      else { return }
      _ = try? filter.rows(in: columns)
    },
  ]

  private struct Block: SegmentBytes {
    let bytes: [UInt8]
    var count: Int { bytes.count }

    static func named(_ name: String, _ blocks: [SegmentBlock]) -> (any SegmentBytes)? {
      blocks.first { $0.name == name }.map { Block(bytes: $0.bytes) }
    }

    func read(_ range: Range<Int>) throws(StoreError) -> [UInt8] {
      guard range.upperBound <= bytes.count else { throw StoreError(path: "fuzz", kind: .damaged(what: "range")) }
      return Array(bytes[range])
    }
  }

  private static func indexed(_ texts: [String]) -> [SegmentBlock] {
    let indexer = KeywordIndexer()
    for row in 0..<300 { indexer.add(StoreRecord(id: "\(row)", text: texts[row % texts.count]), row: row) }
    return indexer.finish()
  }

  private static func damage(_ blocks: inout [SegmentBlock], _ noise: [UInt8], _ random: inout SeededGenerator) {
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      let block = Int.random(in: 0..<blocks.count, using: &random)
      guard !blocks[block].bytes.isEmpty else { continue }
      let place = Int.random(in: 0..<blocks[block].bytes.count, using: &random)
      blocks[block].bytes[place] = noise.randomElement(using: &random) ?? UInt8.random(in: 0...255, using: &random)
    }
  }

  private static let markdown = [
    "# Title\n\ntext. More text.\n\n```swift\nlet a = 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nSetext\n---\n- x\n",
    "日本語の文章です。二つ目！\n\nthe end. Dr. X said so.\n",
  ]
  private static let code = ["/// Doc.\n@a\npublic func fooBar(x: Int) {\n  return\n}\n\nclass B:\n    def c(self):\n"]
  private static let pages = [
    "<!DOCTYPE html><title>T</title><script>a<b</script><h1 class='x>y'>H</h1><p>&eacute;&#x41;<pre>a\n b</pre><tr><td>c"
  ]
  private static let mails = [
    "Subject: =?utf-8?Q?caf=C3=A9?=\nContent-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Transfer-Encoding: base64\n\nYWJj\n--b--\n"
  ]
  private static let filters = [
    #"{"lang": "en", "year": {"$gte": 2020, "$ne": 3}, "tags": {"$in": ["a", 7, null, true]}}"#,
    #"{"$or": [{"a.b": {"$exists": true}}, {"$not": {"lang": {"$nin": ["de"]}}}]}"#,
    #"{"lang": ["en", "fr"], "year": 2021, "a": {"b": [1, "x"]}, "ok": false}"#,
  ]
}
