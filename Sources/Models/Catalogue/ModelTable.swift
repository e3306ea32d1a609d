// The table of models, one a line. Everything a lookup needs is text in the binary, so it costs nothing until asked.
//
// Sources: the vendors' model, price and deprecation pages, the name lists of their SDKs (openai 3.54, anthropic 2.12,
// google-genai 3.4) and, for prices and limits, the public lists of litellm 1.109 and models.dev; a date says when.
// What no source gave is left empty. A provider may change any of it on any day: users override rows and prices.
//
// Fields, parted by "|":
//   provider | wire name | aliases, by comma | context | prompt limit where smaller | answer limit (all in tokens)
//   rates: input, cache read, cache write, output in dollars per million tokens; then, parted by ";",
//     ">N:rates" for requests with a prompt above N tokens and "@DAY:rates" for rates announced for a later day
//   day of the price
//   capabilities: t text, i image, p PDF, a audio, f tools, s schema, r reasoning, l logprobs, w streaming,
//     e embedding, m sampling, x stop, d seed, k prefill
//   quirks: c max_completion_tokens, v developer role, h no system role, a adaptive thinking, l thinking level,
//     b thinking budget, y always reasons, t no sampling, n sampling only without reasoning, u no forced tool,
//     g between_tools, q Responses only
//   dimensions, "<" behind them when shorter ones can be asked for
//   shutdown day
//
// Where a price depends on the hour (DeepSeek), the higher one stands here: a budget must not be overrun.

