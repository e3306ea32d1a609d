// A moment of the wall clock in Unix milliseconds, its RFC 3339 text, and the calendar between the two.
// The calendar is computed, not asked from the system: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"
// (days_from_civil, civil_from_days), proleptic Gregorian, exact for every year an Int64 of milliseconds can name.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A moment, in milliseconds since 1970-01-01T00:00:00Z without leap seconds.
package struct Timestamp: Hashable, Comparable, Sendable {
  package var milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// The wall clock now.
  package static func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
}

/// A date and time of day in the proleptic Gregorian calendar; month and day count from 1.
package struct CivilTime: Equatable, Sendable {
  package var year: Int
  package var month: Int
  package var day: Int
  package var hour: Int
  package var minute: Int
  package var second: Int
  package var millisecond: Int

  package init(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, millisecond: Int = 0
  ) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
    self.millisecond = millisecond
  }

  /// Days from 1970-01-01 to this date (`days_from_civil`): the year begins in March, so the leap day comes last,
  /// and repeats after 400 years of 146,097 days.
  package var daysSinceEpoch: Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// Days in this month.
  static func days(inMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// True for a date and time that exist. Second 60 is accepted: a leap second reads as the second after it.
  var isValid: Bool {
    (1...12).contains(month) && day >= 1 && day <= CivilTime.days(inMonth: month, year: year)
      && (0...23).contains(hour) && (0...59).contains(minute) && (0...60).contains(second)
      && (0...999).contains(millisecond)
  }
}

extension Timestamp {
  /// The moment of a date and time in UTC.
  package init(_ civil: CivilTime) {
    let seconds = ((civil.daysSinceEpoch * 24 + civil.hour) * 60 + civil.minute) * 60 + civil.second
    // Wrapping, since the first second an Int64 of milliseconds can name begins before the first millisecond it can.
    milliseconds = Int64(seconds) &* 1000 &+ Int64(civil.millisecond)
  }

  /// Date and time in UTC (`civil_from_days`).
  package var civil: CivilTime {
    let (days, rest) = floorDivide(Int(milliseconds), 86_400_000)
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return CivilTime(
      year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
      day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1, hour: rest / 3_600_000, minute: rest / 60_000 % 60,
      second: rest / 1000 % 60, millisecond: rest % 1000)
  }

  /// `2026-11-24T08:23:38.071Z` (RFC 3339 §5.6). Years outside 0 to 9999 are written with the digits they need.
  package var rfc3339: String {
    let time = civil
    return "\(padded(time.year, 4))-\(padded(time.month, 2))-\(padded(time.day, 2))"
      + "T\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2)).\(padded(time.millisecond, 3))Z"
  }

  /// Reads RFC 3339 §5.6: `T` may be lower case or a space, any number of fraction digits (cut to milliseconds),
  /// `Z` or an offset. Nil for anything else.
  package init?(rfc3339 text: String) {
    var scan = DateScanner(text)
    guard let year = scan.digits(4), scan.take("-"), let month = scan.digits(2), scan.take("-"),
      let day = scan.digits(2), scan.take("T") || scan.take("t") || scan.take(" "), let hour = scan.digits(2),
      scan.take(":"), let minute = scan.digits(2), scan.take(":"), let second = scan.digits(2)
    else { return nil }
    var millisecond = 0
    if scan.take(".") {
      guard let fraction = scan.fraction() else { return nil }
      millisecond = fraction
    }
    var offset = 0
    if !scan.take("Z") && !scan.take("z") {
      let sign = scan.take("-") ? -1 : scan.take("+") ? 1 : 0
      guard sign != 0, let hours = scan.digits(2), scan.take(":"), let minutes = scan.digits(2), hours <= 23,
        minutes <= 59
      else { return nil }
      offset = sign * (hours * 60 + minutes)
    }
    let civil = CivilTime(
      year: year, month: month, day: day, hour: hour, minute: minute, second: second, millisecond: millisecond)
    guard scan.isAtEnd, civil.isValid else { return nil }
    self.init(milliseconds: Timestamp(civil).milliseconds - Int64(offset) * 60_000)
  }
}

private func floorDivide(_ value: Int, _ divisor: Int) -> (quotient: Int, remainder: Int) {
  let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
  return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
}

/// A number with leading zeros up to `width`.
func padded(_ value: Int, _ width: Int) -> String {
  let digits = String(value.magnitude)
  return (value < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.count)) + digits
}
