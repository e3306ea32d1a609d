// Values as keys of sets: what is equal has one hash, whatever it is written as (1, 1.0 and true are equal).

struct TemplateKey: Hashable {
  var value: TemplateValue

  static func == (left: TemplateKey, right: TemplateKey) -> Bool { TemplateValue.areEqual(left.value, right.value) }

  func hash(into hasher: inout Hasher) {
    if let number = value.double {
      hasher.combine(number)
    } else if case .string(let text) = value {
      hasher.combine(text)
    } else if let elements = value.elements {
      for element in elements { TemplateKey(value: element).hash(into: &hasher) }
    } else if let members = value.members {
      // In any order.
      hasher.combine(
        members.reduce(0) { sum, member in
          var own = Hasher()
          own.combine(member.key)
          TemplateKey(value: member.value).hash(into: &own)
          return sum ^ own.finalize()
        })
    }
  }
}
