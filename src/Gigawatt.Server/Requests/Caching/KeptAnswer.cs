using Gigawatt.Units;

namespace Gigawatt.Server.Requests.Caching;

/// <summary>A whole answer with the status 200, as the client got it.</summary>
internal sealed record KeptAnswer
{
    // What the entries of both collections, the key and this object take.
    private const int Overhead = 400;

    /// <summary>JSON, or all events of a stream.</summary>
    public required byte[] Body { get; init; }

    /// <summary>Its content type.</summary>
    public required string ContentType { get; init; }

    /// <summary>Whether <see cref="Body"/> is a stream of events.</summary>
    public required bool IsStream { get; init; }

    /// <summary>What the provider's format had no place for, as its header has it; empty for nothing.</summary>
    public required string NotCarried { get; init; }

    /// <summary>The provider that gave it.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The model that gave it, as the provider calls it.</summary>
    public required string Model { get; init; }

    /// <summary>When it was kept.</summary>
    public required Instant KeptAt { get; init; }

    /// <summary>The memory that it takes, in bytes.</summary>
    public long Bytes => Body.Length + Overhead + 2L * (ContentType.Length + NotCarried.Length);
}
