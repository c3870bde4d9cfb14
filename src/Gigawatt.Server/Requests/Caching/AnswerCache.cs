using Gigawatt.Placement.Routing;
using Gigawatt.Units;

namespace Gigawatt.Server.Requests.Caching;

/// <summary>The kept answers of one route: bounded in bytes and in age, the least recently used ones first to go. Safe to use from several threads.</summary>
internal sealed class AnswerCache(AnswerCachePolicy policy)
{
    // One long answer must not drive everything else out.
    private const int LargestShare = 8;

    private const int LargestAnswer = 8 << 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<AnswerKey, LinkedListNode<(AnswerKey Key, KeptAnswer Answer)>> _byKey = [];
    private readonly LinkedList<(AnswerKey Key, KeptAnswer Answer)> _byUse = []; // the most recently used first
    private long _bytes;

    /// <summary>The longest answer that is kept, in bytes.</summary>
    public int AnswerBytesMax { get; } = (int)Math.Min(LargestAnswer, policy.BytesMax / LargestShare);

    /// <summary>What it may hold.</summary>
    public AnswerCachePolicy Policy { get; } = policy;

    /// <summary>The memory that is taken, in bytes.</summary>
    public long Bytes
    {
        get { lock (_lock) { return _bytes; } }
    }

    /// <summary>The answer kept under a key; null when there is none that is young enough.</summary>
    public KeptAnswer? Find(AnswerKey key, Instant now)
    {
        lock (_lock)
        {
            if (!_byKey.TryGetValue(key, out var node)) { return null; }
            _byUse.Remove(node);
            if (now - node.Value.Answer.KeptAt >= Policy.Ttl)
            {
                Forget(node);
                return null;
            }

            _byUse.AddFirst(node);
            return node.Value.Answer;
        }
    }

    /// <summary>Keeps an answer, instead of one kept under the same key before.</summary>
    public void Keep(AnswerKey key, KeptAnswer answer)
    {
        if (answer.Body.Length > AnswerBytesMax) { return; }
        lock (_lock)
        {
            if (_byKey.TryGetValue(key, out var before))
            {
                _byUse.Remove(before);
                Forget(before);
            }

            _byKey[key] = _byUse.AddFirst((key, answer));
            _bytes += answer.Bytes;
            while (_bytes > Policy.BytesMax)
            {
                var last = _byUse.Last!;
                _byUse.RemoveLast();
                Forget(last);
            }
        }
    }

    private void Forget(LinkedListNode<(AnswerKey Key, KeptAnswer Answer)> node)
    {
        _byKey.Remove(node.Value.Key);
        _bytes -= node.Value.Answer.Bytes;
    }
}
