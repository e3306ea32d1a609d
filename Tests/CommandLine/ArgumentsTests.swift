// What is typed and what comes of it, before anything is asked: usage errors, help, names of models.

import Foundation
import Support
import Testing

@Suite("arguments") struct ArgumentsTests {
  @Test(
    "what is not understood is an error with a way forward",
    arguments: [
      (["promt", "hi"], "unknown command 'promt' (did you mean 'prompt'?)"),
      (["hello there"], "unknown command 'hello there'"),
      (["logs", "lst"], "unknown verb 'lst' (did you mean 'list'?)"),
      (["prompt", "--modle", "x"], "unknown flag '--modle' (did you mean '--model'?)"),
      (["prompt", "-Z", "x"], "unknown flag '-Z' (see awl prompt --help)"), (["prompt", "-m"], "-m needs a value"),
      (["prompt", "-m", "--json", "x"], "looks like a flag"),
      (["prompt", "-o", "a", "-o", "b", "x"], "is given twice"),
      (["prompt", "--json", "--jsonl", "x"], "exclude each other"), (["prompt", "--json=yes", "x"], "takes no value"),
      (["prompt", "--temperature", "9", "x"], "out of range"), (["prompt", "--max-tokens", "0", "x"], "at least 1"),
      (["prompt", "--max-tokens", "many", "x"], "not a whole number"), (["prompt", "--timeout", "soon", "x"], "500ms"),
      (["prompt", "--reasoning", "hihg", "x"], "did you mean 'high'?"),
      (["prompt", "--extract=middle", "x"], "first, last"),
      (["prompt", "--timeout", "0", "x"], "500ms"), (["prompt", "--idle-timeout", "-1s", "x"], "looks like a flag"),
      (["prompt", "--connect-timeout=-1", "x"], "is not a duration"), (["prompt", "--retries", "-1", "x"], "0 to 100"),
      (["prompt", "--retries", "2.5", "x"], "not a whole number"), (["prompt", "--top-p", "nan", "x"], "not a number"),
      (["prompt", "--seed", "99999999999999999999", "x"], "not a whole number"),
      (["prompt", "--reasoning", "-5", "x"], "at least 0"), (["prompt", "-inf", "x"], "unknown flag '-i'"),
      (["prompt", "--stop", "", "x"], "--stop is empty"), (["prompt", "-s", "", "x"], "--system is empty"),
      (["prompt", "-o", "", "x"], "--output is empty"), (["prompt", "-m", "", "x"], "name is empty"),
      (["prompt", "--conversation", "", "x"], "--conversation is empty"),
      (["prompt", "--temperature", "1", "--temperature", "1", "x"], "--temperature is given twice"),
      (["prompt", "-s", "a", "--system-file", "b", "x"], "--system and --system-file exclude each other"),
      (["prompt", "-c", "--conversation", "a", "x"], "--continue and --conversation exclude each other"),
      (["prompt", "-x", "--json", "x"], "exclude each other"), (["prompt", "-q", "-v", "x"], "exclude each other"),
      (["prompt", "--jsonl", "-o", "f", "x"], "exclude each other"), (["prompt", "-qm"], "-m needs a value"),
      (["prompt", "--option", "=1", "x"], "has no value"), (["prompt", "--option-raw", "a", "x"], "has no value"),
      (["prompt", "--header", "Authorization: Bearer k", "x"], "seen by every user"),
      (["prompt", "--header", "API-KEY:k", "x"], "seen by every user"),
      (["prompt", "--header", "Authorization : k", "x"], "no spaces in the name"),
      (["prompt", "--header", "X-A: a\r\nX-B: b", "x"], "no line ends in the value"),
      (["prompt", "--header", "X-\u{C9}: a", "x"], "is no header"), (["propmt"], "did you mean 'prompt'?"),
      (["Prompt", "x"], "did you mean 'prompt'?"), (["models", "lits"], "did you mean 'list'?"),
      (["models", "sohw", "x"], "did you mean 'show'?"), (["logs", "list", "-k", "0"], "at least 1"),
      (["logs", "list", "--since", "soon"], "24h"), (["logs", "show", "a", "b"], "one id is expected"),
      (["help", "prompt", "models"], "one command"), (["keys", "set", "builtin"], "takes no key"),
      (["prompt", "-m", "/x", "x"], "unknown provider ''"), (["prompt", "-m", "openai/", "x"], "names no model"),
      (["prompt", "-m", "azure/x", "x"], "AZURE_OPENAI_ENDPOINT"),
      (["prompt", "--header", "x-api-key: k", "x"], "seen by every user"),
      (["prompt", "--header", "nope", "x"], "is no header"),
      (["prompt", "-m", "builtin/eco", "x"], "unknown model 'builtin/eco' (did you mean builtin/echo?)"),
      (["prompt", "-m", "antropic/claude", "x"], "did you mean 'anthropic/claude'?"),
      (["prompt", "-m", "gpt-6-lnua", "x"], "openai/gpt-6-luna"), (["prompt", "-m", "builtin/echo"], "nothing to ask"),
      (["prompt", "-m", "builtin/echo", "-f", "-", "-"], "names it twice"),
      (["models", "show"], "one model is expected"),
      (["models", "list", "--can", "fly"], "unknown ability"),
      (["prompt", "--conversation", "zzz", "x"], "no conversation"),
      (["prompt", "-c", "x"], "the log is empty"), (["help", "nothing"], "unknown command"),
      (["version", "now"], "unexpected"),
      (["prompt", "-m", "builtin/echo", "--base-url", "http://x", "x"], "--base-url"),
      (["models", "list", "no such model"], "no model matches"), (["models", "list", "lmstudio"], "lmstudio --live"),
      (["models", "list", "--live"], "needs the provider"),
      (["models", "list", "--providers", "--can", "tools"], "--providers and --can exclude each other"),
      (["models", "list", "ollama", "--live", "--usable"], "--live and --usable exclude each other"),
      (["models", "list", "nosuch", "--json"], "no model matches 'nosuch'"),
      (["models", "list", "--providers", "nosuch"], "no provider matches 'nosuch'"),
      (["logs", "show", "--json", "--answer"], "--json and --answer exclude each other"),
      (["logs", "rm", "--all", "--failed"], "--all means every call"),
      (["prompts", "show", "x", "-p", "a=1", "-p", "a=2"], "-p a is given twice"),
      (["help", "exit-codes", "extra"], "one page"), (["data"], "a verb is expected (awl data convert|"),
      (["prompt", "-n", "--cache", "refresh", "x"], "-n and --cache refresh exclude each other"),
      (["prompt", "--cache", "lookup", "x"], "unknown mode of --cache 'lookup'"),
      (["prompt", "--base-url", "ftp://x/v1", "-m", "m", "--dry-run", "x"], "'ftp://x/v1' is no address"),
      (["prompt", "--base-url", "localhost:8000", "-m", "m", "x"], "'localhost:8000' is no address"),
    ])
  func usage(arguments: [String], message: String) async throws {
    let result = try await runProgram(arguments)
    #expect(result.exit == .code(2), "\(result.errorText)")
    #expect(result.errorText.contains(message), "\(result.errorText)")
    #expect(result.errorText.hasPrefix("awl: ") && result.text.isEmpty)
  }

