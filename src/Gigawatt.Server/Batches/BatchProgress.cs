using Gigawatt.Wire.Batches;

namespace Gigawatt.Server.Batches;

/// <summary>Where each request of a batch is, a byte for each. For one thread at a time.</summary>
internal sealed class BatchProgress(int total)
{
    private readonly State[] _states = new State[total];
    private readonly int[] _counts = new int[4];
    private int _next;

    private enum State : byte
    {
        Open,
        Begun,
        Ended,
    }

    /// <summary>Requests without a result.</summary>
    public int Processing { get; private set; } = total;

    /// <summary>Requests under way; after a restart, those of which nobody knows what became of them.</summary>
    public int Begun { get; private set; }

    /// <summary>The counts as they are now.</summary>
    public BatchCounts Counts => new(Processing, _counts[0], _counts[1], _counts[2], _counts[3]);

    /// <summary>The first request that was not begun, or -1.</summary>
    public int NextOpen()
    {
        while (_next < _states.Length && _states[_next] != State.Open) { _next++; }
        return _next < _states.Length ? _next : -1;
    }

    /// <summary>All requests that were not begun.</summary>
    public IEnumerable<int> Open() => Where(State.Open);

    /// <summary>All requests that were begun and have no result.</summary>
    public IEnumerable<int> UnderWay() => Where(State.Begun);

    public void Begin(int index)
    {
        if (_states[index] != State.Open) { return; }
        _states[index] = State.Begun;
        Begun++;
    }

    public void PutOff(int index)
    {
        if (_states[index] != State.Begun) { return; }
        _states[index] = State.Open;
        Begun--;
        _next = Math.Min(_next, index);
    }

    public void End(int index, BatchOutcome outcome)
    {
        if (_states[index] == State.Ended) { return; }
        if (_states[index] == State.Begun) { Begun--; }
        _states[index] = State.Ended;
        Processing--;
        _counts[(int)outcome]++;
    }

    private IEnumerable<int> Where(State state)
    {
        for (int i = 0; i < _states.Length; i++)
        {
            if (_states[i] == state) { yield return i; }
        }
    }
}
