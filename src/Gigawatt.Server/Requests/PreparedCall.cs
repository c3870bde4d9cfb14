using Gigawatt.Admission;

namespace Gigawatt.Server.Requests;

/// <summary>What an endpoint found out or changed before it handed a request to the path.</summary>
internal sealed record PreparedCall
{
    /// <summary>Who sends it, where that is known without a key in the headers. Whether the key is still good is checked as always.</summary>
    public Caller? Caller { get; init; }

    /// <summary>The body, where it was read or rewritten already.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>Prompt tokens that are not in the body: of a conversation that the provider keeps.</summary>
    public long ContextTokens { get; init; }

    /// <summary>The endpoint that alone can serve it, because it keeps what the request goes on from; or null.</summary>
    public string? Endpoint { get; init; }
}
