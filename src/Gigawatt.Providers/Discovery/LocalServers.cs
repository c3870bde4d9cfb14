using Gigawatt.Models;
using Gigawatt.Providers.OpenAI;

namespace Gigawatt.Providers.Discovery;

/// <summary>A server of models on this machine.</summary>
/// <param name="Software">What it seems to be, such as <c>ollama</c>; <c>local</c> when it does not say.</param>
/// <param name="BaseUrl">Its address up to <c>/v1</c>.</param>
/// <param name="Models">The models it serves; never empty.</param>
public sealed record LocalServer(string Software, Uri BaseUrl, IReadOnlyList<string> Models);

/// <summary>Finds servers of models on this machine by asking the ports that they usually listen on for their models.</summary>
public static class LocalServers
{
    /// <summary>The formats that such servers speak well; their responses often lack state or are not there.</summary>
    public static readonly IReadOnlyList<Dialect> Formats = [Dialect.OpenAI, Dialect.Embeddings];

    /// <summary>Where vLLM, NIM and TensorRT-LLM (8000), llama.cpp and TGI (8080), Ollama (11434), LM Studio (1234), SGLang (30000),
    /// Jan (1337), LocalAI (8081) and Xinference (9997) listen unless told otherwise, as their documentation says.</summary>
    public static readonly IReadOnlyList<int> UsualPorts = [8000, 8080, 11434, 1234, 30000, 1337, 8081, 9997];

    // A server that is there answers at once; a laptop's start should not wait for those that are not.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(750);

    // What servers write into "owned_by" of their models.
    private static readonly Dictionary<string, string> Owners = new(StringComparer.OrdinalIgnoreCase)
    {
        ["vllm"] = "vllm",
        ["llamacpp"] = "llama-cpp",
        ["library"] = "ollama",
        ["organization_owner"] = "lm-studio",
        ["organization-owner"] = "lm-studio",
        ["sglang"] = "sglang",
        ["tensorrt_llm"] = "tensorrt-llm",
    };

    /// <summary>Asks all ports at once.</summary>
    /// <param name="ports">The ports of the loopback address to ask.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>What answered with models, in the order of the ports.</returns>
    public static async Task<IReadOnlyList<LocalServer>> FindAsync(IEnumerable<int> ports, CancellationToken cancellationToken)
    {
        LocalServer?[] found = await Task.WhenAll(ports.Distinct().Select(port => AskAsync(new Uri($"http://127.0.0.1:{port}/v1"), cancellationToken)));
        return [.. found.OfType<LocalServer>()];
    }

    private static async Task<LocalServer?> AskAsync(Uri url, CancellationToken cancellationToken)
    {
        using CancellationTokenSource tooLate = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        tooLate.CancelAfter(Patience);
        using OpenAIProvider provider = new("local", new HttpProviderOptions { BaseUrl = url });
        try
        {
            IReadOnlyList<ProviderModel>? models = await provider.ListModelsAsync(tooLate.Token);
            if (models is null or { Count: 0 }) { return null; }
            string? software = models[0].OwnedBy is { } owner ? Owners.GetValueOrDefault(owner) : null;
            return new(software ?? (url.Port == 11434 ? "ollama" : "local"), url, [.. models.Select(static model => model.Id)]);
        }
        catch (ProviderException)
        {
            return null; // Nobody there, or somebody else.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
