// Builds the keyword index of a segment from the texts of its rows, see `KeywordFormat`.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Counts the words of one row after the other.
private struct WordCounter: ~Copyable, TokenSink {
  var table = TermTable()
  var row: UInt32 = 0
  /// Words of the current row.
  var words: UInt32 = 0

  @inline(__always)
  mutating func take(_ word: UnsafePointer<UInt8>, _ count: Int, _ kind: Tokenizer.Kind) {
    table.count(word, count, row: row)
    if kind == .word { words &+= 1 }
  }
}

/// Builds the keyword index of a segment. A class, since its tables are large and have one owner.
package final class KeywordIndexer: SegmentIndexer {
  private var tokenizer = Tokenizer()
  private var counter = WordCounter()
  private var lengths: [UInt32] = []

  package init() {}

  deinit { tokenizer.deallocate() }

  /// Bytes held: about a third of the text so far. A segment should end before this is more than can be spared.
  package var memory: Int { counter.table.memory + lengths.capacity * 4 }

  /// Headings are found as words of the text.
  package func add(_ record: StoreRecord, row: Int) {
    guard !counter.table.isFull else { return }
    begin(row)
    if !record.heading.isEmpty { count(record.heading) }
    count(record.text)
  }

  /// Counts the words of a text in UTF-8 as those of the next row.
  package func add(_ text: UnsafeRawBufferPointer) {
    begin(lengths.count)
    count(text)
  }

  private func begin(_ row: Int) {
    while lengths.count <= row { lengths.append(0) }
  }

  private func count(_ text: String) {
    var text = text
    text.withUTF8 { count(UnsafeRawBufferPointer($0)) }
  }

  private func count(_ text: UnsafeRawBufferPointer) {
    counter.row = UInt32(lengths.count - 1)
    counter.words = 0
    tokenizer.scan(text, into: &counter)
    lengths[lengths.count - 1] &+= counter.words
  }

  package func finish() -> [SegmentBlock] {
    counter.table.finish()
    var writer = KeywordWriter(lengths: lengths)
    var postings: [UInt8] = []
    for index in counter.table.sorted() {
      postings.removeAll(keepingCapacity: true)
      counter.table.postings(index, &postings)
      writer.add(counter.table.bytes(index), rows: counter.table.rows(index), postings)
    }
    return writer.finish()
  }
}

/// Writes the blocks from terms in the order of their bytes.
struct KeywordWriter {
  private let lengths: [UInt32]
  private var groups: [UInt8] = []
  private var groupStarts: [UInt32] = []
  private var postings: [UInt8] = []
  private var last: [UInt8] = []
  private var terms = 0

  init(lengths: [UInt32]) { self.lengths = lengths }

  mutating func add(_ term: UnsafeBufferPointer<UInt8>, rows: Int, _ list: [UInt8]) {
    if terms % KeywordFormat.groupTerms == 0 {
      groupStarts.append(UInt32(truncatingIfNeeded: groups.count))
      KeywordFormat.appendVarint(postings.count, &groups)
      last.removeAll(keepingCapacity: true)
    }
    terms += 1
    var shared = 0
    while shared < last.count, shared < term.count, last[shared] == term[shared] { shared += 1 }
    KeywordFormat.appendVarint(shared, &groups)
    KeywordFormat.appendVarint(term.count - shared, &groups)
    groups.append(contentsOf: term[shared...])
    last.removeAll(keepingCapacity: true)
    last.append(contentsOf: term)
    let start = postings.count
    if rows > KeywordFormat.blockRows { appendSkips(list) }
    postings += list
    KeywordFormat.appendVarint(rows, &groups)
    KeywordFormat.appendVarint(postings.count - start, &groups)
  }

  private mutating func appendSkips(_ list: [UInt8]) {
    list.withUnsafeBufferPointer { bytes in
      var at = 0
      var row = -1
      var inBlock = 0
      var (most, least): (UInt32, UInt32) = (0, .max)
      while at < bytes.count {
        guard let value = KeywordFormat.varint(bytes, &at) else { break }
        row += value >> 1
        let times = value & 1 == 1 ? 1 : KeywordFormat.varint(bytes, &at) ?? 1
        most = max(most, UInt32(clamping: times))
        least = min(least, lengths[row])
        inBlock += 1
        if inBlock == KeywordFormat.blockRows || at == bytes.count {
          for number in [UInt32(row), UInt32(at), most, least] { KeywordFormat.append(number, &postings) }
          (inBlock, most, least) = (0, 0, .max)
        }
      }
    }
  }

  mutating func finish() -> [SegmentBlock] {
    var head: [UInt8] = []
    KeywordFormat.append(KeywordFormat.magic, &head)
    KeywordFormat.append(KeywordFormat.version, &head)
    KeywordFormat.append(UInt32(lengths.count), &head)
    KeywordFormat.append(UInt32(terms), &head)
    KeywordFormat.append(lengths.reduce(UInt64(0)) { $0 + UInt64($1) }, &head)
    KeywordFormat.append(UInt32(groupStarts.count), &head)
    KeywordFormat.append(UInt32(0), &head)
    var dictionary: [UInt8] = []
    dictionary.reserveCapacity(groups.count + groupStarts.count * 4 + 4)
    for start in groupStarts { KeywordFormat.append(start, &dictionary) }
    KeywordFormat.append(UInt32(truncatingIfNeeded: groups.count), &dictionary)
    dictionary += groups
    var sizes: [UInt8] = []
    sizes.reserveCapacity(lengths.count * 4)
    for length in lengths { KeywordFormat.append(length, &sizes) }
    return [
      SegmentBlock(name: KeywordFormat.head, bytes: head), SegmentBlock(name: KeywordFormat.lengths, bytes: sizes),
      SegmentBlock(name: KeywordFormat.terms, bytes: dictionary),
      SegmentBlock(name: KeywordFormat.postings, bytes: postings),
    ]
  }
}
