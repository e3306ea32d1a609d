// Fields that belong to one provider.

import Formats
import Models
import Testing

@Suite("opaque fields") struct OpaqueTests {
  @Test("fields are given to their own provider and to no other")
  func ownProvider() {
    let opaque = Opaque(provider: "a", fields: ["k": 1])
    #expect(opaque.fields(for: "a") == ["k": 1])
    let other: JSON? = opaque.fields(for: "b")
    #expect(other.map { _ in true } == .none)
    let object: JSON = [:]
    let isAbsent = object["x"] == nil
    #expect(isAbsent)
  }
}
