using Gigawatt.Fleet;
using Gigawatt.Units;

namespace Gigawatt.Journal;

/// <summary>What a snapshot keeps of nodes that were lost.</summary>
internal static class QuarantineSnapshot
{
    public static void Write(ByteWriter w, Quarantine quarantine) => w.List(quarantine.InOrder, static (w, node) =>
    {
        w.Text(node.Key);
        w.List(node.Value.Losses, static (w, loss) => w.Signed(loss.Nanoseconds));
        w.Signed(node.Value.Times);
        w.Signed(node.Value.Until.Nanoseconds);
    });

    public static void Read(ref ByteReader r, Quarantine quarantine)
    {
        for (int nodes = r.Count(); nodes > 0; nodes--)
        {
            string name = r.Text();
            var record = new Quarantine.Record();
            for (int losses = r.Count(); losses > 0; losses--) { record.Losses.Add(new Instant(r.Signed())); }
            if (record.Losses.Count == 0) { throw new JournalFormatException($"Node {name} was held to be lost and never was."); }
            record.Times = r.Int();
            record.Until = new Instant(r.Signed());
            quarantine.Restore(name, record);
        }
    }
}
