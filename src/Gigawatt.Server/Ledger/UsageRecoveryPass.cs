using System.Globalization;
using Gigawatt.Metering;
using Gigawatt.Server.Durability;

namespace Gigawatt.Server.Ledger;

/// <summary>Moves what the journal of an earlier process holds into the ledger, and removes its segments.</summary>
/// <remarks>Everything goes into the ledger together with a position behind all segments, so a crash at any point of it is harmless:
/// what is left of it runs again and finds segments that the position has behind it.</remarks>
internal static class UsageRecoveryPass
{
    private const string Extension = ".usage";

    /// <summary>The file of a segment.</summary>
    public static string SegmentPath(string folder, long segment) =>
        Path.Combine(folder, segment.ToString("D10", CultureInfo.InvariantCulture) + Extension);

    /// <summary>Runs the pass; returns the highest segment number ever used here, 0 for none.</summary>
    public static long Run(string folder, UsageLedger ledger, out UsageRecovery recovery)
    {
        JournalPosition position = ledger.Position;
        var settled = new List<UsageRecord>();
        var open = new Dictionary<string, UsageRecord>();
        long cut = 0;
        bool lost = false;
        long[] segments = Segments(folder);
        // A segment before the position's was replaced: its open reservations were copied to the next.
        foreach (long segment in segments.Where(s => s >= position.Segment))
        {
            using FramedLog log = FramedLog.Open(SegmentPath(folder, segment), out LogRecovery opened, segment == position.Segment ? position.Offset : 0);
            cut += opened.BytesCut;
            lost |= segment == position.Segment && log.End < position.Offset;
            FramedLogReader reader = log.Read();
            while (reader.TryRead())
            {
                (UsageFrameKind kind, UsageRecord record) = UsageCodec.Read(reader.Payload.Span, log.Path);
                if (kind == UsageFrameKind.Reserved)
                {
                    open[record.Id] = record;
                    continue;
                }

                open.Remove(record.Id);
                if (segment > position.Segment || reader.Offset > position.Offset) { settled.Add(record); }
            }
        }

        // Only a disk that lost what it had flushed can end before the position. What it lost may have settled what now looks open.
        if (lost) { open = open.Where(r => !ledger.Contains(r.Key)).ToDictionary(); }
        // In the order of admission, so that two recoveries of the same bytes write the same rows in the same order.
        UsageRecord[] recovered = [.. open.Values.OrderBy(r => r.Started).ThenBy(r => r.Id, StringComparer.Ordinal)];
        long next = Math.Max(position.Segment, segments.LastOrDefault() + 1);
        ledger.Add(settled.Concat(recovered), new(next, 0));
        ledger.Checkpoint();
        foreach (long segment in segments) { File.Delete(SegmentPath(folder, segment)); }
        recovery = new(settled.Count, recovered.Length, cut);
        return next - 1;
    }

    private static long[] Segments(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*" + Extension)
            .Select(f => long.TryParse(Path.GetFileNameWithoutExtension(f), NumberStyles.None, CultureInfo.InvariantCulture, out long n) ? n : 0)
            .Where(n => n > 0)
            .Order(),
    ];
}
