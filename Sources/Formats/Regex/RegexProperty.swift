// What \p{…} can ask: general categories and binary properties from the standard library's tables, scripts from ours.
// Names are matched exactly, as ECMA-262 demands (tables 67 to 69 and PropertyValueAliases.txt).

/// A test of one scalar that is asked at match time.
enum RegexProperty: Sendable {
  /// A set of general categories as a bit mask of ``RegexProperty/bit(of:)``.
  case category(UInt32)
  case binary(@Sendable (Unicode.Scalar.Properties) -> Bool)

  func holds(_ value: UInt32) -> Bool {
    guard let scalar = Unicode.Scalar(value) else { return false }
    switch self {
    case .category(let mask): return mask & Self.bit(of: scalar.properties.generalCategory) != 0
    case .binary(let test): return test(scalar.properties)
    }
  }

  /// What a property expression stands for.
  enum Meaning {
    case test(RegexProperty)
    case ranges([ClosedRange<UInt32>])
  }

  /// Finds `name`, or `name=value` when a value is given; nil when there is no such property.
  static func named(_ name: String, value: String?) -> Meaning? {
    guard let value else { return lone(name) }
    switch name {
    case "General_Category", "gc": return categoryMask(value).map { .test(.category($0)) }
    case "Script", "sc": return UnicodeTables.script(value, extended: false).map { .ranges($0) }
    case "Script_Extensions", "scx": return UnicodeTables.script(value, extended: true).map { .ranges($0) }
    default: return nil
    }
  }

  private static func lone(_ name: String) -> Meaning? {
    switch name {
    case "Any": return .ranges([0...0x10FFFF])
    case "ASCII": return .ranges([0...0x7F])
    case "Assigned": return .test(.category(~bit(of: .unassigned)))
    case "Regional_Indicator", "RI": return .ranges([0x1F1E6...0x1F1FF])
    case "Emoji_Component", "EComp": return UnicodeTables.ranges(ofRow: "#Emoji_Component").map { .ranges($0) }
    case "Extended_Pictographic", "ExtPict":
      return UnicodeTables.ranges(ofRow: "#Extended_Pictographic").map { .ranges($0) }
    default: break
    }
    if let mask = categoryMask(name) { return .test(.category(mask)) }
    return binary.first { $0.long == name || $0.short == name }.map { .test(.binary($0.test)) }
  }

  private typealias Binary = (long: String, short: String, test: @Sendable (Unicode.Scalar.Properties) -> Bool)

