using System.Text.Json;
using Gigawatt.Models;

namespace Gigawatt.Providers.OpenAI;

/// <summary>A provider that speaks OpenAI chat completions over HTTP: OpenAI itself, or a compatible server such as vLLM.</summary>
public sealed class OpenAIProvider : IModelProvider, IDisposable
{
    private const string CompletionsPath = "/chat/completions";

    /// <summary>The base URL where none is configured; paths such as <c>/chat/completions</c> are appended.</summary>
    public static readonly Uri DefaultBaseUrl = new("https://api.openai.com/v1");

    private readonly HttpRelay _relay;
    private readonly KeyValuePair<string, string>? _credential;
    private readonly Uri _completions;
    private readonly Uri _models;

    /// <summary>With the name it goes by, and where it is; the key goes out as <c>Authorization: Bearer</c>.</summary>
    /// <exception cref="ArgumentException">The base URL cannot be used.</exception>
    public OpenAIProvider(string name, HttpProviderOptions options)
    {
        Name = name;
        _relay = new(name, options);
        _credential = string.IsNullOrEmpty(options.ApiKey) ? null : new("Authorization", $"Bearer {options.ApiKey}");
        _completions = new(_relay.BaseUrl + CompletionsPath);
        _models = new($"{_relay.BaseUrl}/models");
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Dialect> Dialects { get; } = [Dialect.OpenAI];

    /// <inheritdoc/>
    public Task<ProviderAnswer> SendAsync(ProviderCall call, CancellationToken cancellationToken)
    {
        Uri url = call.Query.Length == 0 ? _completions : new(_relay.BaseUrl + CompletionsPath + call.Query);
        return _relay.SendAsync(HttpMethod.Post, url, call.Body, call.Headers, _credential, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ProviderModel>?> ListModelsAsync(CancellationToken cancellationToken)
    {
        await using ProviderAnswer answer = await _relay.SendAsync(HttpMethod.Get, _models, body: null, [], _credential, cancellationToken);
        using JsonDocument? list = await ModelListing.ReadPageAsync(Name, answer, cancellationToken);
        return list is null ? null : [.. ModelListing.Models(list)];
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _relay.Dispose();
}
