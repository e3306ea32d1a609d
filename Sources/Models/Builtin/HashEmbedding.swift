// Embeddings by feature hashing: Weinberger, Dasgupta, Langford, Smola, Attenberg: Feature Hashing for Large Scale
// Multitask Learning, ICML 2009. The sign keeps inner products unbiased under collisions. Only exactly rounded
// operations (+, ×, ÷, √), so that a text has the same vector everywhere.

/// Vectors of words, pairs of ideographs, and character n-grams.
///
/// Features of a text, each with a frequency `tf` and a weight `w`, all case folded:
/// - a word, `w` = 1, or 0.25 for a function word
/// - the n-grams (3 to 5 characters) of `<word>`, `w` = 0.3, of words that are no function words
/// - of runs of Han, Kana and Hangul: each pair of characters `w` = 1, each character `w` = 0.5
///
/// A feature's hash is FNV-1a 64 over a byte for its sort (`w`, `n`, `p`, `c`) and its UTF-8, mixed by MurmurHash3's
/// 64-bit finalizer; the high 64 bits of hash × N are its dimension, the lowest bit its sign. It adds `±w·√tf`, and
/// the vector's length is made 1.
struct HashEmbedding {
  static let largestDimension = 65_536
  let dimension: Int

  /// The vector, of length 1; nil for a text without words.
  func vector(of text: String) -> [Float]? {
    // In order of first occurrence: sums in a dictionary's order would differ from process to process.
    var places: [UInt64: Int] = [:]
    var features: [(hash: UInt64, weight: Double, count: Int)] = []
    func add(_ hash: UInt64, _ weight: Double) {
      if let place = places[hash] {
        features[place].count += 1
      } else {
        places[hash] = features.count
        features.append((hash, weight, 1))
      }
    }
    let bytes = Array(text.utf8)
    WordScanner.scan(bytes, 0..<bytes.count) { word in
      if word.isIdeographic {
        for scalar in word.scalars { add(Self.hash("c", [scalar]), 0.5) }
        for pair in 0..<max(0, word.scalars.count - 1) {
          add(Self.hash("p", word.scalars[pair...pair + 1]), 1)
        }
        return
      }
      let whole = Self.hash("w", word.scalars[...])
      let isFunctionWord = FunctionWords.english.contains(word.scalars)
      add(whole, isFunctionWord ? 0.25 : 1)
      guard !isFunctionWord else { return }
      let marked = [UInt32(0x3C)] + word.scalars + [0x3E]
      for length in 3...5 where marked.count >= length {
        for start in 0...marked.count - length { add(Self.hash("n", marked[start..<start + length]), 0.3) }
      }
    }
    guard !features.isEmpty else { return nil }
    var sums = [Double](repeating: 0, count: dimension)
    for feature in features {
      let mixed = Self.mix(feature.hash)
      let place = Int(mixed.multipliedFullWidth(by: UInt64(dimension)).high)
      let value = feature.weight * Double(feature.count).squareRoot()
      sums[place] += mixed & 1 == 0 ? value : -value
    }
    let length = sums.reduce(0) { $0 + $1 * $1 }.squareRoot()
    // Everything cancelled out, which only happens with a few dimensions: the first feature's place alone.
    guard length > 0 else {
      sums[Int(Self.mix(features[0].hash).multipliedFullWidth(by: UInt64(dimension)).high)] = 1
      return sums.map { Float($0) }
    }
    return sums.map { Float($0 / length) }
  }

  private static func hash(_ sort: Unicode.Scalar, _ scalars: ArraySlice<UInt32>) -> UInt64 {
    var hash = FNV1a()
    hash.add(byte: UInt8(truncatingIfNeeded: sort.value))
    for scalar in scalars { hash.add(scalar: scalar) }
    return hash.value
  }

  /// FNV's high bits depend little on the last bytes; this spreads them.
  private static func mix(_ hash: UInt64) -> UInt64 {
    var hash = hash
    hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
    hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
    return hash ^ hash >> 33
  }
}

/// Words that say little of what a text is about.
enum FunctionWords {
  /// English. Part of the definition of the vectors: never changed.
  static let english: Set<[UInt32]> = set(
    """
    a an and are as at be been but by can could did do does for from had has have he her his how i if in into is it \
    its me my of on or our she should so than that the their them then there these they this to was we were what when \
    where which who whom whose why will with would you your
    """)

  /// Words of an instruction that say what to do and not what about.
  static let instructions: Set<[UInt32]> = set(
    """
    about above according all answer article based below brief briefly bullet bullets context describe document each \
    explain extract file files find following four give given information key line lines list main material maximum \
    most one only passage paragraph please point points question read say sentence sentences short show state \
    summarise summarize summary tell text three two up use using word words write five six seven eight nine ten
    """)

  static func set(_ words: String) -> Set<[UInt32]> {
    Set(words.split(separator: " ").map { $0.unicodeScalars.map(\.value) })
  }
}
