// The keys of a configuration file: the one place where they stand. Names are those of the flags and of the field.
// In a project's file a key with `trust` counts only after `awl trust`.

import Models

enum ConfigTable {
  static let root: [ConfigKey] = [
    ConfigKey("awl", .whole(1...1), "version of the format"),
    ConfigKey("model", .text, "the model when neither -m nor AWL_MODEL names one"),
    ConfigKey("options", .keys(options), "default options of every model"),
    ConfigKey("aliases", .names("names to models", .text), "names of your own for models: quick: openai/gpt-6-luna"),
    ConfigKey("providers", .names("providers", .keys(provider)), "servers of your own, and changes to known ones"),
    ConfigKey("models", .names("models", .keys(model)), "facts about models, by PROVIDER/MODEL"),
    ConfigKey("prices", .names("models", .keys(price)), "US dollars per million tokens, by PROVIDER/MODEL"),
    ConfigKey("prompts", .texts, "folders with prompt files, relative to this file"),
    ConfigKey("logs", .keys(logs), "how long calls are kept"),
    ConfigKey("cache", .keys(cache), "how long answers are kept for repeated calls"),
    ConfigKey("timeout", .duration, "longest time for a whole answer"),
    ConfigKey("connect_timeout", .duration, "longest time to connect (10)"),
    ConfigKey("idle_timeout", .duration, "longest silence (300)"),
    ConfigKey("retries", .whole(0...100), "retries after passing failures (2)"),
    ConfigKey("proxy", .text, trust: .address, "proxy instead of the environment's"),
    ConfigKey("ca_file", .text, trust: .address, "certificates to trust instead of the system's"),
    ConfigKey("patch", .list(.keys(patch)), trust: .address, "changes to requests of models, applied last"),
  ]

  static let options: [ConfigKey] = [
    ConfigKey("temperature", .number(0...2), "randomness"),
    ConfigKey("top_p", .number(0...1), "nucleus sampling"),
    ConfigKey("max_tokens", .whole(1...Int.max), "most tokens of the answer"),
    ConfigKey("seed", .whole(Int.min...Int.max), "for answers that repeat"),
    ConfigKey("stop", .texts, "end the answer there"),
    ConfigKey("reasoning", .text, "off, low, medium, high, … or a number of tokens"),
  ]

  static let provider: [ConfigKey] = [
    ConfigKey(
      "dialect", .choice(DialectName.allCases.filter { $0 != .builtin }.map(\.rawValue)), trust: .address,
      "wire format (openai-chat)"),
    ConfigKey("base_url", .text, trust: .address, "address that the paths are added to, such as http://host/v1"),
    ConfigKey("key_env", .texts, trust: .address, "variables that can hold the key"),
    ConfigKey("key_command", .texts, trust: .code, "program and arguments that print the key; no shell"),
    ConfigKey("key_command_env", .texts, trust: .code, "variables that the command gets besides the usual ones"),
    ConfigKey("key_command_timeout", .duration, trust: .code, "longest time for the command (10)"),
    ConfigKey("auth", .text, trust: .address, "bearer, optional, none, or the header that carries the key"),
    ConfigKey("headers", .textMap(allowsNull: false), trust: .address, "headers of every request"),
    ConfigKey("header_env", .textMap(allowsNull: false), trust: .address, "headers whose values are variables'"),
    ConfigKey(
      "embeddings", .choice(["openai", "gemini", "ollama", "none"]), trust: .address, "wire format of embeddings"),
    ConfigKey(
      "reranking", .choice(RerankFormat.allCases.map(\.rawValue) + ["none"]), trust: .address,
      "wire format of reranking"),
    ConfigKey("quirks", .choices(ConfigNames.providerQuirks.map(\.name)), "where it departs from its dialect"),
    ConfigKey("local", .flag, trust: .address, "runs on your own machine, so that it costs nothing"),
    ConfigKey("note", .text, "one sentence for awl models list --providers"),
  ]

