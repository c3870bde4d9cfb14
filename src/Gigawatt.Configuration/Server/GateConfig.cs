using Gigawatt.Configuration.Reading;
using Gigawatt.Units;

namespace Gigawatt.Configuration;

/// <summary>How many requests run at once, and who waits how long when there are more.</summary>
public sealed record GateConfig
{
    /// <summary>Requests that run at once, 1 or more; null for no bound.</summary>
    public int? Concurrent { get; init; }

    /// <summary>The part of them, in thousandths, that only requests of class production may use; a fifth unless set.</summary>
    public int ProductionShareMilli { get; init; } = 200;

    /// <summary>Requests that wait at most, 0 or more; 1,000 unless set.</summary>
    public int Queue { get; init; } = 1_000;

    /// <summary>How long a request waits at most; 30 s unless set.</summary>
    public Duration MaxWait { get; init; } = Duration.FromSeconds(30);
}

/// <summary>Reads the fields of <c>limits</c> that the gate knows.</summary>
internal static class GateReader
{
    private static readonly Kind<int> Concurrent = Kinds.Whole(1, 1_000_000, "256");
    private static readonly Kind<int> Queue = Kinds.Whole(0, 1_000_000, "1000");
    private static readonly Kind<int> Share = Kinds.Thousandths("a part of the whole", "0.2", 0, 0.9m);

    public static GateConfig Read(MapReader map, GateConfig otherwise) => new()
    {
        Concurrent = map.ReadOrNull("concurrent", Concurrent),
        ProductionShareMilli = map.Read("production-share", Share, otherwise.ProductionShareMilli),
        Queue = map.Read("queue", Queue, otherwise.Queue),
        MaxWait = map.Read("max-wait", Kinds.Time with { Example = "30s" }, otherwise.MaxWait),
    };
}
