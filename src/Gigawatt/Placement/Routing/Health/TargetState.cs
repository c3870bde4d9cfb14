namespace Gigawatt.Placement.Routing.Health;

/// <summary>What changes about a target from call to call: calls under way, health, speed. For any number of threads.</summary>
public sealed class TargetState(BreakerPolicy policy)
{
    private int _inFlight;

    /// <summary>With the default policy.</summary>
    public TargetState() : this(BreakerPolicy.Default) { }

    /// <summary>Calls under way.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Whether it works.</summary>
    public CircuitBreaker Breaker { get; } = new(policy);

    /// <summary>How long it takes to begin an answer.</summary>
    public LatencyEstimate Latency { get; } = new();

    /// <summary>Counts a call until <see cref="End"/>.</summary>
    public void Begin() => Interlocked.Increment(ref _inFlight);

    /// <summary>Ends a call.</summary>
    public void End() => Interlocked.Decrement(ref _inFlight);
}
