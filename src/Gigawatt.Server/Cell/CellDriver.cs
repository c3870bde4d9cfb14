using System.Threading.Channels;
using Gigawatt.Admission;
using Gigawatt.Execution;
using Gigawatt.Journal;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Server.Cell;

/// <summary>Carries out commands. Called on the driver's thread, after the events that led to them are on the disk.</summary>
internal interface ICommandCarrier
{
    /// <summary>Carries out the commands of a batch, in order. Must not wait long and must not throw.</summary>
    void Carry(ControlLoop loop, ReadOnlySpan<Command> commands);
}

/// <summary>Drives the control loop on a thread of its own: the one place where real time meets it.</summary>
/// <remarks>
/// Work arrives from any thread and is taken in batches. For each batch: every event is stepped, all are journalled with one write
/// and one fsync, then the commands are carried out, then whoever waits is answered. So nothing is acknowledged or done that
/// a crash could forget. When the journal cannot be written the driver stops for good: going on would promise what it cannot keep.
/// </remarks>
internal sealed class CellDriver : IAsyncDisposable
{
    private const int BatchMax = 512;
    private readonly Channel<Work> _inbox = Channel.CreateUnbounded<Work>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ControlLoop _loop;
    private readonly CellStore _store;
    private readonly ICommandCarrier _carrier;
    private readonly TimeProvider _time;
    private readonly Action<Exception> _onFailure;
    private readonly CommandList _commands = new();
    private readonly ITimer _timer;
    private readonly Thread _thread;

    public CellDriver(ControlLoop loop, CellStore store, ICommandCarrier carrier, TimeProvider time, Action<Exception> onFailure)
    {
        _loop = loop;
        _store = store;
        _carrier = carrier;
        _time = time;
        _onFailure = onFailure;
        _timer = time.CreateTimer(static driver => ((CellDriver)driver!).Post(new TimePassed()), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _thread = new Thread(Run) { Name = "cell", IsBackground = true };
    }

    /// <summary>Begins to take work.</summary>
    public void Start()
    {
        SetTimer();
        _thread.Start();
    }

    /// <summary>Hands an event over and does not wait.</summary>
    public void Post(Event happened) => _inbox.Writer.TryWrite(new EventWork(happened));

    /// <summary>Hands an event over; completes when it is on the disk and its commands were carried out.</summary>
    public Task ApplyAsync(Event happened, CancellationToken cancellationToken) => Enqueue(new EventWork(happened), cancellationToken);

    /// <summary>Answers a question about the loop's state, between two batches.</summary>
    public Task<T> AskAsync<T>(Func<ControlLoop, T> question, CancellationToken cancellationToken) =>
        Enqueue(new QuestionWork<T>(question), cancellationToken);

    /// <summary>Submits a job. Completes when the job is on the disk, with its number; or at once with why it is refused.</summary>
    public Task<Submission> SubmitAsync(JobSpec spec, CancellationToken cancellationToken) => Enqueue(new SubmitWork(spec), cancellationToken);

    /// <summary>Takes no more work, finishes what it has, and writes a snapshot.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        _inbox.Writer.TryComplete();
        if (_thread.IsAlive) { await Task.Run(_thread.Join); }
        _store.WriteSnapshot(_loop);
    }

    private Task<T> Enqueue<T>(Work<T> work, CancellationToken cancellationToken) =>
        _inbox.Writer.TryWrite(work)
            ? work.Completion.WaitAsync(cancellationToken)
            : Task.FromException<T>(new InvalidOperationException("The server is stopping."));

    private void Run()
    {
        var batch = new List<Work>(BatchMax);
        var frames = new List<ReadOnlyMemory<byte>>(BatchMax);
        try
        {
            while (_inbox.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (batch.Count < BatchMax && _inbox.Reader.TryRead(out Work? work)) { batch.Add(work); }
                foreach (Work work in batch) { StepOne(work, frames); }
                if (frames.Count > 0) { _store.Append(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(frames)); }
                _carrier.Carry(_loop, _commands.Items);
                foreach (Work work in batch) { work.Finish(_loop); }
                if (frames.Count > 0) { _store.SnapshotWhenDue(_loop); }
                batch.Clear();
                frames.Clear();
                _commands.Clear();
                SetTimer();
            }
        }
        catch (Exception e)
        {
            _inbox.Writer.TryComplete(e);
            foreach (Work work in batch) { work.Fail(e); }
            while (_inbox.Reader.TryRead(out Work? work)) { work.Fail(e); }
            _onFailure(e);
        }
    }

    private void StepOne(Work work, List<ReadOnlyMemory<byte>> frames)
    {
        if (work.Decide(_loop) is not { } happened) { return; }
        var entry = new JournalEntry(Instant.From(_time.GetUtcNow()), happened);
        frames.Add(_store.Encode(entry));
        _loop.Step(happened, entry.At, _commands);
    }

    private void SetTimer()
    {
        Instant next = _loop.NextDeadline;
        TimeSpan due = next == Instant.Never ? Timeout.InfiniteTimeSpan : (next - Instant.From(_time.GetUtcNow())).ToTimeSpan();
        if (due != Timeout.InfiniteTimeSpan)
        {
            // A timer counts whole milliseconds and at most 49 days; one that comes too early is set again.
            due = TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(due.TotalMilliseconds), 0, 3_600_000));
        }

        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }
}
