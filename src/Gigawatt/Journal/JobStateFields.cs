using Gigawatt.Workloads;

namespace Gigawatt.Journal;

/// <summary>What the state of jobs learned since the first format: numbered fields in snapshots, of which only those are written
/// that differ from their default.</summary>
/// <remarks>A number is never given to another field.</remarks>
internal static class JobStateFields
{
    private const byte End = 0;
    private const byte Queue = 1;

    public static void Write(ByteWriter w, Job job)
    {
        if (job.Queue.Length > 0)
        {
            w.Byte(Queue);
            w.Text(job.Queue);
        }

        w.Byte(End);
    }

    /// <summary>Reads the fields into the job. The queues of the cell are there already.</summary>
    public static void Read(ref ByteReader r, Job job, CellState cell)
    {
        for (byte field = r.Byte(); field != End; field = r.Byte())
        {
            switch (field)
            {
                case Queue: job.Queue = r.Text(); job.QueueNode = cell.Queues.Find(job.Queue); break;
                default: throw new JournalFormatException($"Unknown field {field} of a job's state: the snapshot was written by a newer version.");
            }
        }
    }
}
