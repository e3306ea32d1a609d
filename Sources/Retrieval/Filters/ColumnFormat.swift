// The bytes of the columns of a segment, one block, all numbers little-endian. A column has its different values once, in
// order, and a number of one of them for each row: a filter is decided once for each value, and then looked up.
//
//   header      magic "AWLM", version, rows, fields (UInt32 each), then for each field its place and size (UInt32 each)
//   a field     size of its name (UInt32), numbers of its values: booleans, numbers, texts (UInt32 each), whether there is
//               a null (UInt32), size of the texts, number of lists, number of list members (UInt32 each); then
//               the name, filled up to a multiple of 4;
//               numbers as Float64 in order; ends of the texts (UInt32); the texts in order of their bytes, filled up to 4;
//               starts of the lists (UInt32, one more than there are lists), list members (UInt32: numbers of values);
//               a code for each row (UInt32): 0 absent, else 1 + the value's number, else 0x80000000 + the list's number
//
// Values are numbered: false, true, the numbers, the texts, null. Members of inner objects are fields of their own, called
// `outer.inner`; objects in lists are not indexed.

enum ColumnFormat {
  static let magic: UInt32 = 0x4D4C_5741
  static let version: UInt32 = 1
  static let name = "filter.columns"
  static let listMark: UInt32 = 0x8000_0000
  /// Deeper members are not indexed.
  static let maximumDepth = 16
  /// Fields beyond are not indexed: rows whose keys are data would make a column of each.
  static let maximumFields = 4096
}
