using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Units;

namespace Gigawatt.Journal;

/// <summary>One line of the journal: when, and what happened.</summary>
/// <param name="At">The time given to <see cref="ControlLoop.Step"/>.</param>
/// <param name="Event">The event given to it.</param>
public readonly record struct JournalEntry(Instant At, Event Event);

/// <summary>Binary form of journal entries: a format byte, the time, a tag and the event's fields.</summary>
/// <remarks>A tag is never given to another event; a changed event gets a new tag and the old one stays readable.</remarks>
public sealed class EventCodec
{
    private const byte Format = 1;
    private readonly ByteWriter _writer = new();

    private enum Tag : byte
    {
        FleetDescribed = 1,
        QuotaSet = 2,
        NodeJoined = 3,
        NodeLost = 4,
        // Before jobs named a queue.
        JobSubmitted = 5,
        JobCancelRequested = 6,
        TaskStarted = 7,
        TaskExited = 8,
        TaskLost = 9,
        TimePassed = 10,
        QueuesSet = 11,
        // Before fields of jobs were numbered.
        JobSubmittedToQueue = 12,
        JobSubmittedWithFields = 13,
        NodeReleased = 45,
    }

    /// <summary>The entry's bytes. They are valid until the next call.</summary>
    public ReadOnlyMemory<byte> Encode(in JournalEntry entry)
    {
        _writer.Clear();
        _writer.Byte(Format);
        _writer.Signed(entry.At.Nanoseconds);
        Write(_writer, entry.Event);
        return _writer.Written;
    }

    /// <summary>The entry that the bytes stand for.</summary>
    /// <exception cref="JournalFormatException">They stand for none.</exception>
    public static JournalEntry Decode(ReadOnlySpan<byte> bytes)
    {
        var r = new ByteReader(bytes);
        byte format = r.Byte();
        if (format != Format) { throw new JournalFormatException($"The record has format {format}; this version reads format {Format}."); }
        var at = new Instant(r.Signed());
        Event happened = Read(ref r);
        return r.AtEnd ? new JournalEntry(at, happened) : throw new JournalFormatException("The record goes on after its end.");
    }

    private static void Write(ByteWriter w, Event happened)
    {
        switch (happened)
        {
            case FleetDescribed e: w.Byte((byte)Tag.FleetDescribed); ModelCodec.Write(w, e.Model); break;
            case QuotaSet e: w.Byte((byte)Tag.QuotaSet); w.Text(e.Tenant); w.Optional(e.AcceleratorMilli); break;
            case NodeJoined e: w.Byte((byte)Tag.NodeJoined); WriteJoined(w, e); break;
            case NodeLost e: w.Byte((byte)Tag.NodeLost); w.Text(e.Node); break;
            case NodeReleased e: w.Byte((byte)Tag.NodeReleased); w.Text(e.Node); break;
            case QueuesSet e: w.Byte((byte)Tag.QueuesSet); QueueCodec.Write(w, e.Model); break;
            case JobSubmitted e: w.Byte((byte)Tag.JobSubmittedWithFields); WriteSubmitted(w, e); break;
            case JobCancelRequested e: w.Byte((byte)Tag.JobCancelRequested); w.Signed(e.JobId); break;
            case TaskStarted e: w.Byte((byte)Tag.TaskStarted); WriteTask(w, e.JobId, e.Attempt, e.Rank); break;
            case TaskExited e: w.Byte((byte)Tag.TaskExited); WriteTask(w, e.JobId, e.Attempt, e.Rank); WriteExit(w, e); break;
            case TaskLost e: w.Byte((byte)Tag.TaskLost); WriteTask(w, e.JobId, e.Attempt, e.Rank); w.Text(e.Reason); break;
            case TimePassed: w.Byte((byte)Tag.TimePassed); break;
            default: throw new ArgumentOutOfRangeException(nameof(happened), happened, "Unknown event.");
        }
    }

    private static Event Read(ref ByteReader r)
    {
        byte tag = r.Byte();
        return (Tag)tag switch
        {
            Tag.FleetDescribed => new FleetDescribed(ModelCodec.ReadFleet(ref r)),
            Tag.QuotaSet => new QuotaSet(r.Text(), r.Optional()),
            Tag.NodeJoined => ReadJoined(ref r),
            Tag.NodeLost => new NodeLost(r.Text()),
            Tag.NodeReleased => new NodeReleased(r.Text()),
            Tag.JobSubmitted => new JobSubmitted(r.Signed(), ModelCodec.ReadSpec(ref r)),
            Tag.JobSubmittedToQueue => new JobSubmitted(r.Signed(), ModelCodec.ReadSpec(ref r) with { Queue = r.Text() }),
            Tag.JobSubmittedWithFields => new JobSubmitted(r.Signed(), JobSpecFields.Read(ref r, ModelCodec.ReadSpec(ref r))),
            Tag.QueuesSet => new QueuesSet(QueueCodec.Read(ref r)),
            Tag.JobCancelRequested => new JobCancelRequested(r.Signed()),
            Tag.TaskStarted => new TaskStarted(r.Signed(), r.Int(), r.Int()),
            Tag.TaskExited => new TaskExited(r.Signed(), r.Int(), r.Int(), r.Int(), ReadReading(ref r)),
            Tag.TaskLost => new TaskLost(r.Signed(), r.Int(), r.Int(), r.Text()),
            Tag.TimePassed => new TimePassed(),
            _ => throw new JournalFormatException($"Unknown event tag {tag}: the journal was written by a newer version."),
        };
    }

    private static void WriteSubmitted(ByteWriter w, JobSubmitted e)
    {
        w.Signed(e.JobId);
        ModelCodec.Write(w, e.Spec);
        JobSpecFields.Write(w, e.Spec);
    }

    private static void WriteTask(ByteWriter w, long job, int attempt, int rank)
    {
        w.Signed(job);
        w.Signed(attempt);
        w.Signed(rank);
    }

    private static void WriteExit(ByteWriter w, TaskExited e)
    {
        w.Signed(e.ExitCode);
        w.Optional(e.Reading.CpuMilliseconds);
        w.Optional(e.Reading.CpuEnergy?.Millijoules);
        w.Optional(e.Reading.AcceleratorEnergy?.Millijoules);
    }

    private static TaskReading ReadReading(ref ByteReader r) => new(
        r.Optional(),
        r.Optional() is { } cpu ? new Joules(cpu) : null,
        r.Optional() is { } accelerators ? new Joules(accelerators) : null);

    private static void WriteJoined(ByteWriter w, NodeJoined e)
    {
        ModelCodec.Write(w, e.Node);
        w.Bool(e.AcceleratorType is not null);
        if (e.AcceleratorType is { } type) { ModelCodec.Write(w, type); }
    }

    private static NodeJoined ReadJoined(ref ByteReader r)
    {
        NodeGroup node = ModelCodec.ReadGroup(ref r);
        return new NodeJoined(node, r.Bool() ? ModelCodec.ReadType(ref r) : null);
    }
}
