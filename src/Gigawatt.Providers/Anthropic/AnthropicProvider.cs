using System.Text.Json;
using Gigawatt.Models;
using Gigawatt.Wire;

namespace Gigawatt.Providers.Anthropic;

/// <summary>A provider that speaks Anthropic Messages over HTTP: Anthropic itself, or a server compatible with it.</summary>
public sealed class AnthropicProvider : HttpProvider
{
    // With 1,000 models a page no provider comes near; a list that never ends must still end.
    private const int PagesLimit = 20;

    /// <summary>The base URL where none is configured; paths such as <c>/v1/messages</c> are appended.</summary>
    public static readonly Uri DefaultBaseUrl = new("https://api.anthropic.com");

    private readonly KeyHeader _key;
    private readonly Uri _messages;
    private readonly Uri _countTokens;

    /// <summary>With the name it goes by, and where it is; the key goes out as <c>x-api-key</c>.</summary>
    /// <exception cref="ArgumentException">The base URL cannot be used.</exception>
    public AnthropicProvider(string name, HttpProviderOptions options) : base(name, options, Dialect.Anthropic, Dialect.CountTokens)
    {
        _key = new("x-api-key", "", options);
        _messages = new($"{Relay.BaseUrl}/v1/messages");
        _countTokens = new($"{Relay.BaseUrl}/v1/messages/count_tokens");
    }

    /// <inheritdoc/>
    public override ValueTask<ProviderAnswer> SendAsync(ProviderCall call, CancellationToken cancellationToken)
    {
        Uri url = call.Dialect switch
        {
            Dialect.Anthropic => _messages,
            Dialect.CountTokens => _countTokens,
            _ => throw NotAnswered(call.Dialect),
        };
        if (call.Query.Length > 0) { url = new(url.AbsoluteUri + call.Query); }
        return Relay.SendAsync(HttpMethod.Post, url, call.Body, call.Headers, _key.Current, cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<ProviderModel>?> ListModelsAsync(CancellationToken cancellationToken)
    {
        List<ProviderModel> models = [];
        string? after = null;
        for (int page = 0; page < PagesLimit; page++)
        {
            string query = after is null ? "" : $"&after_id={Uri.EscapeDataString(after)}";
            Uri url = new($"{Relay.BaseUrl}/v1/models?limit=1000{query}");
            await using ProviderAnswer answer = await Relay.SendAsync(
                HttpMethod.Get, url, body: null, [new("anthropic-version", AnthropicVersion.V2023_06_01)], _key.Current, cancellationToken);
            using JsonDocument? list = await ModelListing.ReadPageAsync(Name, answer, cancellationToken);
            if (list is null) { return null; }
            models.AddRange(ModelListing.Models(list));
            after = ModelListing.NextAfter(list);
            if (after is null) { return models; }
        }

        throw new ProviderException($"{Name} did not end its model list within {PagesLimit} pages.", timedOut: false);
    }
}