  private static let binary: [Binary] = [
    ("ASCII_Hex_Digit", "AHex", { $0.isASCIIHexDigit }),
    ("Alphabetic", "Alpha", { $0.isAlphabetic }),
    ("Bidi_Control", "Bidi_C", { $0.isBidiControl }),
    ("Bidi_Mirrored", "Bidi_M", { $0.isBidiMirrored }),
    ("Case_Ignorable", "CI", { $0.isCaseIgnorable }),
    ("Cased", "Cased", { $0.isCased }),
    ("Changes_When_Casefolded", "CWCF", { $0.changesWhenCaseFolded }),
    ("Changes_When_Casemapped", "CWCM", { $0.changesWhenCaseMapped }),
    ("Changes_When_Lowercased", "CWL", { $0.changesWhenLowercased }),
    ("Changes_When_NFKC_Casefolded", "CWKCF", { $0.changesWhenNFKCCaseFolded }),
    ("Changes_When_Titlecased", "CWT", { $0.changesWhenTitlecased }),
    ("Changes_When_Uppercased", "CWU", { $0.changesWhenUppercased }),
    ("Dash", "Dash", { $0.isDash }),
    ("Default_Ignorable_Code_Point", "DI", { $0.isDefaultIgnorableCodePoint }),
    ("Deprecated", "Dep", { $0.isDeprecated }),
    ("Diacritic", "Dia", { $0.isDiacritic }),
    ("Emoji", "Emoji", { $0.isEmoji }),
    ("Emoji_Modifier", "EMod", { $0.isEmojiModifier }),
    ("Emoji_Modifier_Base", "EBase", { $0.isEmojiModifierBase }),
    ("Emoji_Presentation", "EPres", { $0.isEmojiPresentation }),
    ("Extender", "Ext", { $0.isExtender }),
    ("Grapheme_Base", "Gr_Base", { $0.isGraphemeBase }),
    ("Grapheme_Extend", "Gr_Ext", { $0.isGraphemeExtend }),
    ("Hex_Digit", "Hex", { $0.isHexDigit }),
    ("IDS_Binary_Operator", "IDSB", { $0.isIDSBinaryOperator }),
    ("IDS_Trinary_Operator", "IDST", { $0.isIDSTrinaryOperator }),
    ("ID_Continue", "IDC", { $0.isIDContinue }),
    ("ID_Start", "IDS", { $0.isIDStart }),
    ("Ideographic", "Ideo", { $0.isIdeographic }),
    ("Join_Control", "Join_C", { $0.isJoinControl }),
    ("Logical_Order_Exception", "LOE", { $0.isLogicalOrderException }),
    ("Lowercase", "Lower", { $0.isLowercase }),
    ("Math", "Math", { $0.isMath }),
    ("Noncharacter_Code_Point", "NChar", { $0.isNoncharacterCodePoint }),
    ("Pattern_Syntax", "Pat_Syn", { $0.isPatternSyntax }),
    ("Pattern_White_Space", "Pat_WS", { $0.isPatternWhitespace }),
    ("Quotation_Mark", "QMark", { $0.isQuotationMark }),
    ("Radical", "Radical", { $0.isRadical }),
    ("Sentence_Terminal", "STerm", { $0.isSentenceTerminal }),
    ("Soft_Dotted", "SD", { $0.isSoftDotted }),
    ("Terminal_Punctuation", "Term", { $0.isTerminalPunctuation }),
    ("Unified_Ideograph", "UIdeo", { $0.isUnifiedIdeograph }),
    ("Uppercase", "Upper", { $0.isUppercase }),
    ("Variation_Selector", "VS", { $0.isVariationSelector }),
    ("White_Space", "space", { $0.isWhitespace }),
    ("XID_Continue", "XIDC", { $0.isXIDContinue }),
    ("XID_Start", "XIDS", { $0.isXIDStart }),
  ]
}

extension RegexProperty {
  static func bit(of category: Unicode.GeneralCategory) -> UInt32 {
    switch category {
    case .uppercaseLetter: return 1 << 0
    case .lowercaseLetter: return 1 << 1
    case .titlecaseLetter: return 1 << 2
    case .modifierLetter: return 1 << 3
    case .otherLetter: return 1 << 4
    case .nonspacingMark: return 1 << 5
    case .spacingMark: return 1 << 6
    case .enclosingMark: return 1 << 7
    case .decimalNumber: return 1 << 8
    case .letterNumber: return 1 << 9
    case .otherNumber: return 1 << 10
    case .connectorPunctuation: return 1 << 11
    case .dashPunctuation: return 1 << 12
    case .openPunctuation: return 1 << 13
    case .closePunctuation: return 1 << 14
    case .initialPunctuation: return 1 << 15
    case .finalPunctuation: return 1 << 16
    case .otherPunctuation: return 1 << 17
    case .mathSymbol: return 1 << 18
    case .currencySymbol: return 1 << 19
    case .modifierSymbol: return 1 << 20
    case .otherSymbol: return 1 << 21
    case .spaceSeparator: return 1 << 22
    case .lineSeparator: return 1 << 23
    case .paragraphSeparator: return 1 << 24
    case .control: return 1 << 25
    case .format: return 1 << 26
    case .surrogate: return 1 << 27
    case .privateUse: return 1 << 28
    case .unassigned: return 1 << 29
    @unknown default: return 0
    }
  }

