using Gigawatt.Models;
using Gigawatt.Providers.Credentials;
using Gigawatt.Providers.OpenAI;

namespace Gigawatt.Providers.Azure;

/// <summary>Azure OpenAI: OpenAI's models under the names of their deployments.</summary>
/// <remarks>Version <c>v1</c> has OpenAI's own addresses below <c>/openai/v1</c>. The dated versions have the deployment in the address,
/// but for responses (learn.microsoft.com, "Azure OpenAI REST API reference").</remarks>
public sealed class AzureOpenAIProvider : HttpProvider
{
    /// <summary>What Entra ID is asked for unless configured otherwise.</summary>
    public const string DefaultTokenScope = "https://cognitiveservices.azure.com/.default";

    private readonly AzureCredential _credential;
    private readonly OpenAIPaths? _v1;
    private readonly string _query;

    /// <summary>With the name it goes by, and where it is: <c>https://RESOURCE.openai.azure.com</c>. Without a key it is called with the
    /// identity of this machine.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="options">Where it is.</param>
    /// <param name="apiVersion"><c>v1</c>, or a date such as <c>2024-10-21</c>.</param>
    /// <param name="tokenScope">What Entra ID is asked for.</param>
    /// <exception cref="ArgumentException">The base URL cannot be used.</exception>
    public AzureOpenAIProvider(string name, HttpProviderOptions options, string apiVersion = "v1", string? tokenScope = null)
        : this(name, options, apiVersion, new EntraTokens(tokenScope ?? DefaultTokenScope))
    {
    }

    internal AzureOpenAIProvider(string name, HttpProviderOptions options, string apiVersion, ITokenSource tokens)
        : base(name, options, Dialect.OpenAI, Dialect.Responses, Dialect.Embeddings)
    {
        _credential = new(name, options, tokens);
        _v1 = apiVersion == "v1" ? new($"{Relay.BaseUrl}/openai/v1") : null;
        _query = $"?api-version={Uri.EscapeDataString(apiVersion)}";
    }

    /// <inheritdoc/>
    public override bool KeepsResponses => true;

    /// <inheritdoc/>
    public override ValueTask<ProviderAnswer> SendAsync(ProviderCall call, CancellationToken cancellationToken)
    {
        // The client's query is not sent on: it may name a version that the client was written for.
        Uri url = (_v1 is null ? Dated(call) : _v1.Of(call.Dialect)) ?? throw NotAnswered(call.Dialect);
        return _credential.SendAsync(Relay, url, call, cancellationToken);
    }

    /// <summary>Null: which deployments there are is told to administrators only.</summary>
    public override Task<IReadOnlyList<ProviderModel>?> ListModelsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ProviderModel>?>(null);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _credential.Dispose();
        base.Dispose();
    }

    private Uri? Dated(ProviderCall call)
    {
        string? endpoint = call.Dialect switch
        {
            Dialect.OpenAI => "chat/completions",
            Dialect.Embeddings => "embeddings",
            _ => null,
        };
        if (endpoint is not null) { return new($"{Relay.BaseUrl}/openai/deployments/{UrlSegment.Of(call.Model)}/{endpoint}{_query}"); }
        return call.Dialect == Dialect.Responses ? new($"{Relay.BaseUrl}/openai/responses{_query}") : null;
    }
}
