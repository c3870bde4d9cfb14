namespace Gigawatt.Server.Batches;

/// <summary>Bounds of batches.</summary>
/// <param name="Concurrency">Most requests of all batches together under way at once.</param>
/// <param name="LengthMax">Most bytes that the requests of all kept batches may take; beyond it none is accepted.</param>
internal sealed record BatchOptions(int Concurrency = 8, long LengthMax = 16L << 30)
{
    /// <summary>Largest body of one batch, as Anthropic has it.</summary>
    public const long BodyLengthMax = 256 << 20;

    /// <summary>How long requests may wait to be begun.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>How long results are kept, from the batch's making.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(29);
}
