// Ids: order, difference, text.

import Dispatch
import Synchronization
import Testing

@testable import Storage

@Suite struct RecordIDTests {
  @Test("ids of one process rise in the order of their making, also as text")
  func monotonic() {
    var last = RecordID.next()
    for _ in 0..<10_000 {
      let id = RecordID.next()
      #expect(id > last && id.text > last.text)
      last = id
    }
  }

  @Test("ids made by many threads are different")
  func unique() {
    let ids = Mutex<Set<String>>([])
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      let own = (0..<500).map { _ in RecordID.next().text }
      ids.withLock { $0.formUnion(own) }
    }
    #expect(ids.withLock { $0.count } == 4000)
  }

  @Test("an id is its 26 characters and knows its time")
  func text() throws {
    let id = RecordID.next()
    #expect(id.text.utf8.count == 26)
    #expect(id.text == id.text.lowercased())
    #expect(RecordID(id.text) == id)
    let example = try #require(RecordID("01arz3ndektsv4rrffq69g5fav"))
    #expect(example.text == "01arz3ndektsv4rrffq69g5fav")
    #expect(example.time.rfc3339 == "2016-07-30T23:54:10.259Z")
  }

  @Test(
    "what is no id is refused",
    arguments: [
      "", "01arz3ndektsv4rrffq69g5fa", "01arz3ndektsv4rrffq69g5favv", "01ARZ3NDEKTSV4RRFFQ69G5FAV",
      "81arz3ndektsv4rrffq69g5fav", "01arz3ndektsv4rrffq69g5fau", "../arz3ndektsv4rrffq69g5fa",
      "01arz3ndektsv4rrffq69g5éx",
    ])
  func refused(text: String) {
    #expect(RecordID(text) == nil)
  }
}
