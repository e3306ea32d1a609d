package enum TokenEstimate { package static func count(_ t: String) -> Int { t.utf8.count / 4 } }
