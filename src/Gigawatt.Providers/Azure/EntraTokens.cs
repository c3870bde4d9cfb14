using Azure.Core;
using Azure.Identity;
using Gigawatt.Providers.Credentials;

namespace Gigawatt.Providers.Azure;

/// <summary>Tokens of Entra ID for the identity of this machine: environment, workload identity, managed identity, then the tools
/// that developers are logged in with.</summary>
/// <param name="scope">What the tokens are for.</param>
internal sealed class EntraTokens(string scope) : ITokenSource
{
    // Made with the first call: the libraries behind it are large, and most servers never need them.
    private readonly Lazy<TokenCredential> _credential = new(static () => new DefaultAzureCredential(new DefaultAzureCredentialOptions
    {
        ExcludeInteractiveBrowserCredential = true,
    }));

    public async Task<(string Token, DateTimeOffset Expires)> FetchAsync(CancellationToken cancellationToken)
    {
        AccessToken token = await _credential.Value.GetTokenAsync(new TokenRequestContext([scope]), cancellationToken);
        return (token.Token, token.ExpiresOn);
    }
}
