using Gigawatt.Providers.Credentials;
using Google.Apis.Auth.OAuth2;

namespace Gigawatt.Providers.Vertex;

/// <summary>Tokens of Google Cloud: of a service account in a file, or of the application default credentials (environment, the tool that
/// developers are logged in with, metadata service).</summary>
/// <param name="find">Finds the credentials.</param>
/// <param name="time">The clock.</param>
internal sealed class GoogleTokens(Func<CancellationToken, Task<GoogleCredential>> find, TimeProvider time) : ITokenSource
{
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";

    // The library keeps a token itself and renews it before it ends; it does not say when that is. So it is asked again this often.
    private static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(11);

    // Found with the first call: looking may ask the network, and most servers never need them.
    private volatile ITokenAccess? _credential;

    /// <summary>Those that a file or this machine has.</summary>
    /// <param name="keyFile">The file of a service account; null is the application default credentials.</param>
    /// <param name="time">The clock.</param>
    public static GoogleTokens From(string? keyFile, TimeProvider time) => new(
        keyFile is null
            ? GoogleCredential.GetApplicationDefaultAsync
            : async token => (await CredentialFactory.FromFileAsync<ServiceAccountCredential>(keyFile, token)).ToGoogleCredential(),
        time);

    public async Task<(string Token, DateTimeOffset Expires)> FetchAsync(CancellationToken cancellationToken)
    {
        ITokenAccess credential = _credential ??= (await find(cancellationToken)).CreateScoped(Scope);
        return (await credential.GetAccessTokenForRequestAsync(cancellationToken: cancellationToken), time.GetUtcNow() + AskAgain);
    }
}
