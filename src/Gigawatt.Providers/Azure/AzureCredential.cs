using Gigawatt.Providers.Credentials;

namespace Gigawatt.Providers.Azure;

/// <summary>What Microsoft's services are called with: a key in the header <c>api-key</c>, or without a key a token of Entra ID.</summary>
internal sealed class AzureCredential : IDisposable
{
    private readonly KeyHeader? _key;
    private readonly TokenCache? _tokens;

    public AzureCredential(string provider, HttpProviderOptions options, ITokenSource tokens)
    {
        if (string.IsNullOrEmpty(options.ApiKey) && options.ApiKeyFile is null) { _tokens = new(provider, tokens, options.Time); }
        else { _key = new("api-key", "", options); }
    }

    /// <summary>Sends a call with it; a token that is refused is not used again.</summary>
    public ValueTask<ProviderAnswer> SendAsync(HttpRelay relay, Uri url, ProviderCall call, CancellationToken cancellationToken) =>
        _tokens is null
            ? relay.SendAsync(HttpMethod.Post, url, call.Body, call.Headers, _key!.Current, cancellationToken)
            : SendWithTokenAsync(_tokens, relay, url, call, cancellationToken);

    public void Dispose() => _tokens?.Dispose();

    private static async ValueTask<ProviderAnswer> SendWithTokenAsync(TokenCache tokens, HttpRelay relay, Uri url, ProviderCall call, CancellationToken cancellationToken)
    {
        KeyValuePair<string, string> token = await tokens.GetAsync(cancellationToken);
        ProviderAnswer answer = await relay.SendAsync(HttpMethod.Post, url, call.Body, call.Headers, token, cancellationToken);
        if (answer.Status == 401) { tokens.Forget(token); }
        return answer;
    }
}
