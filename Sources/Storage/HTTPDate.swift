// Dates in HTTP headers (RFC 9110 §5.6.7): the form to write and, for reading, the two obsolete ones a recipient
// must accept. The name of the weekday must be one, but is not held against the date: servers get it wrong.

extension Timestamp {
  /// `Sun, 06 Nov 1994 08:49:37 GMT` (IMF-fixdate); milliseconds are cut.
  package var httpDate: String {
    let time = civil
    let weekday = ((time.daysSinceEpoch + 4) % 7 + 7) % 7
    return "\(shortDays[weekday]), \(padded(time.day, 2)) \(months[time.month - 1]) \(padded(time.year, 4)) "
      + "\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2)) GMT"
  }

  /// Reads any of the three forms of RFC 9110 §5.6.7, nil for anything else.
  ///
  /// - Parameter now: Decides the century of RFC 850's two-digit year: never more than 50 years ahead.
  package init?(httpDate text: String, now: Timestamp = .now()) {
    for read in [fixedDate, rfc850Date, asctimeDate] {
      var scan = DateScanner(text)
      guard let civil = read(&scan, now), scan.isAtEnd, civil.isValid else { continue }
      self.init(civil)
      return
    }
    return nil
  }
}

private let shortDays: [StaticString] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
private let longDays: [StaticString] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
private let months: [StaticString] = [
  "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
]

/// `Sun, 06 Nov 1994 08:49:37 GMT`
private func fixedDate(_ scan: inout DateScanner, now: Timestamp) -> CivilTime? {
  guard scan.oneOf(shortDays) != nil, scan.take(", "), let day = scan.digits(2), scan.take(" "),
    let month = scan.oneOf(months), scan.take(" "), let year = scan.digits(4), scan.take(" "),
    let civil = timeOfDay(&scan, year, month + 1, day), scan.take(" GMT")
  else { return nil }
  return civil
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`
private func rfc850Date(_ scan: inout DateScanner, now: Timestamp) -> CivilTime? {
  guard scan.oneOf(longDays) != nil, scan.take(", "), let day = scan.digits(2), scan.take("-"),
    let month = scan.oneOf(months), scan.take("-"), let shortYear = scan.digits(2), scan.take(" "),
    var civil = timeOfDay(&scan, 0, month + 1, day), scan.take(" GMT")
  else { return nil }
  var limit = now.civil
  limit.year += 50
  civil.year = limit.year - limit.year % 100 + shortYear
  if Timestamp(civil) > Timestamp(limit) { civil.year -= 100 }
  return civil
}

/// `Sun Nov  6 08:49:37 1994`
private func asctimeDate(_ scan: inout DateScanner, now: Timestamp) -> CivilTime? {
  guard scan.oneOf(shortDays) != nil, scan.take(" "), let month = scan.oneOf(months), scan.take(" "),
    let day = scan.take(" ") ? scan.digits(1) : scan.digits(2), scan.take(" "),
    var civil = timeOfDay(&scan, 0, month + 1, day), scan.take(" "), let year = scan.digits(4)
  else { return nil }
  civil.year = year
  return civil
}

private func timeOfDay(_ scan: inout DateScanner, _ year: Int, _ month: Int, _ day: Int) -> CivilTime? {
  guard let hour = scan.digits(2), scan.take(":"), let minute = scan.digits(2), scan.take(":"),
    let second = scan.digits(2)
  else { return nil }
  return CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
}
