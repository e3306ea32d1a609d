// Schemas that apply one another to the same value without end (`{"$ref": "#"}`) are found when they are compiled: a
// cycle of references and combinations on which no step goes into the value. Dynamic references are left to the bound
// on depth, since what they mean is known only when they are followed.

enum SchemaLoops {
  static func refuse(_ program: SchemaProgram) throws(FormatError) {
    /// 0: not seen, 1: on the way, 2: done.
    var states = [UInt8](repeating: 0, count: program.nodes.count)
    for start in program.nodes.indices where states[start] == 0 {
      var way: [(node: Int, edges: [Int])] = [(start, edges(program.nodes[start]))]
      states[start] = 1
      while let (node, edges) = way.last {
        guard let next = edges.last else {
          states[node] = 2
          way.removeLast()
          continue
        }
        way[way.count - 1].edges.removeLast()
        switch states[next] {
        case 0:
          states[next] = 1
          way.append((next, self.edges(program.nodes[next])))
        case 1:
          throw FormatError(
            "the schema refers to itself without end", hint: "a cycle of references must pass a property or an item",
            at: program.nodes[next].json.position)
        default: break
        }
      }
    }
  }

  /// What a node applies to the same value.
  private static func edges(_ node: SchemaNode) -> [Int] {
    var edges = node.object?.dependentSchemas.map(\.node) ?? []
    guard let applicators = node.applicators else { return edges }
    edges += applicators.allOf + applicators.anyOf + applicators.oneOf
    for edge in [
      applicators.reference, applicators.not, applicators.condition, applicators.then, applicators.otherwise,
    ] {
      if let edge { edges.append(edge) }
    }
    return edges
  }
}
