// The calendar day by day, and the date formats that are read and written.

import Foundation
import Testing

@testable import Storage

@Suite struct TimestampTests {
  @Test(
    "a moment and its RFC 3339 text are one",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
      (1_795_508_618_071, "2026-11-24T08:23:38.071Z"), (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
      (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"),
    ] as [(Int64, String)])
  func rfc3339(milliseconds: Int64, text: String) {
    #expect(Timestamp(milliseconds: milliseconds).rfc3339 == text)
    #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
  }

  @Test("every day of 800 years follows the one before and is the date it is made from")
  func calendar() {
    var days = CivilTime(year: 1600, month: 1, day: 1).daysSinceEpoch
    for year in 1600..<2400 {
      for month in 1...12 {
        for day in 1...CivilTime.days(inMonth: month, year: year) {
          let civil = CivilTime(year: year, month: month, day: day)
          guard civil.daysSinceEpoch == days, Timestamp(civil).civil == civil else {
            Issue.record("\(civil) is day \(civil.daysSinceEpoch), not \(days)")
            return
          }
          days += 1
        }
      }
    }
    #expect(CivilTime(year: 2000, month: 1, day: 1).daysSinceEpoch == 10_957)
  }

  @Test("the farthest moments have a text and a calendar", arguments: [Int64.min, Int64.max])
  func extremes(milliseconds: Int64) {
    let time = Timestamp(milliseconds: milliseconds)
    #expect(time.rfc3339.hasSuffix("Z"))
    #expect(Timestamp(time.civil).civil == time.civil)
  }

  @Test(
    "the forms RFC 3339 allows are read",
    arguments: [
      ("1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57.000Z"),
      ("1985-04-12t23:20:50.52z", "1985-04-12T23:20:50.520Z"),
      ("1990-12-31T23:59:60Z", "1991-01-01T00:00:00.000Z"),
      ("1937-01-01 12:00:27.87+00:20", "1937-01-01T11:40:27.870Z"),
      ("2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00.123Z"),
      ("2026-01-01T00:00:00-00:00", "2026-01-01T00:00:00.000Z"),
    ])
  func forms(text: String, utc: String) {
    #expect(Timestamp(rfc3339: text)?.rfc3339 == utc)
  }

  @Test(
    "what is not RFC 3339 is refused",
    arguments: [
      "", "2026-01-01", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2025-02-29T00:00:00Z", "2026-01-32T00:00:00Z",
      "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00",
      "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx", "2026-1-01T00:00:00Z", "2026-01-01T00:00:00+1:00",
      "2026-01-01T00:00:00+24:00", "+026-01-01T00:00:00Z", "２026-01-01T00:00:00Z",
    ])
  func refused(text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }

  @Test(
    "the three forms of an HTTP date are read",
    arguments: [
      "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    ])
  func httpDate(text: String) {
    let now = Timestamp(CivilTime(year: 2026, month: 11, day: 24))
    #expect(Timestamp(httpDate: text, now: now)?.rfc3339 == "1994-11-06T08:49:37.000Z")
    #expect(Timestamp(httpDate: text, now: now)?.httpDate == "Sun, 06 Nov 1994 08:49:37 GMT")
  }

  @Test(
    "a two-digit year is never more than 50 years ahead",
    arguments: [
      ("Tuesday, 24-Nov-76 00:00:00 GMT", 2076), ("Tuesday, 24-Nov-76 00:00:01 GMT", 1976),
      ("Friday, 31-Dec-99 00:00:00 GMT", 1999), ("Monday, 01-Jan-00 00:00:00 GMT", 2000),
      ("Monday, 01-Jan-76 00:00:00 GMT", 2076), ("Monday, 01-Jan-77 00:00:00 GMT", 1977),
    ])
  func century(text: String, year: Int) {
    let now = Timestamp(CivilTime(year: 2026, month: 11, day: 24))
    #expect(Timestamp(httpDate: text, now: now)?.civil.year == year)
  }

  @Test(
    "what is no HTTP date is refused",
    arguments: [
      "", "120", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37",
      "Sun, 31 Feb 1994 08:49:37 GMT", "Xxx, 06 Nov 1994 08:49:37 GMT", "Sun Nov 6 08:49:37 1994",
      "Sun, 06 Nov 1994 08:49:37 GMT ", "sun, 06 nov 1994 08:49:37 gmt",
    ])
  func notHTTPDate(text: String) {
    #expect(Timestamp(httpDate: text) == nil)
  }

  @Test("the weekday of an HTTP date is right on both sides of 1970")
  func weekday() {
    let names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    for day in -14..<14 {
      let text = Timestamp(milliseconds: Int64(day) * 86_400_000).httpDate
      #expect(text.hasPrefix(names[(day + 14) % 7]))
      #expect(Timestamp(httpDate: text)?.milliseconds == Int64(day) * 86_400_000)
    }
  }
}
