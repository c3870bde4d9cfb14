using Gigawatt.Admission.Queues;
using Gigawatt.Agents.Node;
using Gigawatt.Configuration;
using Gigawatt.Execution;
using Gigawatt.Placement;
using Gigawatt.Server.Batches;
using Gigawatt.Server.Cell;
using Gigawatt.Server.Durability;
using Gigawatt.Server.Identity;
using Gigawatt.Server.Ledger;
using Gigawatt.Server.Remote;
using Gigawatt.Server.Responses;
using Gigawatt.Server.Tasks;

namespace Gigawatt.Server.Hosting;

/// <content>Stores, the control loop and what carries its commands out.</content>
internal sealed partial class ServerHost
{
    private void OpenStores()
    {
        Folder = Own(DataFolder.Open(_settings.DataFolder));
        Ledger = Own(UsageLedger.Open(Folder.Ledger));
        Usage = Own(UsageJournal.Open(Folder.Usage, Ledger, out _usageRecovery));
        Identities = Own(Identities.Open(Folder.Root, Ledger, _time, Usage));
        ConfiguredIdentities.Adopt(Identities, _settings.Config);
        _firstKey = Identities.CreateFirstKey();
        Batches = Own(BatchStore.Open(Folder.Batches));
        Responses = Own(ResponseStore.Open(Folder.Responses));
        Logs = new TaskLogs(Folder.Logs);
        Policy = NewPolicy();
    }

    private IPlacementPolicy NewPolicy() => PlacementPolicies.Create(_settings.PolicyName, new PlacementOptions())!;

    private async Task StartCellAsync(CancellationToken cancellationToken)
    {
        CellStore store = Own(CellStore.Open(Folder.Cell, Policy, usage => Usage.Settle(usage), out ControlLoop loop, out _recovery));
        Agent = _settings.ThisMachine is null ? null : OpenAgent();
        if (Agent is not null) { _parts.Push(Agent); }
        Remote = new RemoteNodes(_time, _settings.Config.AgentLease.ToTimeSpan(), _settings.Config.AgentLostAfter.ToTimeSpan());
        LocalRunner? local = Agent is null ? null : new LocalRunner(Agent, Logs);
        var simulated = new SimulatedRunner(_time, Logs, happened => Driver.Post(happened));
        _parts.Push(simulated);
        string? localName = _settings.ThisMachine?.Name;
        var dispatcher = new TaskDispatcher(Usage, Waiters, simulated, name => name == localName ? local! : Remote.Of(name));
        Driver = new CellDriver(loop, store, dispatcher, _time, Fail);
        _parts.Push(Driver);
        Driver.Start();

        await DescribeAsync(cancellationToken);
        await Driver.AskAsync(resumed =>
        {
            dispatcher.Resume(resumed);
            local?.StopUnexpected(resumed);
            Remote.Watch(resumed.State.Fleet);
            return true;
        }, cancellationToken);
        if (local is not null) { Background(local.ForwardAsync(Driver, _stopping.Token)); }
        Background(Remote.WatchContactAsync(Driver, _stopping.Token));
    }

    private async Task DescribeAsync(CancellationToken cancellationToken)
    {
        await Driver.ApplyAsync(new FleetDescribed(_settings.Fleet), cancellationToken);
        if (_settings.ThisMachine is { } node) { await Driver.ApplyAsync(new NodeJoined(node, _settings.ThisMachineType), cancellationToken); }
        foreach (TenantConfig tenant in _settings.Config.Tenants)
        {
            long? limit = tenant.AcceleratorQuota * 1000L;
            if (await Driver.AskAsync(loop => loop.State.Quotas.LimitOf(tenant.Name) != limit, cancellationToken))
            {
                await Driver.ApplyAsync(new QuotaSet(tenant.Name, limit), cancellationToken);
            }
        }

        QueueModel queues = _settings.Config.Queues;
        if (await Driver.AskAsync(loop => !QueueModel.AreSame(loop.State.Queues.Model, queues), cancellationToken))
        {
            await Driver.ApplyAsync(new QueuesSet(queues), cancellationToken);
        }
    }

    private NodeAgent OpenAgent()
    {
        try { return new NodeAgent(new NodeAgentOptions { DataFolder = Folder.Agent }, _time); }
        catch (IOException e) { throw new StoreException(StoreProblem.NotWritable, e.Message, e); }
    }

    // What runs beside the requests must not die unseen: the server stops when one of these does.
    private void Background(Task work) => _background.Add(WatchAsync(work));

    private async Task WatchAsync(Task work)
    {
        try { await work; }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested) { }
        catch (Exception e) when (!_stopping.IsCancellationRequested) { Fail(e); }
        catch (Exception) { /* It was stopped in the middle of something; the journal knows what was done. */ }
    }
}
