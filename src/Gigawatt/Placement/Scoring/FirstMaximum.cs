namespace Gigawatt.Placement.Scoring;

/// <summary>A score for each position, and the first position of the highest score without looking at every position.</summary>
/// <remarks>A tree of fan-out 32 whose inner entries hold the maximum below them: 1,213 nodes have three levels, a million four.
/// A change climbs only as far as the maximum changes; a search looks at one block a level.</remarks>
internal sealed class FirstMaximum
{
    /// <summary>The score of a position that is no candidate.</summary>
    public const int Absent = int.MinValue;

    private const int Shift = 5;
    private const int FanOut = 1 << Shift;

    private readonly int[][] _levels;

    public FirstMaximum(int positions)
    {
        var levels = new List<int[]> { new int[positions] };
        while (levels[^1].Length > FanOut) { levels.Add(new int[(levels[^1].Length + FanOut - 1) >> Shift]); }
        _levels = [.. levels];
        foreach (int[] level in _levels) { Array.Fill(level, Absent); }
    }

    /// <summary>Sets the score of a position and repairs the maxima above it.</summary>
    public void Set(int position, int score)
    {
        int before = _levels[0][position];
        if (before == score) { return; }
        _levels[0][position] = score;
        for (int level = 1; level < _levels.Length; level++)
        {
            position >>= Shift;
            ref int maximum = ref _levels[level][position];
            int old = maximum;
            if (score < old && before < old) { return; }
            int now = score >= old ? score : Maximum(_levels[level - 1], position);
            if (now == old) { return; }
            maximum = now;
            before = old;
            score = now;
        }
    }

    /// <summary>The first position of the highest score, or -1 when there is no candidate.</summary>
    public int Find()
    {
        int found = 0, maximum = Absent;
        for (int level = _levels.Length - 1; level >= 0; level--)
        {
            ReadOnlySpan<int> block = level == _levels.Length - 1 ? _levels[level] : Block(_levels[level], found);
            if (level == _levels.Length - 1) { maximum = Maximum(block); }
            if (maximum == Absent) { return -1; }
            found = (level == _levels.Length - 1 ? 0 : found << Shift) + block.IndexOf(maximum);
        }

        return found;
    }

    private static int Maximum(int[] entries, int block) => Maximum(Block(entries, block));

    private static ReadOnlySpan<int> Block(int[] entries, int block)
    {
        int from = block << Shift;
        return entries.AsSpan(from, Math.Min(FanOut, entries.Length - from));
    }

    private static int Maximum(ReadOnlySpan<int> entries)
    {
        int maximum = Absent;
        foreach (int entry in entries) { maximum = Math.Max(maximum, entry); }
        return maximum;
    }
}