  @Test(
    "names of models and where they lead",
    arguments: [
      ("openai/gpt-6-luna", "https://api.openai.com/v1/responses"),
      ("openai-chat/gpt-6-luna", "https://api.openai.com/v1/chat/completions"),
      ("openai:chat:gpt-6-luna", "https://api.openai.com/v1/chat/completions"),
      ("openai:gpt-6-luna", "https://api.openai.com/v1/responses"),
      ("gpt-6-luna", "https://api.openai.com/v1/responses"),
      ("anthropic:messages:claude-opus-5-5", "https://api.anthropic.com/v1/messages"),
      ("claude-haiku-4-5-20251001", "https://api.anthropic.com/v1/messages"),
      ("google:gemini-4-argon", "models/gemini-4-argon:stream"),
      ("mistral/mistral-small-latest", "https://api.mistral.ai/v1/chat/completions"),
      ("groq/openai/gpt-oss-20b", "https://api.groq.com/openai/v1/chat/completions"),
      ("ollama/llama3.2", "http://127.0.0.1:11434/api/chat"), ("openai/a-model-of-tomorrow", "/v1/responses"),
      ("vllm/any", "/v1/chat/completions"),
    ])
  func names(name: String, address: String) async throws {
    let result = try await runProgram(["prompt", "--dry-run", "-m", name, "hi"])
    #expect(result.exit == .code(0), "\(result.errorText)")
    #expect(result.text.contains(address), "\(result.text)")
  }

