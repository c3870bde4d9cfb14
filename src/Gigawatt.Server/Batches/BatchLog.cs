using System.Buffers.Binary;
using Gigawatt.Server.Durability;
using Gigawatt.Wire.Batches;

namespace Gigawatt.Server.Batches;

/// <summary>What became of the requests of a batch, as a journal: begun, put off, ended with a result.</summary>
/// <remarks>A request is noted as begun before anything is sent for it. After a crash, one that was begun and has no result is not
/// sent again: it may have been answered and charged.</remarks>
internal sealed class BatchLog : IDisposable
{
    private const int HeadLength = 5;
    private const int OutcomeLength = 1;

    private readonly FramedLog _log;

    private BatchLog(FramedLog log) => _log = log;

    private enum Kind : byte
    {
        Begun = 1,
        PutOff = 2,
        Ended = 3,
    }

    /// <summary>Opens or creates the log of a batch.</summary>
    public static BatchLog Open(string folder) => new(FramedLog.Open(Path.Combine(folder, "results.gwj"), out _));

    /// <summary>Notes that a request is about to be sent.</summary>
    public void Begin(int index) => Append(Kind.Begun, index, []);

    /// <summary>Notes that a request was refused for now and will be sent again.</summary>
    public void PutOff(int index) => Append(Kind.PutOff, index, []);

    /// <summary>Notes how a request ended.</summary>
    public void End(int index, BatchOutcome outcome, ReadOnlySpan<byte> line) => Append(Kind.Ended, index, [(byte)outcome, .. line]);

    /// <summary>Makes all of it survive a loss of power.</summary>
    public void Flush() => _log.Flush();

    /// <summary>Reads what became of each request: the outcome, or whether it was begun.</summary>
    public BatchProgress ReadProgress(int total)
    {
        var progress = new BatchProgress(total);
        FramedLogReader reader = _log.Read();
        while (reader.TryRead())
        {
            ReadOnlySpan<byte> frame = reader.Payload.Span;
            int index = BinaryPrimitives.ReadInt32LittleEndian(frame[1..]);
            switch ((Kind)frame[0])
            {
                case Kind.Begun: progress.Begin(index); break;
                case Kind.PutOff: progress.PutOff(index); break;
                default: progress.End(index, (BatchOutcome)frame[HeadLength]); break;
            }
        }

        return progress;
    }

    /// <summary>The lines of the results so far, in the order in which they came; each is valid until the next.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Lines()
    {
        FramedLogReader reader = _log.Read();
        while (reader.TryRead())
        {
            if ((Kind)reader.Payload.Span[0] == Kind.Ended) { yield return reader.Payload[(HeadLength + OutcomeLength)..]; }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _log.Dispose();

    private void Append(Kind kind, int index, ReadOnlySpan<byte> rest)
    {
        byte[] frame = new byte[HeadLength + rest.Length];
        frame[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(1), index);
        rest.CopyTo(frame.AsSpan(HeadLength));
        _log.Append(frame);
    }
}
