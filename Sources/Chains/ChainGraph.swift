// A chain as a picture: which step waits for which, in the forms that terminals, Markdown pages and programs take.

import Formats

package enum ChainGraph {
  package enum Form: String, Sendable, CaseIterable { case text, mermaid, dot, json }

  private struct Node {
    var path: String
    var step: Step
    var depth: Int
    /// What of its path is said above it.
    var label: String
    /// Paths of the steps whose values it takes, and of those that it only waits for.
    var takes: [String]
    var waits: [String]
  }

  package static func text(_ chain: Chain, _ form: Form) -> String {
    var nodes: [Node] = []
    collect(chain.block, "", 0, [:], &nodes)
    switch form {
    case .text: return plain(nodes)
    case .mermaid: return mermaid(nodes)
    case .dot: return dot(nodes)
    case .json: return json(chain, nodes).prettyText + "\n"
    }
  }

  private static func collect(
    _ block: Block, _ path: String, _ depth: Int, _ outer: [String: String], _ nodes: inout [Node]
  ) {
    var known = outer
    for step in block.steps {
      let own = path.isEmpty ? step.id : "\(path)/\(step.id)"
      var node = Node(path: own, step: step, depth: depth, label: step.id, takes: [], waits: [])
      for use in step.uses where use.isStep {
        guard let place = known[use.name], !node.takes.contains(place) else { continue }
        node.takes.append(place)
      }
      for need in step.needs where block.steps.indices.contains(need) {
        if let place = known[block.steps[need].id], !node.takes.contains(place) { node.waits.append(place) }
      }
      nodes.append(node)
      for (label, inner) in step.kind.blocks {
        let isDo = step.kind is DoStep
        collect(inner, isDo ? own : "\(own)/\(label)", depth + 1, known, &nodes)
      }
      known[step.id] = own
    }
  }

  private static func marks(_ step: Step) -> String {
    var marks: [String] = [step.kindName]
    if let each = step.modifiers.each { marks.append("for \(each.list.text)") }
    if each(step) > 1 { marks.append("\(each(step)) at once") }
    if let loop = step.modifiers.loop { marks.append("at most \(loop.most) rounds") }
    if let condition = step.modifiers.condition { marks.append("if \(condition.text)") }
    return marks.joined(separator: ", ")
  }

  private static func each(_ step: Step) -> Int { step.modifiers.each?.width ?? 1 }

  private static func plain(_ nodes: [Node]) -> String {
    nodes.map { node in
      let indent = String(repeating: "  ", count: node.depth)
      let from = (node.takes + node.waits).isEmpty ? "" : "  ← \((node.takes + node.waits).joined(separator: ", "))"
      return "\(indent)\(node.label)  (\(marks(node.step)))\(from)\n"
    }.joined()
  }

  private static func mermaid(_ nodes: [Node]) -> String {
    var text = "flowchart TD\n"
    let names = Dictionary(nodes.enumerated().map { ($0.element.path, "s\($0.offset)") }, uniquingKeysWith: { $1 })
    for node in nodes {
      let label = "\(node.path)<br>\(marks(node.step))".map { character in
        switch character {
        case "\"": "#quot;"
        case "#": "#35;"
        case "\n": " "
        default: String(character)
        }
      }.joined()
      text += "  \(names[node.path] ?? "")[\"\(label)\"]\n"
    }
    for node in nodes {
      for from in node.takes { text += "  \(names[from] ?? "") --> \(names[node.path] ?? "")\n" }
      for from in node.waits { text += "  \(names[from] ?? "") -.-> \(names[node.path] ?? "")\n" }
      if let parent = parent(node, nodes) { text += "  \(names[parent] ?? "") --- \(names[node.path] ?? "")\n" }
    }
    return text
  }

  private static func dot(_ nodes: [Node]) -> String {
    func quoted(_ text: String) -> String { JSON.string(text).text }
    var text = "digraph chain {\n  node [shape=box];\n"
    for node in nodes { text += "  \(quoted(node.path)) [label=\(quoted("\(node.path)\n\(marks(node.step))"))];\n" }
    for node in nodes {
      for from in node.takes { text += "  \(quoted(from)) -> \(quoted(node.path));\n" }
      for from in node.waits { text += "  \(quoted(from)) -> \(quoted(node.path)) [style=dashed];\n" }
      if let parent = parent(node, nodes) { text += "  \(quoted(parent)) -> \(quoted(node.path)) [arrowhead=none];\n" }
    }
    return text + "}\n"
  }

  /// The step that a step is within.
  private static func parent(_ node: Node, _ nodes: [Node]) -> String? {
    nodes.last { $0.depth == node.depth - 1 && node.path.hasPrefix($0.path + "/") }?.path
  }

  private static func json(_ chain: Chain, _ nodes: [Node]) -> JSON {
    .object([
      ("chain", .string(chain.name)),
      (
        "steps",
        .array(
          nodes.map { node in
            .object([
              ("path", .string(node.path)), ("kind", .string(node.step.kindName)),
              ("effect", .string("\(node.step.effect)")), ("takes", .array(node.takes.map { .string($0) })),
              ("waits", .array(node.waits.map { .string($0) })),
              ("line", .number(SourcePosition(of: node.step.offset, in: chain.source).line)),
            ])
          })
      ),
    ])
  }
}
