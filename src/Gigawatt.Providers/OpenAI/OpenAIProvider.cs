using System.Text.Json;
using Gigawatt.Models;

namespace Gigawatt.Providers.OpenAI;

/// <summary>A provider that speaks OpenAI's API over HTTP: OpenAI itself, or a compatible server such as vLLM.</summary>
public sealed class OpenAIProvider : HttpProvider
{
    /// <summary>The base URL where none is configured; paths such as <c>/chat/completions</c> are appended.</summary>
    public static readonly Uri DefaultBaseUrl = new("https://api.openai.com/v1");

    private readonly KeyHeader _key;
    private readonly OpenAIPaths _paths;

    /// <summary>With the name it goes by, and where it is; the key goes out as <c>Authorization: Bearer</c>.</summary>
    /// <exception cref="ArgumentException">The base URL cannot be used.</exception>
    public OpenAIProvider(string name, HttpProviderOptions options) : base(name, options, Dialect.OpenAI, Dialect.Responses, Dialect.Embeddings)
    {
        _key = new("Authorization", "Bearer ", options);
        _paths = new(Relay.BaseUrl);
        // Also its regions, such as eu.api.openai.com.
        KeepsResponses = ("." + options.BaseUrl.Host).EndsWith(".api.openai.com", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>True for every server but OpenAI's own.</summary>
    public bool OlderBound => !Options.BaseUrl.Host.EndsWith(".openai.com", StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override bool KeepsResponses { get; }

    /// <inheritdoc/>
    public override ValueTask<ProviderAnswer> SendAsync(ProviderCall call, CancellationToken cancellationToken)
    {
        Uri url = _paths.Of(call.Dialect) ?? throw NotAnswered(call.Dialect);
        if (call.Query.Length > 0) { url = new(url.AbsoluteUri + WithoutAzureVersion(call.Query)); }
        return Relay.SendAsync(HttpMethod.Post, url, call.Body, call.Headers, _key.Current, cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<ProviderModel>?> ListModelsAsync(CancellationToken cancellationToken)
    {
        await using ProviderAnswer answer = await Relay.SendAsync(HttpMethod.Get, _paths.Models, body: null, [], _key.Current, cancellationToken);
        using JsonDocument? list = await ModelListing.ReadPageAsync(Name, answer, cancellationToken);
        return list is null ? null : [.. ModelListing.Models(list)];
    }

    // Clients of Azure say for which version of its API they were written; OpenAI's own has none.
    private static string WithoutAzureVersion(string query)
    {
        if (!query.Contains("api-version=", StringComparison.OrdinalIgnoreCase)) { return query; }
        string rest = string.Join('&', query[1..].Split('&').Where(static pair => !pair.StartsWith("api-version=", StringComparison.OrdinalIgnoreCase)));
        return rest.Length > 0 ? $"?{rest}" : "";
    }
}
