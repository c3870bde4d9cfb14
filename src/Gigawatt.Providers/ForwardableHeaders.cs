using System.Collections.Frozen;

namespace Gigawatt.Providers;

/// <summary>Which headers go through: all but those that belong to one connection, to somebody's credentials or to this server.</summary>
/// <remarks>A list of what ends here, never of what may pass: clients and providers send headers that were invented after this
/// was written, such as the next <c>anthropic-beta</c>.</remarks>
public static class ForwardableHeaders
{
    private const string OwnPrefix = "x-gigawatt-";

    // RFC 9110 section 7.6.1, and the older names that proxies still meet.
    private static readonly string[] HopByHop =
        ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings"];

    private static readonly FrozenSet<string> RequestEndsHere = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        [
            .. HopByHop,
            "authorization", "x-api-key", "api-key", "cookie", "proxy-authorization", // the client's credentials
            "x-goog-api-key", "ocp-apim-subscription-key", "x-amz-security-token", "x-amz-date", "x-auth-token", // and those that other clouds' clients show
            "host", "content-length", "expect", // written anew for the provider's connection
            "accept-encoding", // a compressed answer could not be metered as it passes
            "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip",
            "x-forwarded-port", "x-forwarded-prefix", "x-forwarded-server", "x-client-ip", "cf-connecting-ip", "true-client-ip", // the tenant's network is not the provider's business
        ]);

    private static readonly FrozenSet<string> ResponseEndsHere = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        [
            .. HopByHop,
            "proxy-authenticate", "www-authenticate", "set-cookie", "set-cookie2", "clear-site-data", // about the credentials used towards the provider
            "alt-svc", "strict-transport-security", "public-key-pins", "nel", "report-to", // about the provider's host, not this one
            "server", "date", // this server writes its own
        ]);

    /// <summary>Whether a client's header goes on to the provider.</summary>
    /// <param name="name">The header's name, in any case.</param>
    /// <param name="connection">The value of the client's <c>Connection</c> header, which may name further headers that end here; or null.</param>
    public static bool MayForward(string name, string? connection = null) => MayPass(RequestEndsHere, name, connection);

    /// <summary>Whether a provider's header goes back to the client.</summary>
    /// <param name="name">The header's name, in any case.</param>
    /// <param name="connection">The value of the provider's <c>Connection</c> header, or null.</param>
    public static bool MayRelay(string name, string? connection = null) => MayPass(ResponseEndsHere, name, connection);

    private static bool MayPass(FrozenSet<string> endsHere, string name, string? connection) =>
        !endsHere.Contains(name)
        && !name.StartsWith(':') // pseudo-headers of HTTP/2
        && !name.StartsWith(OwnPrefix, StringComparison.OrdinalIgnoreCase)
        && (connection is null || !Lists(connection, name));

    private static bool Lists(ReadOnlySpan<char> connection, ReadOnlySpan<char> name)
    {
        foreach (Range item in connection.Split(','))
        {
            if (connection[item].Trim().Equals(name, StringComparison.OrdinalIgnoreCase)) { return true; }
        }

        return false;
    }
}
