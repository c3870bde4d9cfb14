using Gigawatt.Admission;

namespace Gigawatt.Server.Requests;

/// <summary>What an endpoint found out or changed before it handed a request to the path.</summary>
internal sealed record PreparedCall
{
    /// <summary>Who sends it, where that is known without a key in the headers. Whether the key is still good is checked as always.</summary>
    public Caller? Caller { get; init; }

    /// <summary>The body, where it was read or rewritten already.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>The body for the one endpoint that keeps what the request goes on from, where that is shorter; or null.</summary>
    public KeptElsewhere? Kept { get; init; }
}

/// <summary>What a provider that keeps a conversation itself is sent instead of the whole of it.</summary>
/// <param name="Endpoint">The provider's name.</param>
/// <param name="Body">The client's bytes.</param>
internal sealed record KeptElsewhere(string Endpoint, ReadOnlyMemory<byte> Body);
