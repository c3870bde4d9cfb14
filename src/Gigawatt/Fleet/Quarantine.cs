using Gigawatt.Units;

namespace Gigawatt.Fleet;

/// <summary>Nodes that were lost again and again. One that flaps costs each time the work of all who share a gang with it, so it gets
/// no work for a time that grows, though its agent is back.</summary>
/// <remarks>Lost <see cref="LossesAllowed"/> times within <see cref="Window"/>, a node rests for <see cref="First"/> from its last
/// loss on, and twice as long each further time, up to <see cref="Longest"/>. A node that was not lost for <see cref="Longest"/>
/// has a clean record.</remarks>
public sealed class Quarantine
{
    /// <summary>Losses within <see cref="Window"/> that bring a node into quarantine.</summary>
    public const int LossesAllowed = 3;

    /// <summary>The time within which losses count together.</summary>
    public static readonly Duration Window = Duration.FromSeconds(3_600);

    /// <summary>How long the first quarantine lasts.</summary>
    public static readonly Duration First = Duration.FromSeconds(600);

    /// <summary>How long a quarantine lasts at most, and after which time without a loss all is forgotten.</summary>
    public static readonly Duration Longest = Duration.FromSeconds(86_400);

    private readonly SortedDictionary<string, Record> _records = new(StringComparer.Ordinal);

    /// <summary>Until when a node is in quarantine; <see cref="Instant.Epoch"/> when it never was or was released.</summary>
    public Instant UntilOf(string node) => _records.TryGetValue(node, out Record? record) ? record.Until : Instant.Epoch;

    /// <summary>Why a node gets no work, in words; null when it is not in quarantine.</summary>
    public string? Explain(string node, Instant now) => UntilOf(node) <= now ? null
        : $"in quarantine until {UntilOf(node)}: lost {LossesAllowed} times within {Window}; 'gw node release {node}' ends it";

    /// <summary>Notes that a node was lost.</summary>
    internal void Lose(string node, Instant now)
    {
        if (!_records.TryGetValue(node, out Record? record) || now - record.Losses[^1] >= Longest) { _records[node] = record = new Record(); }
        record.Losses.RemoveAll(loss => now - loss >= Window);
        record.Losses.Add(now);
        if (record.Losses.Count < LossesAllowed) { return; }
        // Each further loss within the window counts anew: the node has learned nothing.
        long lasts = Math.Min(First.Nanoseconds << Math.Min(record.Times, 16), Longest.Nanoseconds);
        record.Times++;
        record.Until = now + new Duration(lasts);
    }

    /// <summary>Forgets what was held against a node.</summary>
    internal void Release(string node) => _records.Remove(node);

    internal IReadOnlyList<KeyValuePair<string, Record>> InOrder => [.. _records];

    internal void Restore(string node, Record record) => _records[node] = record;

    internal sealed class Record
    {
        /// <summary>When it was lost, the latest last; never empty.</summary>
        public List<Instant> Losses { get; } = [];

        /// <summary>How often it has been in quarantine.</summary>
        public int Times { get; set; }

        public Instant Until { get; set; } = Instant.Epoch;
    }
}
