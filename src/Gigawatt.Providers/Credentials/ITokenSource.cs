namespace Gigawatt.Providers.Credentials;

/// <summary>Where a cloud's bearer tokens come from.</summary>
internal interface ITokenSource
{
    /// <summary>A new token, and when it ceases to be good.</summary>
    /// <exception cref="Exception">There are no credentials, or who checks them cannot be reached; the message says which.</exception>
    Task<(string Token, DateTimeOffset Expires)> FetchAsync(CancellationToken cancellationToken);
}
