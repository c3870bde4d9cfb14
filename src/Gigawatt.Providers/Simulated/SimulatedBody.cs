using Gigawatt.Models;
using Gigawatt.Units;

namespace Gigawatt.Providers.Simulated;

/// <summary>Bytes, and how long after the call they would have been generated.</summary>
internal readonly record struct PacedBytes(TimeSpan Due, byte[] Bytes);

/// <summary>When the tokens of an answer are due.</summary>
internal readonly record struct Pace(Duration First, Duration PerToken)
{
    internal static Pace Of(ModelFacts model, long inputTokens) => new(
        new(checked(model.TimeToFirstToken.Nanoseconds + model.PrefillPerToken.Nanoseconds * inputTokens)),
        model.TimePerOutputToken);

    /// <summary>Of the token with this index, counted from 0.</summary>
    internal TimeSpan Due(int token) => new Duration(checked(First.Nanoseconds + PerToken.Nanoseconds * token)).ToTimeSpan();
}

/// <summary>A body whose reads wait until the next bytes are due, and then return all that are.</summary>
internal sealed class SimulatedBody(IReadOnlyList<PacedBytes> parts, TimeProvider time) : ReadOnlyStream
{
    // Due times count from here, not from the read before, so that a slow reader does not slow the model down.
    private readonly long _start = time.GetTimestamp();
    private int _part;
    private int _offset;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_part == parts.Count || buffer.IsEmpty) { return 0; }
        TimeSpan elapsed = time.GetElapsedTime(_start);
        while (elapsed < parts[_part].Due)
        {
            // A timer counts whole milliseconds and may not fire early.
            TimeSpan wait = TimeSpan.FromMilliseconds(Math.Ceiling((parts[_part].Due - elapsed).TotalMilliseconds));
            await Task.Delay(wait, time, cancellationToken);
            elapsed = time.GetElapsedTime(_start);
        }

        int written = 0;
        while (_part < parts.Count && parts[_part].Due <= elapsed && written < buffer.Length)
        {
            ReadOnlySpan<byte> rest = parts[_part].Bytes.AsSpan(_offset);
            int take = Math.Min(rest.Length, buffer.Length - written);
            rest[..take].CopyTo(buffer.Span[written..]);
            written += take;
            _offset += take;
            if (_offset < parts[_part].Bytes.Length) { break; }
            _part++;
            _offset = 0;
        }

        return written;
    }
}
