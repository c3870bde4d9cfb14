namespace Gigawatt.Configuration.Migration;

/// <summary>A provider as LiteLLM and Portkey name it, and what it is for us.</summary>
/// <param name="Name">The name that our file gives it.</param>
/// <param name="Kind">Our kind of provider, as config files write it.</param>
/// <param name="Url">Its address where it is not the kind's own; null where the kind knows it or the file must say it.</param>
/// <param name="KeyVariable">The variable its own clients take the key from; null where it needs none.</param>
/// <param name="Models">How the names of its models start; empty where they do not tell.</param>
/// <param name="Aliases">Further names for it.</param>
internal sealed record Vendor(string Name, string Kind, string? Url, string? KeyVariable, string[] Models, params string[] Aliases)
{
    /// <summary>Whether its address must be given.</summary>
    public bool NeedsUrl => Kind == "openai" && Url is null && Name != "openai";

    // Addresses and variables as the providers' own documentation has them.
    private static readonly Vendor[] All =
    [
        new("openai", "openai", null, "OPENAI_API_KEY", ["gpt-*", "chatgpt-*", "o1*", "o3*", "o4*", "text-embedding-*"], "text-completion-openai", "open-ai"),
        new("anthropic", "anthropic", null, "ANTHROPIC_API_KEY", ["claude-*"], "anthropic_text"),
        new("azure", "azure-openai", null, "AZURE_API_KEY", [], "azure-openai", "azure_text"),
        new("foundry", "foundry", null, "AZURE_AI_API_KEY", [], "azure_ai", "azure-ai", "azure-foundry", "azure-ai-inference"),
        new("bedrock", "bedrock", null, null, []),
        new("vertex", "vertex", null, null, ["claude-*"], "vertex_ai", "vertex-ai", "vertex_ai_beta"),
        new("gemini", "openai", "https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY", ["gemini-*"], "google"),
        new("groq", "openai", "https://api.groq.com/openai/v1", "GROQ_API_KEY", []),
        new("mistral", "openai", "https://api.mistral.ai/v1", "MISTRAL_API_KEY", ["mistral-*", "ministral-*", "codestral-*", "magistral-*"], "mistral-ai", "codestral"),
        new("deepseek", "openai", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY", ["deepseek-*"]),
        new("xai", "openai", "https://api.x.ai/v1", "XAI_API_KEY", ["grok-*"], "x-ai"),
        new("openrouter", "openai", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", []),
        new("together", "openai", "https://api.together.xyz/v1", "TOGETHERAI_API_KEY", [], "together_ai", "together-ai"),
        new("fireworks", "openai", "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY", ["accounts/fireworks/*"], "fireworks_ai", "fireworks-ai"),
        new("perplexity", "openai", "https://api.perplexity.ai", "PERPLEXITYAI_API_KEY", ["sonar*"], "perplexity-ai"),
        new("cerebras", "openai", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY", []),
        new("sambanova", "openai", "https://api.sambanova.ai/v1", "SAMBANOVA_API_KEY", []),
        new("deepinfra", "openai", "https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_KEY", []),
        new("nvidia", "openai", "https://integrate.api.nvidia.com/v1", "NVIDIA_NIM_API_KEY", [], "nvidia_nim", "nvidia-nim"),
        new("moonshot", "openai", "https://api.moonshot.ai/v1", "MOONSHOT_API_KEY", ["kimi-*", "moonshot-*"]),
        new("ollama", "openai", "http://127.0.0.1:11434/v1", null, [], "ollama_chat"),
        new("lm-studio", "openai", "http://127.0.0.1:1234/v1", null, [], "lm_studio", "lmstudio"),
        new("vllm", "openai", null, null, [], "hosted_vllm"),
        new("llamafile", "openai", "http://127.0.0.1:8080/v1", null, []),
        new("own", "openai", null, null, [], "openai_like", "custom_openai", "custom", "litellm_proxy", "xinference", "infinity", "text-generation-inference", "triton", "lemonade", "docker_model_runner"),
    ];

    /// <summary>The vendor of a name; null when it is none that we can call.</summary>
    public static Vendor? Find(string name) =>
        Array.Find(All, v => v.Name == name || v.Aliases.Contains(name, StringComparer.Ordinal));

    /// <summary>The vendor of a model that is named without one; null when the name does not tell.</summary>
    public static Vendor? OfModel(string model) =>
        Array.Find(All, v => v.Name is "openai" or "anthropic" && v.Models.Any(p => model.StartsWith(p.TrimEnd('*'), StringComparison.Ordinal)));

    /// <summary>The vendor that a name of somebody's own probably means, such as <c>openai-prod-3f1</c>; null when none is in it.</summary>
    public static Vendor? GuessFrom(string name) => All
        .Where(v => v.Name != "own")
        .SelectMany(v => v.Aliases.Prepend(v.Name).Select(word => (Vendor: v, Word: word)))
        .Where(found => name.Contains(found.Word, StringComparison.OrdinalIgnoreCase))
        .OrderByDescending(found => found.Word.Length)
        .Select(found => found.Vendor)
        .FirstOrDefault();

    /// <summary>The vendor whose clients take their key from a variable.</summary>
    public static Vendor? OfVariable(string variable) => Array.Find(All, v => v.KeyVariable == variable);
}
