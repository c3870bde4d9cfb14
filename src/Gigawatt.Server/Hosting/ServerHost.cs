using Gigawatt.Agents.Node;
using Gigawatt.Execution;
using Gigawatt.Placement;
using Gigawatt.Server.Batches;
using Gigawatt.Server.Cell;
using Gigawatt.Server.Identity;
using Gigawatt.Server.Ledger;
using Gigawatt.Server.Remote;
using Gigawatt.Server.Responses;
using Gigawatt.Server.Tasks;
using Microsoft.AspNetCore.Builder;

namespace Gigawatt.Server.Hosting;

/// <summary>A running server: its stores, the control loop and its runners, and the web application before them.</summary>
/// <remarks>
/// Start: data folder, stores, control loop back from its journal, fleet and this machine described to it, runners told what should
/// run, HTTP last. Stop is the other way round; jobs of this machine go on and the next start adopts them.
/// </remarks>
internal sealed partial class ServerHost : IAsyncDisposable
{
    private readonly Settings _settings;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stack<IAsyncDisposable> _parts = new();
    private readonly List<Task> _background = [];
    private NewKey? _firstKey;
    private CellRecovery _recovery;
    private UsageRecovery _usageRecovery;

    private ServerHost(Settings settings, TimeProvider time)
    {
        _settings = settings;
        _time = time;
    }

    private DataFolder Folder { get; set; } = null!;

    private UsageLedger Ledger { get; set; } = null!;

    private UsageJournal Usage { get; set; } = null!;

    private BatchStore Batches { get; set; } = null!;

    private ResponseStore Responses { get; set; } = null!;

    private Identities Identities { get; set; } = null!;

    private IPlacementPolicy Policy { get; set; } = null!;

    private CellDriver Driver { get; set; } = null!;

    private NodeAgent? Agent { get; set; }

    private RemoteNodes Remote { get; set; } = null!;

    private TaskLogs Logs { get; set; } = null!;

    private JobWaiters Waiters { get; } = new();

    private WebApplication App { get; set; } = null!;

    private string Url { get; set; } = "";

    /// <summary>Starts everything; when something fails, what was started is stopped again.</summary>
    public static async Task<ServerHost> StartAsync(Settings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        var host = new ServerHost(settings, time);
        try
        {
            host.OpenStores();
            await host.StartCellAsync(cancellationToken);
            await host.StartWebAsync(cancellationToken);
            host.WatchConfig();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Serves until cancelled or until the server cannot go on.</summary>
    public async Task<int> ServeAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        Task<Exception> failed = _failed.Task;
        await Task.WhenAny(failed, Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken));
        if (failed.IsCompleted)
        {
            await options.Error.WriteLineAsync($"The server stops: {(await failed).Message}");
            return 1;
        }

        int running = await Driver.AskAsync(static loop => loop.State.Jobs.InOrder().Count(static j => Workloads.JobPhases.HoldsCapacity(j.Phase)), default);
        await options.Output.WriteLineAsync(running == 0
            ? "Stopping."
            : $"Stopping. {running} job{(running == 1 ? "" : "s")} of this machine go{(running == 1 ? "es" : "")} on; the next start adopts {(running == 1 ? "it" : "them")}.");
        return 0;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        while (_parts.TryPop(out IAsyncDisposable? part)) { await part.DisposeAsync(); }
        _stopping.Dispose();
    }

    private void Fail(Exception reason) => _failed.TrySetResult(reason);

    private T Own<T>(T part) where T : IDisposable
    {
        _parts.Push(part as IAsyncDisposable ?? new Disposing(part));
        return part;
    }

    private sealed class Disposing(IDisposable part) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            part.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
