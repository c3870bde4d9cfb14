using Gigawatt.Workloads;

namespace Gigawatt.Journal;

/// <summary>What job specifications learned since the first format: numbered fields, of which only those are written that differ
/// from their default. So a job that uses none of them costs one byte.</summary>
/// <remarks>A number is never given to another field.</remarks>
internal static class JobSpecFields
{
    private const byte End = 0;
    private const byte Queue = 1;

    public static void Write(ByteWriter w, JobSpec spec)
    {
        if (spec.Queue.Length > 0)
        {
            w.Byte(Queue);
            w.Text(spec.Queue);
        }

        w.Byte(End);
    }

    public static JobSpec Read(ref ByteReader r, JobSpec spec)
    {
        for (byte field = r.Byte(); field != End; field = r.Byte())
        {
            spec = field switch
            {
                Queue => spec with { Queue = r.Text() },
                _ => throw new JournalFormatException($"Unknown field {field} of a job: the journal was written by a newer version."),
            };
        }

        return spec;
    }
}
