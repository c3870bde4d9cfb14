using Gigawatt.Execution;
using Gigawatt.Journal;
using Xunit;

namespace Gigawatt.Tests.Simulation.Checkers;

/// <summary>The journal's bytes are enough to have the cell again: a second loop that knows only them decides the same.</summary>
internal sealed class ReplayChecker(World world) : IChecker
{
    private readonly EventCodec _codec = new();
    private readonly CommandList _commands = new();
    private readonly ControlLoop _second = new(world.NewPolicy());

    public void Check(World world)
    {
        JournalEntry entry = EventCodec.Decode(_codec.Encode(new JournalEntry(world.Last.At, world.Last.Event)).Span);
        _commands.Clear();
        _second.Step(entry.Event, entry.At, _commands);
        Assert.Equal(world.Cell.Hash, _second.State.Hash);
        Assert.Equal(world.Loop.NextDeadline, _second.NextDeadline);
    }

    public void CheckEnd(World world) => Assert.True(Snapshot.Save(world.Loop).AsSpan().SequenceEqual(Snapshot.Save(_second)), "the replayed state differs");
}
