// What a suite says of judging as a whole: who judges, and what the run is held to besides its tests.

import Formats

extension SuiteReader {
  mutating func readJudging(_ root: JSON, _ file: SuiteFile) {
    var reader = JudgeReader(file: file)
    let judges = reader.read(root["judges"])
    for problem in reader.problems.all + SuiteCheck.problems(root["assert"], file) { problems.add(problem) }
    change { suite in
      suite.judges += judges
      suite.trustNeeds += reader.needs
    }
  }
}
