using Gigawatt.Admission.Queues;
using Gigawatt.Units;

namespace Gigawatt.Journal;

/// <summary>Binary form of queues and cohorts.</summary>
internal static class QueueCodec
{
    public static void Write(ByteWriter w, QueueModel model)
    {
        w.List(model.Cohorts, static (w, cohort) =>
        {
            w.Text(cohort.Name);
            w.Text(cohort.Parent);
            w.Signed(cohort.WeightMilli);
            w.List(cohort.Quotas, Write);
        });
        w.List(model.Queues, static (w, queue) =>
        {
            w.Text(queue.Name);
            w.Text(queue.Cohort);
            w.Signed(queue.WeightMilli);
            w.List(queue.Quotas, Write);
            w.List(queue.Tenants, static (w, tenant) => w.Text(tenant));
        });
        w.List(model.DefaultQueues, static (w, pair) =>
        {
            w.Text(pair.Key);
            w.Text(pair.Value);
        });
        w.Optional(model.HalfLife?.Nanoseconds);
    }

    public static QueueModel Read(ref ByteReader r)
    {
        var cohorts = new CohortModel[r.Count()];
        for (int i = 0; i < cohorts.Length; i++) { cohorts[i] = new(r.Text(), r.Text(), r.Int(), ReadQuotas(ref r)); }
        var queues = new JobQueueModel[r.Count()];
        for (int i = 0; i < queues.Length; i++) { queues[i] = new(r.Text(), r.Text(), r.Int(), ReadQuotas(ref r), ReadTexts(ref r)); }
        var defaults = new KeyValuePair<string, string>[r.Count()];
        for (int i = 0; i < defaults.Length; i++) { defaults[i] = new(r.Text(), r.Text()); }
        return new QueueModel
        {
            Cohorts = cohorts,
            Queues = queues,
            DefaultQueues = defaults,
            HalfLife = r.Optional() is { } nanoseconds ? new Duration(nanoseconds) : null,
        };
    }

    /// <summary>What is remembered of past use; what is used now follows from the jobs.</summary>
    public static void WriteMemory(ByteWriter w, QueueTree tree)
    {
        foreach (QueueNode node in tree.Nodes)
        {
            foreach (QuotaLevel level in node.Levels)
            {
                w.Unsigned(BitConverter.DoubleToUInt64Bits(level.Remembered));
                w.Signed(level.Settled.Nanoseconds);
            }
        }
    }

    /// <summary>To be read when all jobs hold what they held, as holding settles what is remembered.</summary>
    public static void ReadMemory(ref ByteReader r, QueueTree tree)
    {
        foreach (QueueNode node in tree.Nodes)
        {
            for (int type = 0; type < node.Levels.Length; type++)
            {
                node.Levels[type].Remembered = BitConverter.UInt64BitsToDouble(r.Unsigned());
                node.Levels[type].Settled = new Instant(r.Signed());
            }
        }
    }

    private static void Write(ByteWriter w, AcceleratorQuota quota)
    {
        w.Text(quota.AcceleratorType);
        w.Signed(quota.NominalMilli);
        w.Optional(quota.BorrowingLimitMilli);
        w.Optional(quota.LendingLimitMilli);
    }

    private static AcceleratorQuota[] ReadQuotas(ref ByteReader r)
    {
        var quotas = new AcceleratorQuota[r.Count()];
        for (int i = 0; i < quotas.Length; i++) { quotas[i] = new(r.Text(), r.Signed(), r.Optional(), r.Optional()); }
        return quotas;
    }

    private static string[] ReadTexts(ref ByteReader r)
    {
        var texts = new string[r.Count()];
        for (int i = 0; i < texts.Length; i++) { texts[i] = r.Text(); }
        return texts;
    }
}
