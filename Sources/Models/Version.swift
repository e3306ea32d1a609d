// The version of the program, in one place, and how requests tell of it.

import Transport

package enum Version {
  package static let number = "0.1.0"
}

extension HTTPRequest {
  /// Names the program as the sender, where nothing else is named.
  mutating func nameProgram() {
    guard !headers.contains(where: { $0.isNamed("User-Agent") }) else { return }
    headers.append(HTTPHeader("User-Agent", "awl/\(Version.number)"))
  }
}
