using Gigawatt.Units;

namespace Gigawatt.Server.Requests;

/// <summary>A token that is cancelled after a length of time, or when another is.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _tooLate;
    private readonly CancellationTokenSource _either;

    /// <summary>Starts now, by the given clock.</summary>
    public Deadline(Duration after, TimeProvider time, CancellationToken outer)
    {
        _tooLate = new CancellationTokenSource(after > Duration.Zero ? after.ToTimeSpan() : TimeSpan.Zero, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(outer, _tooLate.Token);
    }

    /// <summary>For what must end in time.</summary>
    public CancellationToken Token => _either.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        _either.Dispose();
        _tooLate.Dispose();
    }
}