  private static func categoryMask(_ name: String) -> UInt32? {
    if let found = categories.firstIndex(where: { $0.short == name || $0.long == name }) { return 1 << UInt32(found) }
    let group: [String]
    switch name {
    case "LC", "Cased_Letter": group = ["Lu", "Ll", "Lt"]
    case "digit": group = ["Nd"]
    case "cntrl": group = ["Cc"]
    case "L", "Letter": group = ["L"]
    case "M", "Mark", "Combining_Mark": group = ["M"]
    case "N", "Number": group = ["N"]
    case "P", "Punctuation", "punct": group = ["P"]
    case "S", "Symbol": group = ["S"]
    case "Z", "Separator": group = ["Z"]
    case "C", "Other": group = ["C"]
    default: return nil
    }
    var mask: UInt32 = 0
    for (index, row) in categories.enumerated() where group.contains(where: { row.short.hasPrefix($0) }) {
      mask |= 1 << UInt32(index)
    }
    return mask
  }

  /// Short and long names in the order of ``bit(of:)``.
  private static let categories: [(short: String, long: String)] = [
    ("Lu", "Uppercase_Letter"), ("Ll", "Lowercase_Letter"), ("Lt", "Titlecase_Letter"), ("Lm", "Modifier_Letter"),
    ("Lo", "Other_Letter"), ("Mn", "Nonspacing_Mark"), ("Mc", "Spacing_Mark"), ("Me", "Enclosing_Mark"),
    ("Nd", "Decimal_Number"), ("Nl", "Letter_Number"), ("No", "Other_Number"), ("Pc", "Connector_Punctuation"),
    ("Pd", "Dash_Punctuation"), ("Ps", "Open_Punctuation"), ("Pe", "Close_Punctuation"),
    ("Pi", "Initial_Punctuation"), ("Pf", "Final_Punctuation"), ("Po", "Other_Punctuation"), ("Sm", "Math_Symbol"),
    ("Sc", "Currency_Symbol"), ("Sk", "Modifier_Symbol"), ("So", "Other_Symbol"), ("Zs", "Space_Separator"),
    ("Zl", "Line_Separator"), ("Zp", "Paragraph_Separator"), ("Cc", "Control"), ("Cf", "Format"), ("Cs", "Surrogate"),
    ("Co", "Private_Use"), ("Cn", "Unassigned"),
  ]
}

extension UnicodeTables {
  /// The ranges of a script by its long or short name, sorted; nil when there is no such script.
  static func script(_ name: String, extended: Bool) -> [ClosedRange<UInt32>]? {
    guard let row = row(named: name) else { return nil }
    let own = decode(row[1])
    guard extended, row.count > 2 else { return own }
    return symmetricDifference(own, decode(row[2]))
  }

  static func ranges(ofRow name: String) -> [ClosedRange<UInt32>]? {
    row(named: name).map { decode($0[1]) }
  }

  private static func row(named name: String) -> [Substring]? {
    for line in scripts.utf8.split(separator: UInt8(ascii: "\n")) {
      let names = line.prefix { $0 != UInt8(ascii: ";") }
      guard names.split(separator: UInt8(ascii: ",")).contains(where: { $0.elementsEqual(name.utf8) }) else { continue }
      return line.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map { Substring($0) }
    }
    return nil
  }

  private static func decode(_ text: Substring) -> [ClosedRange<UInt32>] {
    var end: UInt32 = 0
    return text.split(separator: " ").compactMap { field in
      let parts = field.split(separator: ":")
      guard let gap = UInt32(parts[0], radix: 36) else { return nil }
      let span = parts.count > 1 ? UInt32(parts[1], radix: 36) ?? 0 : 0
      let start = end + gap
      end = start + span
      return start...end
    }
  }

  private static func symmetricDifference(
    _ a: [ClosedRange<UInt32>], _ b: [ClosedRange<UInt32>]
  ) -> [ClosedRange<UInt32>] {
    // A boundary that both have cancels out; between an odd and the next even boundary lies a range of the result.
    let boundaries = (a + b).flatMap { [$0.lowerBound, $0.upperBound + 1] }.sorted()
    var odd: [UInt32] = []
    for boundary in boundaries {
      if odd.last == boundary { odd.removeLast() } else { odd.append(boundary) }
    }
    return stride(from: 0, to: odd.count - 1, by: 2).map { odd[$0]...odd[$0 + 1] - 1 }
  }
}
