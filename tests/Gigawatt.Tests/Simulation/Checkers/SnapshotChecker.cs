using Gigawatt.Execution;
using Gigawatt.Journal;
using Xunit;

namespace Gigawatt.Tests.Simulation.Checkers;

/// <summary>A loop loaded from a snapshot goes on as the one it was taken of; a new snapshot takes its place now and then.</summary>
internal sealed class SnapshotChecker : IChecker
{
    private readonly CommandList _commands = new();
    private ControlLoop? _loaded;

    public void Check(World world)
    {
        if (_loaded is not null)
        {
            _commands.Clear();
            _loaded.Step(world.Last.Event, world.Last.At, _commands);
            Assert.Equal(world.Cell.Hash, _loaded.State.Hash);
            Assert.Equal(world.Loop.NextDeadline, _loaded.NextDeadline);
        }

        if (world.Events % 16 != 0) { return; }
        byte[] bytes = Snapshot.Save(world.Loop);
        _loaded = Snapshot.Load(bytes, world.NewPolicy());
        Assert.True(bytes.AsSpan().SequenceEqual(Snapshot.Save(_loaded)), "a loaded snapshot saves as something else");
    }
}