  @Test("the default aliases take the first provider with a key, then a local Ollama, else say what to do")
  func aliases() async throws {
    let dry = ["prompt", "--dry-run", "hi"]
    let anthropic = try await runProgram(dry, environment: ["ANTHROPIC_API_KEY": "abcdefgh"])
    #expect(anthropic.text.contains("claude-haiku"), "\(anthropic.errorText)")
    let smart = try await runProgram(dry + ["-m", "smart"], environment: ["GEMINI_API_KEY": "abcdefgh"])
    #expect(smart.text.contains("gemini-4"), "\(smart.errorText)")
    let fixed = try await runProgram(dry, environment: ["AWL_MODEL": "builtin/echo"])
    #expect(fixed.text.contains("\"echo\""))
    let server = try ScriptedServer([
      Exchange(.get("/api/tags"), .answer(#"{"models":[{"name":"nomic-embed-text"},{"name":"llama3.2:3b"}]}"#)),
      Exchange(.post("/api/chat"), Ollama.stream("local")),
    ])
    let local = try await runProgram(["prompt", "hi"], environment: ["OLLAMA_HOST": "127.0.0.1:\(server.port)"])
    #expect(local.text == "local\n", "\(local.errorText)")
    #expect(local.errorText.contains("ollama/llama3.2:3b"))
    let none = try await runProgram(["prompt", "hi"], environment: ["OLLAMA_HOST": "127.0.0.1:1"])
    #expect(none.exit == .code(4))
    for way in ["OPENAI_API_KEY", "Ollama", "builtin/extract"] { #expect(none.errorText.contains(way)) }
  }

  @Test("a missing key names the variable, and no call is made") func noKey() async throws {
    for (model, variable) in [("openai/gpt-6-luna", "OPENAI_API_KEY"), ("gemini/gemini-4-argon", "GOOGLE_API_KEY")] {
      let result = try await runProgram(["prompt", "-m", model, "hi"])
      #expect(result.exit == .code(4))
      #expect(result.errorText.contains(variable), "\(result.errorText)")
    }
  }

  @Test("a prompt longer than the model's context is refused before the call") func tooLong() async throws {
    let text = String(repeating: "many words and more of them ", count: 400_000)
    let result = try await runProgram(
      ["prompt", "-m", "openai/gpt-6-luna"],
      environment: ["OPENAI_API_KEY": "abcdefgh", "OPENAI_BASE_URL": "http://127.0.0.1:1"],
      stdin: .text(text))
    #expect(result.exit == .code(4))
    #expect(result.errorText.contains("tokens"), "\(result.errorText)")
  }

  @Test("models are listed, filtered and shown, also as JSON") func models() async throws {
    let all = try await runProgram(["models", "list", "--json"])
    let rows = try #require(try JSONSerialization.jsonObject(with: Data(all.stdout)) as? [[String: Any]])
    #expect(rows.count > 80)
    let pdf = try await runProgram(["models", "list", "anthropic", "--takes", "pdf", "--json"])
    let some = try #require(try JSONSerialization.jsonObject(with: Data(pdf.stdout)) as? [[String: Any]])
    #expect(!some.isEmpty && some.allSatisfy { $0["provider"] as? String == "anthropic" })
    let providers = try await runProgram(["models", "list", "--providers"]).text
    for name in ["azure", "mistral", "openrouter", "lmstudio", "vllm"] { #expect(providers.contains(name)) }
    let show = try await runProgram(["models", "show", "claude-sonnet-5-5"]).text
    #expect(show.contains("price_as_of") && show.contains("context"))
  }

  #if os(Linux)
    @Test(
      "a command that needs no network loads no network library",
      arguments: [["--version"], ["--help"], ["models"], ["logs"]])
    func noNetworkLibrary(arguments: [String]) async throws {
      // The loader tells every library that it looks for.
      let quiet = try await runProgram(arguments, environment: ["LD_DEBUG": "libs"])
      #expect(quiet.errorText.contains("libc.so"))
      #expect(!quiet.errorText.contains("libcurl") && !quiet.errorText.contains("libssl"))
      let loud = try await runProgram(["version", "-v"], environment: ["LD_DEBUG": "libs"])
      #expect(loud.errorText.contains("libcurl"))
    }
  #endif
}
