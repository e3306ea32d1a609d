// Chains that must be refused, each with all that is wrong with it. `isGrammar`: the published schema refuses it too;
// the others are of the right shape and mean nothing.

/// A chain file that is none.
struct BadChain: Sendable, CustomStringConvertible {
  var name: String
  var isGrammar: Bool
  var text: String
  var problems: [String]
  var description: String { name }

  init(_ name: String, grammar: Bool = false, _ text: String, _ problems: String...) {
    self.name = name
    isGrammar = grammar
    self.text = text
    self.problems = problems
  }

  /// A chain of these steps and no more.
  static func steps(_ name: String, grammar: Bool = false, _ steps: String, _ problems: String...) -> BadChain {
    var chain = BadChain(name, grammar: grammar, "chain: 1\nsteps:\n" + steps)
    chain.problems = problems
    return chain
  }
}

let badChains: [BadChain] = [
  BadChain("empty", grammar: true, "", "1:1: a chain file is an object (chain: 1)"),
  BadChain("list", grammar: true, "- a", "1:1: a chain file is an object (chain: 1)"),
  BadChain("no version", grammar: true, "steps: []", "1:1: no chain file: 'chain: 1' is missing"),
  BadChain(
    "version", grammar: true, "chain: 2\nsteps: [{id: a, value: 1}]",
    "1:8: the format version 2 is not known (this version reads chain: 1)"),
  BadChain("no steps", grammar: true, "chain: 1", "1:1: the chain needs 'steps'"),
  BadChain("empty steps", grammar: true, "chain: 1\nsteps: []", "2:8: 'steps' is to be a list of steps"),
  BadChain(
    "key", grammar: true, "chain: 1\nstep: []\nsteps: [{id: a, value: 1}]",
    "2:1: unknown key 'step' (did you mean 'steps'?)"),
  BadChain(
    "input type", grammar: true, "chain: 1\ninputs: {a: {type: str}}\nsteps: [{id: a, value: 1}]",
    "2:20: 'type' cannot be 'str' (did you mean 'string'?)"),
  BadChain(
    "input default", "chain: 1\ninputs: {a: {type: integer, default: many}}\nsteps: [{id: a, value: 1}]",
    "2:38: the default of 'a' is to be an integer"),
  BadChain(
    "two keys", grammar: true, "chain: 1\nsteps: [{id: a, value: 1}]\nfail_fast: maybe\nconcurrency: 0",
    "3:12: 'fail_fast' is to be true or false", "4:14: 'concurrency' is to be a whole number from 1"),
  BadChain(
    "budget", grammar: true, "chain: 1\nbudget: {cost: -1, time: soon}\nsteps: [{id: a, value: 1}]",
    "2:16: 'cost' is to be a number from 0.0", "2:26: 'time' is to be a time such as 500ms, 60s, 10m or 2h"),
  BadChain(
    "policy", grammar: true, "chain: 1\npolicy: {reed: []}\nsteps: [{id: a, value: 1}]",
    "2:10: unknown key 'reed' (did you mean 'read'?)"),
  BadChain(
    "tools", "chain: 1\ntools: {t: {builtin: read_file}}\nsteps: [{id: a, value: 1}]",
    "2:1: tools are not run by this version yet"),
  BadChain(
    "store",
    "chain: 1\nstores: {kb: {path: .kb, model: embed}}\nsteps:\n  - id: a\n    retrieve: {store: kc, query: x}",
    "5:23: there is no store 'kc' (did you mean 'kb'?)"),
  BadChain(
    "retrieve",
    "chain: 1\nstores: {kb: {path: .kb, model: embed}}\nsteps:\n  - id: a\n"
      + "    retrieve: {store: kb, query: x, mode: keyword, mmr: 0.5, rerank: {model: fast}}",
    "5:52: 'mmr' compares vectors, and mode: keyword does not",
    "5:52: 'mmr' and 'rerank' exclude each other: each makes an order of its own"),
  BadChain(
    "index",
    "chain: 1\nstores: {kb: {path: .kb, model: embed}}\nsteps:\n  - id: a\n    index: {store: kb}\n"
      + "  - id: b\n    index: {store: kb, files: [\"../x/*\"], chunk: {size: 3, overlap: 3}}",
    "5:12: 'index' takes 'files' or 'records' (one of the two)", "7:32: ../x/*: a pattern with ..",
    "7:50: 'overlap' is not less than 'size'"),
  BadChain(
    "approve", "chain: 1\npolicy: {approve: {read_file: ask}}\nsteps: [{id: a, value: 1}]",
    "2:20: 'read_file' is no kind of step that a person can be asked about (run, write, http; tools are not run by "
      + "this version yet)"),
  .steps(
    "trust", grammar: true, "  - id: a\n    value: 1\n    trust: true",
    "5:5: 'trust' means nothing on a step of kind value (it belongs to run, agent)"),
  .steps(
    "run policy", "  - id: a\n    run: {cmd: [rm, -rf, \"{{ run.id }}\"]}",
    "4:16: the policy does not let it run rm -rf … (policy: {run: [[\"rm\",\"-rf\"]]})"),
  BadChain(
    "run what it wrote",
    "chain: 1\npolicy: {write: [\"work/**\"], run: [[sh]]}\nsteps:\n  - id: a\n    run: {cmd: [sh, work/x.sh]}\n"
      + "  - id: b\n    run: {cmd: [sh, x.sh], cwd: work}\n  - id: c\n    trust: true\n    run: {cmd: [sh, work/x.sh]}\n"
      + "  - id: d\n    run: {cmd: [sh, x.sh], cwd: work, sandbox: true}",
    "5:11: what it runs may have been written by a model: the policy lets the chain write work/x.sh (sandbox: true, or "
      + "trust: true where you vouch for it)",
    "7:11: what it runs may have been written by a model: the policy lets the chain write work (sandbox: true, or "
      + "trust: true where you vouch for it)"),
  BadChain(
    "run what it computed",
    "chain: 1\npolicy: {run: [[sh], [python3], [echo]]}\ninputs: {x: {type: string}}\nsteps:\n  - id: a\n"
      + "    run: {cmd: [sh, -ec, \"{{ inputs.x }}\"]}\n  - id: b\n    run: {cmd: [python3, \"-\"], stdin: \"{{ inputs.x }}\"}\n"
      + "  - id: c\n    run: {cmd: [python3, x.py, \"{{ inputs.x }}\"], stdin: \"{{ inputs.x }}\"}\n"
      + "  - id: d\n    run: {cmd: [sh], stdin: \"{{ inputs.x }}\", sandbox: true}\n"
      + "  - id: e\n    run: {cmd: [echo, -c], stdin: \"{{ inputs.x }}\"}",
    "6:11: what it runs may have been written by a model: the code behind '-ec' is computed (sandbox: true, or trust: "
      + "true where you vouch for it)",
    "8:11: what it runs may have been written by a model: the code on the input of python3 is computed (sandbox: true, "
      + "or trust: true where you vouch for it)"),
  BadChain(
    "denied", "chain: 1\npolicy: {run: [[ls]], approve: {run: deny}}\nsteps:\n  - id: a\n    run: {cmd: [ls]}",
    "4:5: the policy denies 'run' (see approve in the policy)"),
  BadChain(
    "yaml", grammar: true, "chain: 1\nsteps:\n  - id: a\n    value: 'x",
    "4:12: the quote is not closed (the text ends before the closing quote)"),
  .steps("no id", grammar: true, "  - value: 1", "3:5: the step needs 'id'"),
  .steps(
    "id", grammar: true, "  - id: A-b\n    value: 1",
    "3:9: 'A-b' is no id (lower case letters, digits and _, from a letter)"),
  .steps(
    "nothing", grammar: true, "  - id: a",
    "3:5: the step 'a' does nothing (give it one of prompt, messages, embed, index, retrieve, chunk, read, write, run, "
      + "http, value, check, ask, do, switch, call, stop, agent)"),
  .steps(
    "two kinds", grammar: true, "  - id: a\n    value: 1\n    check: true",
    "3:5: the step 'a' has value and check (one kind a step)"),
  .steps("typo", grammar: true, "  - id: a\n    promt: hi", "4:5: unknown key 'promt' (did you mean 'prompt'?)"),
  .steps(
    "sibling", grammar: true, "  - id: a\n    value: 1\n    reask: 2",
    "5:5: 'reask' means nothing on a step of kind value (it belongs to prompt, messages, agent)"),
  .steps(
    "reserved", "  - id: run\n    value: 1", "3:9: 'run' is a reserved name (give the step another)"),
  .steps("word", "  - id: not\n    value: 1", "3:9: 'not' is a word of expressions (give the step another name)"),
  .steps(
    "twice", "  - id: a\n    value: 1\n  - id: a\n    value: 2",
    "5:9: the name 'a' is used twice (give one of the two another name)"),
  .steps(
    "hidden", "  - id: a\n    value: 1\n  - id: b\n    do:\n      - id: a\n        value: 2",
    "7:13: 'a' hides a name from outside (give the step another name)"),
  .steps(
    "hidden item", "  - id: a\n    value: [1]\n  - id: b\n    for: a\n    as: a\n    value: 1",
    "7:9: 'a' hides a name from outside (give the item another name)"),
  .steps(
    "unknown name", "  - id: hits\n    value: [1]\n  - id: b\n    value: \"{{ hit | length }}\"",
    "6:16: unknown name 'hit' (did you mean 'hits'?)"),
  .steps(
    "before definition", "  - id: a\n    value: \"{{ b }}\"\n  - id: b\n    value: 1",
    "4:16: 'b' cannot be seen from here (the step of line 5 stands below or inside another; a step sees those above it "
      + "and around it)"),
  .steps(
    "itself", "  - id: a\n    value: \"{{ a }}\"",
    "4:16: 'a' cannot be seen from here (the step of line 3 stands below or inside another; a step sees those above it "
      + "and around it)"),
  .steps(
    "inner", "  - id: a\n    do:\n      - id: b\n        value: 1\n  - id: c\n    value: \"{{ b }}\"",
    "8:16: 'b' cannot be seen from here (the step of line 5 stands below or inside another; a step sees those above it "
      + "and around it)"),
  BadChain(
    "unknown input", "chain: 1\ninputs: {file: {type: path}}\nsteps:\n  - id: a\n    value: \"{{ inputs.flie }}\"",
    "5:16: unknown input 'flie' (did you mean 'file'?)"),
  BadChain(
    "input without its prefix", "chain: 1\ninputs: {file: {type: path}}\nsteps:\n  - id: a\n    value: \"{{ file }}\"",
    "5:16: unknown name 'file' (did you mean 'inputs.file'?)"),
  BadChain(
    "secret in a prompt",
    "chain: 1\nsecrets: [KEY]\nsteps:\n  - id: a\n    prompt: |\n      Use\n        {{ secrets.KEY }}",
    "7:12: a secret would leave the chain here (secrets go into headers of http and env of run, nowhere else)"),
  BadChain(
    "secret not listed", "chain: 1\nsecrets: [DESK_TOKEN]\nsteps:\n  - id: a\n    value: \"{{ secrets.DESK_TOKN }}\"",
    "5:16: unknown secret 'DESK_TOKN' (did you mean 'DESK_TOKEN'?)"),
  .steps("template", "  - id: a\n    prompt: \"Hello {{ 1 + }}\"", "4:27: the tag ends here: a value is expected"),
  .steps(
    "filter in a block", "  - id: a\n    prompt: |\n      One\n      two {{ 'x' | uper }}",
    "6:18: unknown filter 'uper' (did you mean 'upper'?)"),
  .steps(
    "folded", "  - id: a\n    prompt: >\n      One\n      two {{ nobody }}", "6:14: unknown name 'nobody'"),
  .steps(
    "braces", "  - id: a\n    value: 1\n  - id: b\n    if: \"{{ a > 0 }}\"\n    value: 2",
    "6:10: an expression takes no braces (write what is within them)"),
  .steps(
    "needs", "  - id: a\n    value: 1\n    needs: [b]\n  - id: b\n    value: 1",
    "5:13: needs a step that cannot be waited for: 'b' (the step of line 6 stands below or inside another)"),
  .steps(
    "needs itself", "  - id: a\n    value: 1\n    needs: [a]",
    "5:13: needs a step that cannot be waited for: 'a' (a step cannot need itself)"),
  .steps(
    "for and loop", "  - id: a\n    for: \"[1]\"\n    loop: {max: 2}\n    value: 1",
    "5:5: a step has 'for' or 'loop', not both (put one inside a do)"),
  .steps("as without for", "  - id: a\n    as: x\n    value: 1", "4:5: 'as' belongs to 'for'"),
  .steps(
    "no max", grammar: true, "  - id: a\n    loop: {state: {n: 0}, next: {n: \"{{ n + 1 }}\"}}\n    value: 1",
    "4:11: 'loop' needs 'max'"),
  .steps(
    "next", "  - id: a\n    loop: {state: {n: 0}, max: 2, next: {m: 1}}\n    value: 1",
    "4:42: 'm' is no state of the loop (list it under state:)"),
  .steps(
    "while and until", "  - id: a\n    loop: {state: {n: 0}, max: 2, while: n < 1, until: n > 1}\n    value: 1",
    "4:49: a loop has 'while' or 'until', not both"),
  .steps(
    "round outside", "  - id: a\n    value: \"{{ round }}\"",
    "4:16: 'round' means nothing here (it is known within a loop)"),
  .steps(
    "case never taken",
    """
      - id: kind
        prompt: which?
        schema: {type: object, properties: {desk: {enum: [billing, bug]}}}
      - id: b
        switch: {value: kind.desk, cases: {bugs: [{id: c, value: 1}]}, else: [{id: d, value: 2}]}
    """,
    "7:40: the case 'bugs' is never taken: kind.desk is billing, bug (did you mean 'bug'?)"),
  .steps(
    "behind stop", "  - id: a\n    stop: {message: end}\n  - id: b\n    value: 1",
    "5:5: this step can never run (the stop of line 3 ends the run)"),
  .steps(
    "stop code", "  - id: a\n    stop: {code: 2}",
    "4:18: 'code' is 0, 3 or 10 to 99 (the others say what went wrong in awl itself)"),
  BadChain(
    "output may be skipped",
    "chain: 1\nsteps:\n  - id: a\n    if: run.id == 'x'\n    value: 1\n  - id: b\n    value: \"{{ a }}\"\noutputs: {b: \"{{ b }}\"}",
    "8:14: the output 'b' needs the step 'b', which may be skipped (say what stands in for it: {{ b | default(…) }})"),
  BadChain(
    "output of a failed step",
    "chain: 1\nsteps:\n  - id: a\n    on_error: skip\n    prompt: x\noutputs: {a: \"{{ a }}\"}",
    "6:14: the output 'a' needs the step 'a', which may be skipped (say what stands in for it: {{ a | default(…) }})"),
  .steps(
    "read policy", "  - id: a\n    read: {file: /etc/passwd}",
    "4:18: the policy does not let it read /etc/passwd (policy: {read: [\"/etc/passwd\"]})"),
  BadChain(
    "write policy",
    "chain: 1\npolicy: {write: [\"out/*\"]}\nsteps:\n  - id: a\n    write: {file: out/../x, content: a}",
    "5:19: out/../x: a path with .."),
  BadChain(
    "write outside", "chain: 1\npolicy: {write: [\"out/*\"]}\nsteps:\n  - id: a\n    write: {file: x, content: a}",
    "5:19: the policy does not let it write x (policy: {write: [\"x\"]})"),
  .steps(
    "write", "  - id: a\n    write: {file: x}",
    "4:12: 'write' takes 'file' and 'content', or 'root' and 'files' (one of the two)"),
  .steps(
    "read both", "  - id: a\n    read: {file: x, files: y}", "4:11: 'read' takes 'file' or 'files' (one of the two)"),
  .steps(
    "schema", "  - id: a\n    prompt: x\n    schema: {type: object, properties: {n: {type: intger}}}",
    "5:51: there is no type 'intger' (did you mean 'integer'?)"),
  .steps(
    "guard", grammar: true, "  - id: a\n    prompt: x\n    guard: [{max_wrods: 3}]",
    "5:14: unknown key 'max_wrods' (did you mean 'max_words'?)"),
  .steps(
    "guard argument", grammar: true, "  - id: a\n    prompt: x\n    guard: [{max_words: few}]",
    "5:25: 'max_words' is to be a whole number from 0"),
  .steps(
    "two rules", grammar: true, "  - id: a\n    prompt: x\n    guard: [{max_words: 3, max_chars: 4}]",
    "5:13: a guard has one rule, not 2 (check, command, judge, regex, one_of, max_words, max_chars, contains, lacks, "
      + "citations, no_secrets, schema)"),
  .steps(
    "command guard", "  - id: a\n    prompt: x\n    guard: [{command: [python3, -m, json.tool]}]",
    "5:23: the policy does not let it run python3 -m json.tool (policy: {run: [[\"python3\",\"-m\",\"json.tool\"]]})"),
  .steps(
    "pass", "  - id: a\n    prompt: x\n    guard: [{max_words: 3, pass: 0.5}]", "5:28: 'pass' belongs to 'judge'"),
  .steps(
    "fix", "  - id: a\n    prompt: x\n    guard: [{regex: x, on_fail: fix}]",
    "5:33: 'on_fail: fix' cannot mend what 'regex' refuses (it can for one_of, max_words, max_chars, lacks)"),
  .steps(
    "fix of an object",
    "  - id: a\n    prompt: x\n    schema: {type: object}\n    guard: [{max_words: 3, on_fail: fix}]",
    "6:13: 'on_fail: fix' mends texts, and the answer is none"),
  BadChain(
    "drop",
    "chain: 1\nsteps:\n  - id: a\n    prompt: x\n    guard: [{max_words: 3, on_fail: drop}]\noutputs: {a: \"{{ a }}\"}",
    "6:14: the output 'a' needs the step 'a', which may be skipped (say what stands in for it: {{ a | default(…) }})"),
  .steps(
    "mark", "  - id: a\n    prompt: x\n    mark: datamark",
    "5:5: 'mark' says how untrusted text is marked, and there is none ({{ … | untrusted }})"),
  .steps(
    "retry", grammar: true, "  - id: a\n    prompt: x\n    retry: {max: 3, when: [sometimes]}",
    "5:28: an element of 'when' cannot be 'sometimes' (one of rate_limit, overloaded, server, network, timeout, invalid)"
  ),
  .steps(
    "agent", "  - id: a\n    agent: {goal: win, max_turns: 3}",
    "4:5: steps of kind 'agent' are not run by this version yet"),
  .steps(
    "agent's own keys", grammar: true, "  - id: a\n    agent: {gaol: win}",
    "4:12: 'agent' needs 'goal'", "4:13: unknown key 'gaol' (did you mean 'goal'?)"),
  .steps(
    "record", "  - id: a\n    value: 1\n  - id: b\n    value: \"{{ steps.a.stauts }}\"",
    "6:16: unknown member of a step's record 'stauts' (did you mean 'status'?)"),
  BadChain(
    "several", grammar: true,
    "chain: 1\nname: 7\nsteps:\n  - id: a\n    value: \"{{ x1 }}\"\n  - id: b\n    valeu: 1\n  - id: c\n    check: y1 > 2",
    "2:7: 'name' is to be a text", "5:16: unknown name 'x1'", "7:5: unknown key 'valeu' (did you mean 'value'?)",
    "9:12: unknown name 'y1'"),
]
