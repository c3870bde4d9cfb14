using System.Text.Json;
using Gigawatt.Models;
using Gigawatt.Wire;

namespace Gigawatt.Providers.Anthropic;

/// <summary>A provider that speaks Anthropic Messages over HTTP: Anthropic itself, or a server compatible with it.</summary>
public sealed class AnthropicProvider : IModelProvider, IDisposable
{
    private const string MessagesPath = "/v1/messages";

    // With 1,000 models a page no provider comes near; a list that never ends must still end.
    private const int PagesLimit = 20;

    /// <summary>The base URL where none is configured; paths such as <c>/v1/messages</c> are appended.</summary>
    public static readonly Uri DefaultBaseUrl = new("https://api.anthropic.com");

    private readonly HttpRelay _relay;
    private readonly KeyValuePair<string, string>? _credential;
    private readonly Uri _messages;

    /// <summary>With the name it goes by, and where it is; the key goes out as <c>x-api-key</c>.</summary>
    /// <exception cref="ArgumentException">The base URL cannot be used.</exception>
    public AnthropicProvider(string name, HttpProviderOptions options)
    {
        Name = name;
        _relay = new(name, options);
        _credential = string.IsNullOrEmpty(options.ApiKey) ? null : new("x-api-key", options.ApiKey);
        _messages = new(_relay.BaseUrl + MessagesPath);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Dialect> Dialects { get; } = [Dialect.Anthropic];

    /// <inheritdoc/>
    public Task<ProviderAnswer> SendAsync(ProviderCall call, CancellationToken cancellationToken)
    {
        Uri url = call.Query.Length == 0 ? _messages : new(_relay.BaseUrl + MessagesPath + call.Query);
        return _relay.SendAsync(HttpMethod.Post, url, call.Body, call.Headers, _credential, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ProviderModel>?> ListModelsAsync(CancellationToken cancellationToken)
    {
        List<ProviderModel> models = [];
        string? after = null;
        for (int page = 0; page < PagesLimit; page++)
        {
            string query = after is null ? "" : $"&after_id={Uri.EscapeDataString(after)}";
            Uri url = new($"{_relay.BaseUrl}/v1/models?limit=1000{query}");
            await using ProviderAnswer answer = await _relay.SendAsync(
                HttpMethod.Get, url, body: null, [new("anthropic-version", AnthropicVersion.V2023_06_01)], _credential, cancellationToken);
            using JsonDocument? list = await ModelListing.ReadPageAsync(Name, answer, cancellationToken);
            if (list is null) { return null; }
            models.AddRange(ModelListing.Models(list));
            after = ModelListing.NextAfter(list);
            if (after is null) { return models; }
        }

        throw new ProviderException($"{Name} did not end its model list within {PagesLimit} pages.", timedOut: false);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _relay.Dispose();
}
