using System.Globalization;
using Gigawatt.Metering;
using Gigawatt.Server.Durability;

namespace Gigawatt.Server.Ledger;

/// <summary>Moves what the journal of an earlier process holds into the ledger, and removes its segments.</summary>
/// <remarks>A crash at any point of it is harmless: it runs again, and the ledger takes each id once.</remarks>
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
        JournalPosition end = position;
        var settled = new List<UsageRecord>();
        var open = new Dictionary<string, UsageRecord>();
        long cut = 0;
        long[] segments = Segments(folder);
        foreach (long segment in segments)
        {
            using FramedLog log = FramedLog.Open(SegmentPath(folder, segment), out LogRecovery opened, segment == position.Segment ? position.Offset : 0);
            cut += opened.BytesCut;
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
                if (IsBehind(position, segment, reader.Offset)) { settled.Add(record); }
            }

            if (IsBehind(end, segment, log.End)) { end = new(segment, log.End); }
        }

        // In the order of admission, so that two recoveries of the same bytes write the same rows in the same order.
        UsageRecord[] recovered = [.. open.Values.OrderBy(r => r.Started).ThenBy(r => r.Id, StringComparer.Ordinal)];
        ledger.Add(settled.Concat(recovered), end);
        ledger.Checkpoint();
        foreach (long segment in segments) { File.Delete(SegmentPath(folder, segment)); }
        recovery = new(settled.Count, recovered.Length, cut);
        return Math.Max(end.Segment, segments.LastOrDefault());
    }

    private static bool IsBehind(JournalPosition position, long segment, long offset) =>
        segment > position.Segment || (segment == position.Segment && offset > position.Offset);

    private static long[] Segments(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*" + Extension)
            .Select(f => long.TryParse(Path.GetFileNameWithoutExtension(f), NumberStyles.None, CultureInfo.InvariantCulture, out long n) ? n : 0)
            .Where(n => n > 0)
            .Order(),
    ];
}
