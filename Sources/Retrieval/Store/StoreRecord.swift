// What one row of a store holds besides its vector: the text that is searched and shown, and where it came from.

import Formats

/// A chunk of text with its place, or a row of somebody's table.
package struct StoreRecord: Sendable {
  /// Unique in the store; ties in a ranking are ordered by its bytes.
  package var id: String
  package var text: String
  /// The file or name the text came from; empty for none.
  package var source: String
  /// First and last line in the source, counted from 1; nil where there is no such place.
  package var lines: ClosedRange<Int>?
  /// UTF-8 byte offsets in the source; nil where there is no such place.
  package var bytes: Range<Int>?
  /// The headings the text stands under, joined by " > "; empty for none.
  package var heading: String
  /// A JSON object for filters and display; nil for none.
  package var metadata: JSON?

  package init(
    id: String, text: String = "", source: String = "", lines: ClosedRange<Int>? = nil, bytes: Range<Int>? = nil,
    heading: String = "", metadata: JSON? = nil
  ) {
    self.id = id
    self.text = text
    self.source = source
    self.lines = lines
    self.bytes = bytes
    self.heading = heading
    self.metadata = metadata
  }
}
