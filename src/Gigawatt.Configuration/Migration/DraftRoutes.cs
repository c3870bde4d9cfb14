using Gigawatt.Configuration.Reading;

namespace Gigawatt.Configuration.Migration;

/// <summary>Makes the targets of a route fit our files: whole shares, no target twice, not too many of them.</summary>
internal static class DraftRoutes
{
    private const int ShareMax = 1_000;
    private const int TargetsMax = 64;

    /// <summary>Targets in the order of failover, with shares of at most 1,000.</summary>
    /// <param name="targets">As they come, with shares in any unit.</param>
    /// <param name="tooMany">Called when some had to be left out.</param>
    public static IReadOnlyList<DraftTarget> Tidy(IEnumerable<DraftTarget> targets, Action<string> tooMany)
    {
        var kept = new List<DraftTarget>();
        foreach (DraftTarget target in targets.OrderBy(t => t.Order))
        {
            int same = kept.FindIndex(t => t.Provider == target.Provider && t.Model == target.Model);
            if (same < 0) { kept.Add(target); }
            // Twice in one order is twice the share; what failed already is not worth a second place behind it.
            else if (kept[same].Order == target.Order) { kept[same] = kept[same] with { Share = kept[same].Share + target.Share }; }
        }

        if (kept.Count > TargetsMax)
        {
            tooMany($"this makes {Numbers.Show(kept.Count)} targets, and a route has at most {Numbers.Show(TargetsMax)}; the last ones are left out");
            kept.RemoveRange(TargetsMax, kept.Count - TargetsMax);
        }

        return [.. kept.GroupBy(t => t.Order).SelectMany((group, place) => WholeShares([.. group]).Select(t => t with { Order = place + 1 }))];
    }

    private static IEnumerable<DraftTarget> WholeShares(DraftTarget[] targets)
    {
        decimal most = targets.Max(t => t.Share);
        if (most == 0) { return targets.Select(t => t with { Share = 1 }); }
        // Shares such as 0.7 and 0.3 stay exact; others are rounded, and none to nothing.
        bool exact = targets.All(t => t.Share * ShareMax % 1 == 0);
        long[] shares = [.. targets.Select(t => exact ? (long)(t.Share * ShareMax) : (long)decimal.Round(t.Share / most * ShareMax))];
        long common = shares.Aggregate(GreatestCommonDivisor);
        if (shares.Max() / common > ShareMax) { shares = [.. shares.Select(s => s * ShareMax / shares.Max())]; }
        shares = [.. shares.Select((s, i) => targets[i].Share > 0 ? Math.Max(1, s) : 0)];
        long divisor = shares.Aggregate(GreatestCommonDivisor);
        return targets.Select((t, i) => t with { Share = shares[i] / divisor });
    }

    private static long GreatestCommonDivisor(long a, long b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);
}
