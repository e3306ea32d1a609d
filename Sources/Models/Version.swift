// The version of the program, in one place.

package enum Version {
  package static let number = "0.1.0"
}
