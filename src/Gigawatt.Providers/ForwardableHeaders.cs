namespace Gigawatt.Providers;

/// <summary>Which headers go through: all but those that belong to one connection, to the client's credentials or to this server.</summary>
public static class ForwardableHeaders
{
    /// <summary>Whether a client's header goes on to the provider.</summary>
    /// <param name="name">The header's name, in any case.</param>
    /// <param name="connection">The value of the client's <c>Connection</c> header, which may name further headers that end here; or null.</param>
    public static bool MayForward(string name, string? connection = null) => throw new NotImplementedException();

    /// <summary>Whether a provider's header goes back to the client.</summary>
    /// <param name="name">The header's name, in any case.</param>
    /// <param name="connection">The value of the provider's <c>Connection</c> header, or null.</param>
    public static bool MayRelay(string name, string? connection = null) => throw new NotImplementedException();
}