enum ModelTable {
  static let text: StaticString = """
    provider|id|aliases|context|prompt|answer|rates|as of|capabilities|quirks|dimensions|shutdown
    openai|gpt-6.2-astra||1050000|922000|128000|8,0.4,,40;>272000:16,0.8,,60|2026-11-18|tipfsrw|cvyt||
    openai|gpt-6.2-sol||1050000|922000|128000|2,0.1,2.5,10;>272000:4,0.2,5,15|2026-11-18|tipfsrw|cvyt||
    openai|gpt-6.1-sol||1050000|922000|128000|2,0.1,2.5,10;>272000:4,0.2,5,15|2026-11-12|tipfsrw|cvyt||
    openai|gpt-6.1-terra||1050000|922000|128000|1,0.05,1.25,5;>272000:2,0.1,2.5,7.5|2026-11-12|tipfsrwm|cvn||
    openai|gpt-6-astra||1050000|922000|128000|10,1,12.5,50;>272000:20,2,25,75|2026-11-12|tipfsrw|cvyt||
    openai|gpt-6-sol||1050000|922000|128000|2,0.2,2.5,10;>272000:4,0.4,5,15|2026-11-12|tipfsrwm|cvn||
    openai|gpt-6-luna||1050000|922000|128000|0.1,0.01,0.125,0.5;>272000:0.2,0.02,0.25,0.75|2026-11-12|tipfsrwm|cvn||
    openai|gpt-5.6-sol||1050000|922000|128000|4,0.4,5,20;>272000:8,0.8,10,30|2026-11-12|tipfsrwm|cvn||
    openai|gpt-5.6-terra||1050000|922000|128000|2,0.2,2.5,12;>272000:4,0.4,5,18|2026-11-12|tipfsrwm|cvn||
    openai|gpt-5.6-luna||1050000|922000|128000|0.2,0.02,0.25,1.2;>272000:0.4,0.04,0.5,1.8|2026-11-12|tipfsrwm|cvn||
    openai|gpt-5.5||1050000|922000|128000|5,0.5,,30;>272000:10,1,,45|2026-11-12|tipfsrwm|cvn||
    openai|gpt-5.5-pro||1050000|922000|128000|30,,,180;>272000:60,,,270|2026-11-12|tipfrw|cvytq||
    openai|gpt-5.4||1050000|922000|128000|2.5,0.25,,15;>272000:5,0.5,,22.5|2026-11-12|tipfsrwm|cvn||
    openai|gpt-5.4-mini||400000|272000|128000|0.75,0.075,,4.5|2026-11-12|tipfsrwm|cvn||
    openai|gpt-5.4-nano||400000|272000|128000|0.2,0.02,,1.25|2026-11-12|tipfsrwm|cvn||2027-04-01
    openai|gpt-5.4-pro||1050000|922000|128000|30,,,180;>272000:60,,,270|2026-11-12|tipfrw|cvytq||
    openai|gpt-5.3-codex||400000|272000|128000|1.75,0.175,,14|2026-11-12|tipfsrwm|cvnq||
    openai|gpt-5.2||400000|272000|128000|1.75,0.175,,14|2026-11-12|tipfsrwm|cvn||
    openai|gpt-5.2-pro||400000|272000|128000|21,,,168|2026-11-12|tipfsrw|cvytq||
    openai|gpt-5.1||400000|272000|128000|1.25,0.125,,10|2026-11-12|tipfsrwm|cvn||2027-04-01
    openai|gpt-5||400000|272000|128000|1.25,0.125,,10|2026-11-12|tipfsrw|cvyt||2026-12-11
    openai|gpt-5-mini||400000|272000|128000|0.25,0.025,,2|2026-11-12|tipfsrw|cvyt||2026-12-11
    openai|gpt-5-nano||400000|272000|128000|0.05,0.005,,0.4|2026-11-12|tipfsrw|cvyt||2026-12-11
    openai|gpt-5-pro||400000|272000|272000|15,,,120|2026-11-12|tipfsrw|cvytq||2026-12-11
    openai|gpt-4.1||1047576||32768|2,0.5,,8|2026-11-12|tipfslwmxd|||2027-01-14
    openai|gpt-4.1-mini||1047576||32768|0.4,0.1,,1.6|2026-11-12|tipfslwmxd|||2027-01-14
    openai|gpt-4o||128000||16384|2.5,1.25,,10|2026-11-12|tipfslwmxd|||2027-01-14
    openai|gpt-4o-mini||128000||16384|0.15,0.075,,0.6|2026-11-12|tipfslwmxd|||2027-01-14
    openai|o3||200000||100000|2,0.5,,8|2026-11-12|tipfsrw|cvyt||2026-12-11
    openai|o3-pro||200000||100000|20,,,80|2026-11-12|tipfsrw|cvytq||2026-12-11
    openai|o4-mini||200000||100000|1.1,0.275,,4.4|2026-11-12|tipfsrw|cvyt||2026-10-23
    openai|o1||200000||100000|15,7.5,,60|2026-11-12|tipfsrw|cvyt||2026-10-23
    openai|o3-mini||200000||100000|1.1,0.55,,4.4|2026-11-12|tfsrw|cvyt||2026-10-23
    openai|gpt-4.1-nano||1047576||32768|0.1,0.025,,0.4|2026-11-12|tipfslwmxd|||2026-10-23
    openai|gpt-4-turbo||128000||4096|10,,,30|2026-11-12|tifwlmxd|||2026-10-23
    openai|gpt-3.5-turbo||16385||4096|0.5,,,1.5|2026-11-12|tfwlmxd|||2026-10-23
    openai|text-embedding-3-small|||8192||0.02,,,0|2026-11-12|te||1536<|
    openai|text-embedding-3-large|||8192||0.13,,,0|2026-11-12|te||3072<|
    openai|text-embedding-ada-002|||8192||0.1,,,0|2026-11-12|te||1536|
    anthropic|claude-fable-5-2||1000000||128000|8,0.2,10,40|2026-11-10|tipfsrwx|aytu||
    anthropic|claude-fable-5-1||1000000||128000|10,0.25,12.5,50|2026-11-12|tipfsrwx|aytu||
    anthropic|claude-fable-5||1000000||128000|10,1,12.5,50|2026-11-12|tipfsrwx|ayt||
    anthropic|claude-mythos-5-2|||||||tipfsrwx|aytu||
    anthropic|claude-mythos-5-1||1000000||128000|10,0.25,12.5,50|2026-11-12|tipfsrwx|aytu||
    anthropic|claude-mythos-5||1000000||128000|10,1,12.5,50|2026-11-12|tipfsrwx|ayt||
    anthropic|claude-opus-5-5||1000000||128000|4,0.2,5,20|2026-11-12|tipfsrwx|aytu||
    anthropic|claude-sonnet-5-5||1000000||128000|2,0.1,2.5,10|2026-11-12|tipfsrwx|atug||
    anthropic|claude-haiku-5-5||1000000||128000|0.1,0.01,0.125,0.5;>100000:0.5,0.05,0.625,2.5|2026-11-12|tipfsrwx|at||
    anthropic|claude-opus-5||1000000||128000|5,0.5,6.25,25|2026-11-12|tipfsrwx|at||
    anthropic|claude-sonnet-5||1000000||128000|2,0.2,2.5,10|2026-11-12|tipfsrwx|at||
    anthropic|claude-opus-4-8||1000000||128000|5,0.5,6.25,25|2026-11-12|tipfsrwx|at||
    anthropic|claude-opus-4-7||1000000||128000|5,0.5,6.25,25|2026-11-12|tipfsrwx|at||
    anthropic|claude-opus-4-6||1000000||128000|5,0.5,6.25,25|2026-11-12|tipfsrwxm|b||
    anthropic|claude-sonnet-4-6||1000000||128000|3,0.3,3.75,15|2026-11-12|tipfsrwxm|b||
    anthropic|claude-opus-4-5||200000||64000|5,0.5,6.25,25|2026-11-12|tipfsrwxmk|b||
    anthropic|claude-haiku-4-5||200000||64000|1,0.1,1.25,5|2026-11-12|tipfsrwxmk|b||
    anthropic|claude-sonnet-4-5||200000||64000|3,0.3,3.75,15|2026-11-12|tipfsrwxmk|b||2026-11-30
    anthropic|claude-opus-4-0|claude-opus-4||||||tipfrwxmk|b||2026-06-15
    anthropic|claude-sonnet-4-0|claude-sonnet-4||||||tipfrwxmk|b||2026-06-15
    anthropic|claude-3-7-sonnet-latest|claude-3-7-sonnet||||||tipfrwxmk|b||2026-02-19
    anthropic|claude-3-5-haiku-latest|claude-3-5-haiku||||||tipfwxmk|||2026-02-19
    gemini|gemini-4-argon||1048576||1048576|2,0.1,,10;@2026-12-01:4,0.2,,20|2026-11-12|tipafsrwxdm|ly||
    gemini|gemini-3.8-flash|gemini-flash-latest|1048576||65536|0.75,0.075,,3.75;@2027-01-01:1.5,0.15,,7.5|2026-11-12|tipafsrwxd|lt||
    gemini|gemini-3.7-flash||1048576||65536|0.75,0.075,,3.75;@2027-01-01:1.5,0.15,,7.5|2026-11-12|tipafsrwxd|lt||
    gemini|gemini-3.6-flash||1048576||65536|0.75,0.075,,3.75;@2027-01-01:1.5,0.15,,7.5|2026-11-12|tipafsrwxd|lt||
    gemini|gemini-3.5-flash||1048576||65536|1.5,0.15,,9|2026-11-12|tipafsrwxdm|l||
    gemini|gemini-3.5-flash-lite|gemini-flash-lite-latest|1048576||65536|0.3,0.03,,2.5|2026-11-12|tipafsrwxd|lt||
    gemini|gemini-3.1-pro-preview|gemini-pro-latest|1048576||65536|2,0.2,,12;>200000:4,0.4,,18|2026-11-12|tipafsrwxdm|ly||
    gemini|gemini-3.1-flash-lite||1048576||65536|0.25,0.025,,1.5|2026-11-12|tipafsrwxdm|l||2027-05-07
    gemini|gemini-3-flash-preview||1048576||65536|0.5,0.05,,3|2026-11-12|tipafsrwxdm|l||
    gemini|gemini-2.5-pro||1048576||65536|1.25,0.125,,10;>200000:2.5,0.25,,15|2026-11-12|tipafsrwxdm|by||2026-12-01
    gemini|gemini-2.5-flash||1048576||65536|0.3,0.03,,2.5|2026-11-12|tipafsrwxdm|b||2026-12-01
    gemini|gemini-2.5-flash-lite||1048576||65536|0.1,0.01,,0.4|2026-11-12|tipafsrwxdm|b||
    gemini|gemma-4-31b-it||262144||32768|0,,,0|2026-11-12|tisrwfmx|||
    gemini|gemini-embedding-2|||8192||0.2,,,0|2026-11-12|tiae||3072<|
    gemini|gemini-embedding-001|||2048||0.15,,,0|2026-11-12|te||3072<|
    mistral|mistral-large-4|mistral-large-4-0|1048576||262144|1.36,0.14,,4.18|2026-11-12|tirfswmxdk|||
    mistral|mistral-large-2512|mistral-large-latest,mistral-large-3|262144|||0.5,0.05,,1.5|2026-11-12|tifswmxdk|||
    mistral|mistral-medium-2604|mistral-medium-latest,mistral-medium-3-5,mistral-medium|262144|||1.5,0.15,,7.5|2026-11-12|tirfswmxdk|||
    mistral|mistral-small-2603|mistral-small-latest|262144|||0.15,0.015,,0.6|2026-11-12|tirfswmxdk|||
    mistral|ministral-14b-2512|ministral-14b-latest|262144|||0.2,0.02,,0.2|2026-11-12|tifswmxdk|||
    mistral|ministral-8b-2512|ministral-8b-latest|262144|||0.15,0.015,,0.15|2026-11-12|tifswmxdk|||
    mistral|ministral-3b-2512|ministral-3b-latest|131072|||0.1,0.01,,0.1|2026-11-12|tifswmxdk|||
    mistral|codestral-2508|codestral-latest|128000|||0.3,0.03,,0.9|2026-11-12|tfswmxdk|||
    mistral|devstral-2512|devstral-latest,devstral-medium-latest|256000|||0.4,0.04,,2|2026-11-12|trfswmxdk|||
    mistral|mistral-embed|mistral-embed-2312||8192||0.1,,,0|2026-11-12|te||1024|
    mistral|codestral-embed|codestral-embed-2505||8192||0.15,0.015,,0|2026-11-12|te||1536<|
    groq|openai/gpt-oss-120b||131072||65536|0.15,0.075,,0.6|2026-11-12|tfsrwmxd|||
    groq|openai/gpt-oss-20b||131072||65536|0.075,0.0375,,0.3|2026-11-12|tfsrwmxd|||
    groq|openai/gpt-oss-safeguard-20b||131072||65536|0.075,0.037,,0.3|2026-11-12|tfsrwmxd|||
    groq|qwen/qwen3.8-27b||131072||16384|0.8,,,4|2026-11-12|tifsrwmxd|||
    groq|groq/compound||131072||8192|||twmx|||
    groq|groq/compound-mini||131072||8192|||twmx|||
    together|openai/gpt-oss-120b||131072|||0.15,,,0.6|2026-11-12|tfsrwmxd|||
    together|zai-org/GLM-5.3||1048575||128000|1.4,0.26,,4.4|2026-11-12|tfsrwmxd|||
    together|zai-org/GLM-5.3-Flash||1048575||128000|0.15,0.03,,0.5|2026-11-12|tifsrwmxd|||
    together|moonshotai/Kimi-K3||1048576|||3,0.3,,15|2026-11-12|tifsrwmxd|||
    together|deepseek-ai/DeepSeek-V4.1-Flash-1017||1048576|||0.3,0.006,,1.2|2026-11-12|tifsrwmxd|||
    together|deepseek-ai/DeepSeek-V4-Pro-0813||1048576|||1.32,0.13,,3.96|2026-11-12|tfswmxd|||
    together|Qwen/Qwen3.7-Max||1000000|||1.5,0.3,,4.5|2026-11-12|twmx|||
    together|Qwen/Qwen3.8-Flash||1000000|||0.15,,,0.47|2026-11-12|twmx|||
    together|MiniMaxAI/MiniMax-M3.1-Flash||1048576|||0.15,0.015,,0.6|2026-11-12|twmx|||
    together|nvidia/NVIDIA-Nemotron-3.5-Super-VL||262144|||0.15,0.02,,0.5|2026-11-12|tifsrwmxd|||
    fireworks|accounts/fireworks/models/kimi-k3|kimi-k3|1048576||131072|3,0.3,,15|2026-11-12|tifsrwmxd|||
    fireworks|accounts/fireworks/models/glm-5p3|glm-5p3|1048576||128000|1.4,0.26,,4.4|2026-11-12|tfsrwmxd|||
    fireworks|accounts/fireworks/models/glm-5p3-flash|glm-5p3-flash|1048576|||0.15,0.03,,0.5|2026-11-12|tifswmx|||
    fireworks|accounts/fireworks/models/deepseek-v4p1-flash|deepseek-v4p1-flash|1048576||393216|0.3,0.006,,1.2|2026-11-12|tifsrwmxd|||
    fireworks|accounts/fireworks/models/minimax-m3p1-flash|minimax-m3p1-flash|1048576|||0.15,0.015,,0.6|2026-11-12|tifsrwmxd|||
    fireworks|accounts/fireworks/models/qwen3p8-max|qwen3p8-max|262144|||2,0.25,,6|2026-11-12|tifsrwmxd|||
    fireworks|accounts/fireworks/models/qwen3-embedding-8b|qwen3-embedding-8b||40960||0.1,,,0|2026-11-12|te|||
    openrouter|openrouter/auto|||||||tw|||
    openrouter|openai/gpt-5.5||1050000|922000|128000|5,0.5,,30|2026-07-02|tipfsrw|||
    openrouter|anthropic/claude-opus-4.8||1000000||128000|5,0.5,6.25,25|2026-07-02|tipfsrwx|t||
    openrouter|google/gemini-3.5-flash||1048576||65536|1.5,0.15,0.083333,9|2026-07-02|tipafsrwm|||
    openrouter|deepseek/deepseek-v4-flash||1048575||65536|0.098,0.02,,0.196|2026-07-02|tfrwmx|||
    openrouter|meta-llama/llama-3.3-70b-instruct||131072||16384|0.1,,,0.32|2026-07-02|tfswmxd|||
    deepseek|deepseek-flash|deepseek-v4-flash,deepseek-v4-flash-vision-exp|1000000||393216|0.3,0.006,0,1.2|2026-11-12|tifrwmx|||
    deepseek|deepseek-v4-pro||1000000||393216|1.32,0.044,0,3.96|2026-11-12|tfrwmx|||
    xai|grok-4.7||500000|||2,0.5,,6;>200000:4,1,,12|2026-11-12|tifsrwmd|||
    xai|grok-4.6||500000|||2,0.5,,6;>200000:4,1,,12|2026-11-12|tifsrwmd|||
    xai|grok-4.5|grok-4.5-latest,grok-build-latest|500000|||2,0.3,,6;>200000:4,0.6,,12|2026-11-12|tifsrwmd|||
    xai|grok-4.3|grok-4.3-latest|1000000|||1.25,0.2,,2.5;>200000:2.5,0.4,,5|2026-11-12|tifsrwmd|||
    xai|grok-4.20-0309-reasoning|grok-4.20,grok-4.20-reasoning|1000000|||1.25,0.2,,2.5;>200000:2.5,0.4,,5|2026-11-12|tifsrwmd|||
    xai|grok-4.20-0309-non-reasoning|grok-4.20-non-reasoning|1000000|||1.25,0.2,,2.5;>200000:2.5,0.4,,5|2026-11-12|tifswmd|||
    xai|grok-build-0.1|grok-code-fast-1|256000|||1,0.2,,2;>200000:2,0.4,,4|2026-11-12|tifsrwmd|||
    cerebras|gpt-oss-120b||131072||32768|0.35,,,0.75|2026-11-12|tfsrwmxd|||
    cerebras|qwen-3.8-27b||65536||32768|0.99,,,1.49|2026-11-12|tifsrwmxd|||
    perplexity|perplexity/sonar|sonar||||0.25,0.0625,,2.5|2026-11-12|tfw|||
    perplexity|pplx-embed-v1-4b|||32768||0.03,,,0|2026-11-12|te||2560|
    perplexity|pplx-embed-v1-0.6b|||32768||0.004,,,0|2026-11-12|te||1024|
    cohere|command-a-plus-05-2026||128000||64000|||tifsrwmxd|||
    cohere|command-a-reasoning-08-2025||256000||32000|2.5,,,10|2026-07-02|tfsrwmxd|||
    cohere|command-a-03-2025||256000||8000|2.5,,,10|2026-11-12|tfswmxd|||
    cohere|command-r7b-12-2024||128000||4096|0.0375,,,0.15|2026-11-12|tfswmxd|||
    cohere|embed-v5.0-pro|||128000||0.12,,,0|2026-11-12|tie||2048|
    cohere|embed-v5.0-fast|||128000||0.08,,,0|2026-11-12|tie||2048|
    cohere|embed-v4.0|||128000||0.12,,,0|2026-11-12|tie||1536<|
    nvidia|nvidia/nemotron-3-ultra-550b-a55b||1000000||65536|||tfrwm|||
    nvidia|nvidia/nemotron-3-super-120b-a12b||262144|||||tfrwm|||
    nvidia|openai/gpt-oss-120b||128000||8192|||tfrwm|||
    nvidia|meta/llama-3.3-70b-instruct||128000||4096|||tfswm|||
    nvidia|baai/bge-m3|||8192||||te||1024|
    deepinfra|openai/gpt-oss-120b||131072|||0.037,,,0.17|2026-11-12|tfrwmx|||
    deepinfra|deepseek-ai/DeepSeek-V4.1-Flash||1048576||131072|0.14,0.0042,,0.42|2026-11-12|tifsrwmx|||
    deepinfra|Qwen/Qwen3.8-27B||262144|||0.4,0.04,,3|2026-11-12|tifsrwmx|||
    sambanova|gpt-oss-120b||131072|||0.22,,,0.59|2026-11-12|trwmx|||
    sambanova|Meta-Llama-3.3-70B-Instruct||131072|||0.6,,,1.2|2026-11-12|tfswmx|||
    builtin|echo|||||0,0,0,0|2026-11-24|tfsw|||
    builtin|extract|||||0,0,0,0|2026-11-24|tfsw|||
    builtin|script|||||0,0,0,0|2026-11-24|tipafsrlw|||
    builtin|hash-384|||||0,0,0,0|2026-11-24|te||384|
    """
}
