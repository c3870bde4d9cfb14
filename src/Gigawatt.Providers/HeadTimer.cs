using System.Collections.Concurrent;

namespace Gigawatt.Providers;

/// <summary>Ends the wait for the head of an answer when the caller gives up or time is over.</summary>
/// <remarks>Sources of cancellation are used again: one with a timer and a link costs more memory than the rest of a call.</remarks>
internal readonly struct HeadTimer : IDisposable
{
    private const int KeptMax = 1_024;

    private static readonly ConcurrentQueue<CancellationTokenSource> Kept = new();

    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _caller;
    private readonly bool _reusable;

    private HeadTimer(CancellationTokenSource source, bool reusable, CancellationToken caller)
    {
        (_source, _reusable) = (source, reusable);
        _caller = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), source);
    }

    /// <summary>Cancelled by the caller or when time is over.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Starts to wait.</summary>
    public static HeadTimer Start(HttpProviderOptions options, CancellationToken caller)
    {
        // Only the system's clock can be set again on an old source.
        if (options.Time != TimeProvider.System) { return new(new CancellationTokenSource(options.HeadTimeout, options.Time), false, caller); }
        CancellationTokenSource source = Take();
        source.CancelAfter(options.HeadTimeout);
        return new(source, true, caller);
    }

    /// <summary>Ends the wait.</summary>
    public void Dispose()
    {
        _caller.Dispose();
        if (_reusable) { GiveBack(_source); }
        else { _source.Dispose(); }
    }

    /// <summary>A source that was never cancelled and has no time set.</summary>
    internal static CancellationTokenSource Take() => Kept.TryDequeue(out CancellationTokenSource? source) ? source : new CancellationTokenSource();

    /// <summary>Keeps a source for the next call; nobody may hold it any more.</summary>
    internal static void GiveBack(CancellationTokenSource source)
    {
        if (Kept.Count < KeptMax && source.TryReset()) { Kept.Enqueue(source); }
        else { source.Dispose(); }
    }
}