  static let model: [ConfigKey] = [
    ConfigKey("context", .whole(1...Int.max), "tokens of prompt and answer together"),
    ConfigKey("input_limit", .whole(1...Int.max), "most tokens of the prompt"),
    ConfigKey("output_limit", .whole(1...Int.max), "most tokens of the answer"),
    ConfigKey("price", .keys(price), "US dollars per million tokens"),
    ConfigKey("capabilities", .choices(ConfigNames.capabilities.map(\.name)), "what it takes and can do"),
    ConfigKey("quirks", .choices(ConfigNames.modelQuirks.map(\.name)), "where it departs from its dialect"),
    ConfigKey("dimensions", .whole(1...1_000_000), "length of an embedding"),
    ConfigKey("aliases", .texts, "other names that its provider accepts"),
    ConfigKey("options", .keys(options), "default options of this model"),
  ]

  static let price: [ConfigKey] = [
    ConfigKey("input", .number(0...1e6), "prompt tokens"),
    ConfigKey("output", .number(0...1e6), "answer tokens"),
    ConfigKey("cache_read", .number(0...1e6), "prompt tokens read from the provider's cache"),
    ConfigKey("cache_write", .number(0...1e6), "prompt tokens written to it"),
    ConfigKey("as_of", .day, "the day of the price list"),
  ]

  static let logs: [ConfigKey] = [
    ConfigKey("max_age", .duration, trust: .deletion, "older calls are removed, once a day"),
    ConfigKey("max_size", .size, trust: .deletion, "the oldest months are removed beyond this"),
  ]

  static let cache: [ConfigKey] = [
    ConfigKey("max_age", .duration, trust: .deletion, "older answers are removed, once a day"),
    ConfigKey("max_size", .size, trust: .deletion, "the oldest answers are removed beyond this"),
  ]

  static let patch: [ConfigKey] = [
    ConfigKey("model", .pattern, "regular expression that is found in PROVIDER/MODEL"),
    ConfigKey("set", .anyMap, "fields of the body and their values; a.b is b in a"),
    ConfigKey("rename", .textMap(allowsNull: false), "fields of the body and their new names"),
    ConfigKey("remove", .texts, "fields of the body that are left out"),
    ConfigKey("headers", .textMap(allowsNull: true), "headers that are set; null removes one"),
    ConfigKey(
      "url",
      .keys([
        ConfigKey("match", .pattern, "regular expression, replaced where it is found"),
        ConfigKey("replace", .text, "what takes its place; $1 is its first group"),
      ]), "a change of the URL"),
  ]
}

/// Words of the file for sets of flags.
enum ConfigNames {
  static let providerQuirks: [(name: String, value: ProviderRow.Quirks)] = [
    ("max_tokens_name", .maxTokensName), ("no_stream_options", .noStreamOptions), ("no_strict_schema", .noStrictSchema),
    ("no_schema", .noSchema), ("no_seed", .noSeed), ("random_seed", .randomSeed),
    ("replays_reasoning", .replaysReasoning),
    ("no_forced_tool", .noForcedTool), ("output_dimension", .outputDimension),
    ("embedding_input_type", .embeddingInputType), ("reports_cost", .reportsCost), ("no_chat", .noChat),
  ]

  static let modelQuirks: [(name: String, value: ModelRow.Quirks)] = [
    ("max_completion_tokens", .maxCompletionTokens), ("developer_role", .developerRole),
    ("no_system_role", .noSystemRole), ("adaptive_thinking", .adaptiveThinking), ("thinking_level", .thinkingLevel),
    ("thinking_budget", .thinkingBudget), ("always_reasons", .alwaysReasons), ("no_temperature", .noTemperature),
    ("sampling_without_reasoning", .samplingWithoutReasoning), ("no_forced_tool", .noForcedTool),
    ("between_tools", .betweenTools), ("responses_only", .responsesOnly),
  ]

  static let capabilities: [(name: String, value: ModelRow.Capabilities)] = [
    ("text", .text), ("image", .image), ("pdf", .pdf), ("audio", .audio), ("tools", .tools), ("schema", .schema),
    ("reasoning", .reasoning), ("logprobs", .logprobs), ("streaming", .streaming), ("embedding", .embedding),
    ("temperature", .temperature), ("stop", .stop), ("seed", .seed), ("prefill", .prefill),
  ]
}
